"""Maps of a run's codes, pixels or activations: made once, kept by their content, found again at once.

``request`` is a dictionary with the fields of ``core.analysis.maps.request.MapRequest``; ``run`` may be a unique
beginning of the id and ``step`` None, the last weights. What these return names the map by ``run`` and ``key``.
"""

from typing import Any

from core.analysis import maps, trust
from core.errors import BadInput
from core.inference import warming
from core.inference.map_making import Progress, estimated, made, stages, told
from core.inference.mapped import Wanted, kept, wanted
from core.runs import Store

__all__ = ["map_stability", "project", "project_estimate"]

SEEDS = 3
LAST_SEED = 2**31


def project(request: dict[str, Any], progress: Progress | None = None) -> dict[str, Any]:
    """Make a map, or find it: ``run``, ``key``, ``count`` of ``total`` examples, ``facts``, ``trust``, ``seconds``.

    ``cached`` tells whether it was there; ``seconds`` are those it once took. The map itself is kept by
    ``core.runs.maps``: arrays ``at`` (n, dims) float32, ``position``, ``index``, ``y`` (n,) int32 (-1: no class), for a
    method that moves, or over training, ``frames`` (k, n, dims) float16 and ``steps`` (k,) int32, and what the method
    needs later under ``state/``; meta ``request``, ``title``, ``axes``, ``facts``, ``trust``
    (``core.analysis.trust``), ``counts`` (of each class), ``count``, ``total``, ``classes``, ``seconds``, ``kind`` and
    ``shape`` of the data, ``step_unit``. Over training there is a frame for each snapshot of the run, of the probe's
    rows, each map begun where the one before ended; ``trust`` is that of the last.

    While it is made ``progress(share, text)`` hears of it, and ``KeptMaps.live`` has what it looks like.
    """
    asked = wanted(request)
    found = Store().maps.read(asked.run.id, asked.key)
    if found is not None:
        return _answer(asked, found[1], cached=True)
    warming.choose_cache()
    _, meta = made(asked, told(progress))
    return _answer(asked, meta, cached=False)


def project_estimate(request: dict[str, Any]) -> dict[str, Any]:
    """About how many ``seconds`` a map will take, 0 where it is kept (``cached``); ``run``, ``key``.

    ``warm_up`` are the seconds that a worker takes longer which is not warm (``core.compute.Compute.warm``); ``count``
    of ``total`` examples; ``maps`` to be fitted, of all snapshots over training. Raises ``BadInput`` where
    the map cannot be made.
    """
    asked = wanted(request)
    names = {"run": asked.run.id, "key": asked.key}
    found = Store().maps.read(asked.run.id, asked.key)
    if found is not None:
        meta = found[1]
        size = {"count": meta["count"], "total": meta["total"]}
        return {**names, "cached": True, "seconds": 0.0, "warm_up": 0.0, **size, "maps": 0}
    expected = estimated(asked)
    del expected["stages"]
    return {**names, "cached": False, "warm_up": warming.seconds(asked.request.method), **expected}


def map_stability(request: dict[str, Any], progress: Progress | None = None) -> dict[str, Any]:
    """How far the map agrees with those of the next two seeds: see ``core.analysis.trust.stability``.

    Beside it ``keys`` of the three maps, each kept like any other, and their ``seeds``. Raises ``BadInput`` for a
    method without a seed, and over training.
    """
    asked = wanted(request)
    method, settings = maps.get(asked.request.method), asked.request.settings
    if "seed" not in settings:
        raise BadInput(f"{method.TITLE} has no chance in it: every seed gives the same map.")
    if asked.request.over == "training":
        raise BadInput.of_fields({"over": "Seeds are compared on one snapshot, not over training."})
    seeds = [(settings["seed"] + more) % LAST_SEED for more in range(SEEDS)]
    whole = asked.request.model_dump(mode="json")
    parts = stages(told(progress), [1.0] * SEEDS + [0.2])
    found = []
    for number, (seed, part) in enumerate(zip(seeds, parts, strict=False), 1):
        one = {**whole, "settings": {**settings, "seed": seed}}
        found.append(project(one, _numbered(part, number)))
    at = [kept(one["run"], one["key"]).values["at"] for one in found]
    agreed = trust.stability(at, progress=parts[-1])
    return {"run": asked.run.id, "keys": [one["key"] for one in found], "seeds": seeds, **agreed}


def _numbered(part: Progress, number: int) -> Progress:
    return lambda share, text: part(
        share, f"Seed {number} of {SEEDS}: {text[:1].lower()}{text[1:]}"
    )


def _answer(asked: Wanted, meta: dict[str, Any], *, cached: bool) -> dict[str, Any]:
    names = ("title", "count", "total", "facts", "trust", "seconds")
    answer = {name: meta[name] for name in names}
    return {"run": asked.run.id, "key": asked.key, **answer, "cached": cached}

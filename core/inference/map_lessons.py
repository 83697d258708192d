"""How maps mislead: t-SNE of data whose shape is known, beside what the eye reads off it."""

import hashlib
import json
from typing import Any

import numpy as np

from core.analysis import known_shapes as shapes
from core.analysis import maps
from core.analysis.maps.request import FORMAT
from core.errors import BadInput
from core.fields import validated
from core.inference import asking
from core.inference.map_making import Progress, stages, told
from core.runs import Store

__all__ = ["known_shapes"]

METHOD = "tsne"
KEPT = "known-shapes"  # in the place of a run's id
PERPLEXITIES = (5.0, 30.0, 100.0)
MOST = 5
DIGITS = 20


def known_shapes(
    perplexities: Any = PERPLEXITIES, seed: int = 0, progress: Progress | None = None
) -> dict[str, Any]:
    """Every shape of ``core.analysis.known_shapes``, drawn by ``seed``, as t-SNE shows it at up to five perplexities.

    ``shapes``: for each its ``name``, ``title``, ``about``, ``lesson``, ``parts``, ``y`` (n,), ``vectors`` (n, d) and
    ``maps``: for each perplexity ``perplexity``, ``at`` (n, 2), ``facts`` and ``reads``, what the eye reads off it
    beside the truth. Maps are kept like any others. Raises ``BadInput`` for a perplexity that the shapes do not allow.
    """
    asking.seed(seed)
    known = [shapes.shape(name, seed) for name in shapes.SHAPES]
    method = maps.get(METHOD)
    chosen = [
        validated(method.Settings, {"perplexity": one, "seed": seed})
        for one in _checked(perplexities)
    ]
    for shape in known:
        for settings in chosen:
            method.check(settings, *shape.vectors.shape, 2)
    costs = [
        method.seconds(settings, *shape.vectors.shape, 2) for shape in known for settings in chosen
    ]
    parts = iter(stages(told(progress), costs))
    return {
        "shapes": [
            {
                "name": shape.name,
                "title": shape.title,
                "about": shape.about,
                "lesson": shape.lesson,
                "parts": list(shape.parts),
                "y": shape.y,
                "vectors": shape.vectors,
                "maps": [_map(shape, settings, next(parts)) for settings in chosen],
            }
            for shape in known
        ]
    }


def _map(shape: shapes.Shape, settings: Any, progress: Progress) -> dict[str, Any]:
    """One shape at one perplexity, made or found."""
    store, asked = Store().maps, {"shape": shape.name, **settings.model_dump(mode="json")}
    whole = {"format": FORMAT, **asked, "vectors": hashlib.sha256(shape.vectors).hexdigest()}
    text = json.dumps(whole, sort_keys=True)
    key = hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
    found = store.read(KEPT, key)
    if found is None:

        def tell(share: float, text: str) -> None:
            progress(
                share,
                f"{shape.title}, perplexity {settings.perplexity:g}: {text[:1].lower()}{text[1:]}",
            )

        made = maps.get(METHOD).fit(shape.vectors, settings, 2, progress=tell)
        found = {"at": made.at}, {"request": asked, "facts": made.facts}
        store.write(KEPT, key, *found)
        progress(1.0, shape.title)
    at = found[0]["at"]
    reads = shapes.what_one_reads(at, shape)
    return {"perplexity": settings.perplexity, "at": at, "facts": found[1]["facts"], "reads": reads}


def _checked(perplexities: Any) -> list[float]:
    """Different numbers, in the order given."""
    try:
        numbers = [float(one) for one in perplexities]
    except (TypeError, ValueError):
        numbers = []
    if not 1 <= len(numbers) <= MOST or not np.isfinite(numbers).all():
        raise BadInput.of_fields({"perplexities": f"1 to {MOST} numbers."})
    return list(dict.fromkeys(numbers))

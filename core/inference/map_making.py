"""How a map is made: its vectors read, laid out by a method, its trust measured, all of it told on the way."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from core.analysis import maps, trust
from core.analysis.maps.base import Projection
from core.analysis.vectors import LAYER, vectors
from core.datasets.base import Data
from core.errors import NoSuchRun
from core.inference import asking, map_speed, warming
from core.inference.map_offers import offers
from core.inference.mapped import VECTORS, Wanted, codes_over_training, rows_of
from core.inference.weights import data_of, load
from core.runs import Store

__all__ = ["Progress", "estimated", "made", "stages", "told", "total_of"]

Progress = Callable[[float, str], None]
LIVE_SECONDS = 0.2  # between two frames of a map that is being made
TOLD_SECONDS = 0.05
DONE = 1 - 1e-9
TIMED = 500  # examples read to know how long all take


def told(progress: Progress | None) -> Progress:
    """``progress``, called no more often than one can read, and at the end; for None a function that does nothing."""
    last = -math.inf

    def tell(share: float, text: str) -> None:
        nonlocal last
        now = time.monotonic()
        if progress is not None and (now - last >= TOLD_SECONDS or share > DONE):
            last = now
            progress(share, text)

    return tell


def stages(progress: Progress, seconds: list[float]) -> list[Progress]:
    """For each of several stages of so many ``seconds`` a function that tells its share of the whole."""
    ends = np.cumsum([0.0, *(max(one, 1e-3) for one in seconds)])
    ends = (ends / ends[-1]).tolist()

    def stage(low: float, high: float) -> Progress:
        return lambda share, text: progress(low + (high - low) * min(max(share, 0.0), 1.0), text)

    return [stage(*pair) for pair in pairwise(ends)]


def estimated(asked: Wanted) -> dict[str, Any]:
    """``seconds`` in the three ``stages`` (reading, fitting, measuring) of a map, ``count`` of ``total`` examples.

    Raises what making it would: ``BadInput`` where the method cannot map so many such vectors.
    """
    request = asked.request
    data, method = data_of(asked.run), maps.get(request.method)
    rows, settings = rows_of(request, data), request.chosen()
    if request.over == "training":
        known, _ = codes_over_training(asked.run)
        widths, reading = [codes.shape[1] for codes in known.values()], 0.0
    else:
        width, reading = _reading(asked, data, rows)
        widths = [width]
    for width in widths:
        method.check(settings, len(rows), width, request.dims)
    fits = [_cost(asked, len(rows), width, k > 0) for k, width in enumerate(widths)]
    measuring = map_speed.measuring_seconds(len(rows), widths[-1])
    parts = [
        reading,
        sum(fits) * map_speed.factor(request.method),
        measuring * map_speed.factor(map_speed.MEASURING),
    ]
    count, total = len(rows), total_of(asked, data)
    return {
        "seconds": sum(parts),
        "stages": parts,
        "count": count,
        "total": total,
        "maps": len(widths),
    }


def total_of(asked: Wanted, data: Data) -> int:
    """How many examples there are to choose from: the split's, or the probe's."""
    if asked.request.over == "training":
        return len(rows_of(asked.request, data))
    return len(data.splits[asked.request.split])


def made(asked: Wanted, progress: Progress) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Make a map and keep it: its arrays and meta, as ``core.inference.maps.project`` says.

    Raises ``BadInput`` for vectors that cannot be mapped, ``NoSuchRun`` where the run was removed meanwhile.
    """
    begun = time.perf_counter()
    expected = estimated(asked)
    reading, fitting, measuring = stages(progress, expected["stages"])
    data, request = data_of(asked.run), asked.request
    rows = rows_of(request, data)
    live = Live(asked, data, rows)
    try:
        if request.over == "training":
            projection, last = _over_training(asked, fitting, live)
        else:
            loaded = load(asked.run.id, request.step)
            last = vectors(loaded.model, data, rows, request.of, reading)
            projection = _fitted(asked, last, fitting, live.watch)
        live.show(projection)
        figures = _measured(last, projection.at, measuring)
        values = {**live.fixed, "at": projection.at, **_film(projection)}
        values |= {f"state/{name}": array for name, array in projection.state.items()}
        if request.over == "training":
            values[VECTORS] = last.astype(np.float16)
        meta = live.about | {
            "axes": axes_of(asked, projection),
            "facts": projection.facts,
            "trust": figures,
            "seconds": time.perf_counter() - begun,
        }
        _keep(asked, values, meta)
    finally:
        Store().maps.hide(asked.run.id, asked.key)
    return values, meta


def axes_of(asked: Wanted, projection: Projection) -> list[str]:
    """What stands at the axes of a map."""
    request, method = asked.request, maps.get(asked.request.method)
    shares = projection.facts.get("explained_variance_ratio")
    if shares:
        return [
            f"principal component {k} ({100 * share:.1f} % of the variance)"
            for k, share in enumerate(shares, 1)
        ]
    numbers = range(1, request.dims + 1)
    if hasattr(method, "back"):
        return [f"{'x' if request.of == 'pixels' else 'unit'} {k}" for k in numbers]
    return [f"{method.TITLE} {k} (no unit)" for k in numbers]


class Live:
    """What others see of a map while it is made: the arrays and the meta of a map, as far as they are known."""

    def __init__(self, asked: Wanted, data: Data, rows: np.ndarray):
        self.asked, self.maps, self.shown = asked, Store().maps, 0.0
        y = asking.labels(data, rows)
        self.fixed = {
            "position": rows.astype(np.int32),
            "index": data.index[rows].astype(np.int32),
            "y": y.astype(np.int32),
        }
        self.about = {
            "request": asked.request.model_dump(mode="json"),
            "title": title_of(asked, data),
            "axes": axes_of(asked, Projection(np.empty((0, asked.request.dims)))),
            "counts": np.bincount(y[y >= 0], minlength=len(data.classes)).tolist(),
            "count": len(rows),
            "total": total_of(asked, data),
            "classes": list(data.classes),
            "kind": data.kind,
            "shape": list(data.shape),
            "step_unit": "step" if asked.request.over == "training" else "iteration",
            **offers(asked),
        }

    def watch(self, step: int, at: np.ndarray) -> None:
        """Show the map ``at`` (n, dims) after ``step`` iterations, at most five times a second."""
        now = time.monotonic()
        if now - self.shown >= LIVE_SECONDS:
            self.shown = now
            self._show({"at": np.asarray(at, np.float32)}, {"step": step, "whole": False})

    def show(self, projection: Projection) -> None:
        """Show the map as it will be kept: nobody waits for its measures."""
        about = {"axes": axes_of(self.asked, projection), "facts": projection.facts, "whole": True}
        self._show({"at": projection.at, **_film(projection)}, about)

    def _show(self, values: dict[str, np.ndarray], about: dict[str, Any]) -> None:
        request = self.asked.request
        self.maps.show(request.run, self.asked.key, self.fixed | values, self.about | about)


def title_of(asked: Wanted, data: Data) -> str:
    """What one sees, in a few words."""
    of = asked.request.of
    pixels = "Pixels" if data.kind == "images" else "Data points"
    known = {"codes": "Codes", "pixels": pixels}
    what = known.get(of, f"Activations of {of.removeprefix(LAYER)}")
    when = " over training" if asked.request.over == "training" else ""
    return f"{what}{when} · {maps.get(asked.request.method).TITLE}"


def _reading(asked: Wanted, data: Data, rows: np.ndarray) -> tuple[int, float]:
    """How many numbers each vector has, and about how many seconds it takes to read them all."""
    loaded = load(asked.run.id, asked.request.step)
    begun = time.perf_counter()
    found = vectors(loaded.model, data, rows[:TIMED], asked.request.of)
    taken = time.perf_counter() - begun
    return found.shape[1], taken * len(rows) / max(len(found), 1)


def _fitted(
    asked: Wanted,
    found: np.ndarray,
    progress: Progress,
    watch: Callable[[int, np.ndarray], None],
    start: np.ndarray | None = None,
) -> Projection:
    """One map of ``found`` (n, d); how long it took counts for the next estimate."""
    request, method = asked.request, maps.get(asked.request.method)
    settings, begun = request.chosen(), time.perf_counter()
    projection = method.fit(
        found, settings, request.dims, start=start, progress=progress, watch=watch
    )
    taken = time.perf_counter() - begun
    if warming.is_warm(request.method):
        map_speed.learn(request.method, _cost(asked, *found.shape, start is not None), taken)
    warming.note(request.method)
    return projection


def _cost(asked: Wanted, n: int, d: int, started: bool) -> float:
    """The method's own estimate of one map in seconds."""
    request, method = asked.request, maps.get(asked.request.method)
    return method.seconds(request.chosen(), n, d, request.dims, started=started)


def _over_training(asked: Wanted, progress: Progress, live: Live) -> tuple[Projection, np.ndarray]:
    """A map of each snapshot, each begun where the one before ended; the last, the others its frames, and its codes."""
    known, left_out = codes_over_training(asked.run)
    costs = [_cost(asked, *codes.shape, k > 0) for k, codes in enumerate(known.values())]
    projection, frames = None, []
    for (step, codes), part in zip(known.items(), stages(progress, costs), strict=True):
        start = None if projection is None else projection.at
        number = f"Snapshot {len(frames) + 1} of {len(known)}"

        def tell(share: float, text: str, part: Progress = part, number: str = number) -> None:
            part(share, f"{number}: {text[:1].lower()}{text[1:]}")

        projection = _fitted(
            asked, codes, tell, lambda _, at, step=step: live.watch(step, at), start
        )
        live.watch(step, projection.at)
        frames.append(projection.at.astype(np.float16))
        part(1.0, number)
    facts = projection.facts | {"snapshots": len(known), "left_out": left_out}
    steps = np.array(list(known), np.int32)
    return replace(projection, frames=np.stack(frames), steps=steps, facts=facts), codes


def _measured(found: np.ndarray, at: np.ndarray, progress: Progress) -> dict[str, Any]:
    begun = time.perf_counter()
    figures = trust.trust(found, at, progress=progress)
    taken = time.perf_counter() - begun
    map_speed.learn(map_speed.MEASURING, map_speed.measuring_seconds(*found.shape), taken)
    return figures


def _film(projection: Projection) -> dict[str, np.ndarray]:
    if projection.frames is None:
        return {}
    return {
        "frames": projection.frames.astype(np.float16),
        "steps": projection.steps.astype(np.int32),
    }


def _keep(asked: Wanted, values: dict[str, np.ndarray], meta: dict[str, Any]) -> None:
    store = Store()
    store.maps.write(asked.run.id, asked.key, values, meta)
    try:
        store.get(asked.run.id)
    except NoSuchRun:
        store.maps.remove(asked.run.id)
        raise NoSuchRun("The run was removed while its map was being made.") from None

"""Questions about the points of a kept map: colours, neighbours, what lies at a place, where new examples belong.

``run`` and ``key`` name the map as ``core.inference.maps.project`` returns them. A point is meant by its ``position``
in the data set or by its row in the map. Images come as uint8 (n, C, H, W), points as float32 (n, D).
"""

import math
from collections import OrderedDict
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from core.analysis import clusters, columns, maps
from core.analysis.neighbours import cosines, distances, nearest
from core.analysis.passes import BATCH, batches, device_of, quiet
from core.analysis.posteriors import takes_class
from core.analysis.vectors import LAYER, layers, vectors
from core.datasets.base import Data
from core.errors import BadInput
from core.inference import asking, warming
from core.inference.coded import class_given, shown
from core.inference.mapped import Kept, check_weights, kept, projection_of, vectors_of
from core.inference.weights import Loaded, load
from core.models.base import abilities
from core.runs import Store

__all__ = [
    "map_choices",
    "map_clusters",
    "map_column",
    "map_decode",
    "map_images",
    "map_near",
    "map_place",
]

NEIGHBOURS = 100
METRICS = ("euclidean", "cosine")
SHOWN = 64
PLACED = 1000
COLUMNS = 32  # that are remembered

_columns: "OrderedDict[tuple, dict[str, Any]]" = OrderedDict()


def map_choices(run: str, step: int | None = None) -> dict[str, Any]:
    """What can be mapped and what a map can be coloured by: ``codes`` (whether there are any), ``layers``, ``columns``.

    See ``core.analysis.vectors.layers`` and ``core.analysis.columns.available``; ``samples`` tells whether the model
    can draw examples to place.
    """
    loaded = load(run, step)
    able = abilities(loaded.model)
    return {
        "codes": "encode" in able,
        "samples": "sample" in able,
        "layers": layers(loaded.model, loaded.data),
        "columns": columns.available(loaded.model, loaded.data),
    }


def map_column(run: str, key: str, name: str) -> dict[str, Any]:
    """A value for each point: ``values`` (n,) float32 and the other fields of ``core.analysis.column.Column``."""
    return _column(kept(run, key), name)


def map_clusters(run: str, key: str, method: str, parameter: int) -> dict[str, Any]:
    """Clusters of the vectors, by ``kmeans`` with so many, or by ``hdbscan`` with at least so many points in each.

    ``labels`` (n,) int32, -1 noise, and how far they agree with the classes: ``figures`` and ``sentence`` as in
    ``core.analysis.clusters.agreement``.
    """
    found = kept(run, key)
    asking.choice("method", method, ("kmeans", "hdbscan"))
    asking.whole("parameter", parameter, 2, len(found.rows))
    labels = _column(found, f"{method}:{parameter}")["values"].astype(np.int32)
    return {"labels": labels, **clusters.agreement(labels, found.values["y"])}


def _column(found: Kept, name: str) -> dict[str, Any]:
    """The column, remembered: figures of clusters and their colours are asked for one after the other."""
    known = (Store().home, found.run.id, found.key, name)
    if known not in _columns:
        values = vectors_of(found)
        column = columns.column(name, _loaded(found).model, found.data, found.rows, values)
        _columns[known] = {**vars(column), "names": list(column.names)}
        while len(_columns) > COLUMNS:
            _columns.popitem(last=False)
    return dict(_columns[known])


def map_near(
    run: str, key: str, position: int, k: int = 9, metric: str = "euclidean"
) -> dict[str, Any]:
    """The ``k`` points nearest to the one at ``position`` among the vectors that were mapped, itself left out.

    ``place`` (k,) int32, their rows in the map, the nearest first; ``distance`` (k,) float32, Euclidean in the vectors'
    units, or ``cosine``: 1 - cos of the angle, from 0 to 2; ``position``, ``index``, ``y`` (k,).
    """
    found = kept(run, key)
    asking.whole("k", k, 1, NEIGHBOURS)
    asking.choice("metric", metric, METRICS)
    row = _row(found, position)
    values = vectors_of(found)
    apart = (distances if metric == "euclidean" else cosines)(values, values[row])
    others = np.flatnonzero(np.arange(len(values)) != row)
    place = others[nearest(apart[others], k)]
    answer = {name: found.values[name][place] for name in ("position", "index", "y")}
    return {"place": place.astype(np.int32), "distance": apart[place].astype(np.float32), **answer}


def map_decode(run: str, key: str, at: Any, y: int | None = None) -> dict[str, Any]:
    """What lies at the places ``at`` (m, dims) of a map that has a way back: ``x`` (m, …).

    Of codes that is what the decoder makes of the code there, with class ``y`` where it takes one; of pixels the
    pixels there. Raises ``BadInput`` for t-SNE and UMAP, which have no way back, and for a layer's activations.
    """
    found = kept(run, key)
    method, of = maps.get(found.request.method), found.request.of
    if not hasattr(method, "back"):
        raise BadInput(
            f"{method.TITLE} has no way back: no code belongs to a place between its points. "
            "Ask on a PCA map, or on that of a 2-D code."
        )
    if of.startswith(LAYER):
        raise BadInput("The activations of a layer cannot be decoded; map the codes or the pixels.")
    try:
        places = np.atleast_2d(np.asarray(at, np.float32))
    except (TypeError, ValueError):
        raise BadInput("at: not a rectangular list of numbers.") from None
    if places.ndim != 2 or places.shape[1] != found.request.dims or len(places) > PLACED:
        raise BadInput(f"at: up to {PLACED:,} places of {found.request.dims} numbers each.")
    if not np.isfinite(places).all():
        raise BadInput("at: every number must be finite.")
    there = method.back(projection_of(found), places)
    if of == "pixels":
        return {"x": asking.as_shown(found.data, there.reshape(-1, *found.data.shape))}
    check_weights(found)
    loaded = _loaded(found)
    loaded.ability("decode")
    return {"x": shown(loaded, there, class_given(loaded, y))}


def map_images(run: str, key: str, places: Any) -> dict[str, Any]:
    """The examples at up to 64 rows of the map: ``x`` and, where the model makes them, reconstructions ``x_hat``.

    Beside them ``position``, ``index``, ``y`` (m,).
    """
    found = kept(run, key)
    chosen = np.asarray(places)
    if chosen.ndim != 1 or not 1 <= len(chosen) <= SHOWN or chosen.dtype.kind not in "iu":
        raise BadInput(f"places: 1 to {SHOWN} rows of the map.")
    if not ((chosen >= 0) & (chosen < len(found.rows))).all():
        raise BadInput(f"places: this map has rows 0 to {len(found.rows) - 1:,}.")
    data, rows = found.data, found.rows[chosen]
    answer = {name: found.values[name][chosen] for name in ("position", "index", "y")}
    answer["x"] = data.x[rows]
    loaded = _loaded(found)
    if "reconstruct" in abilities(loaded.model):
        batch = next(batches(data, rows, device_of(loaded.model)))
        with quiet(loaded.model, 0) as generator:
            x_hat = loaded.model.reconstruct(batch.x, generator, batch.y)
        answer["x_hat"] = asking.as_shown(data, x_hat)
    return answer


def map_place(
    run: str,
    key: str,
    pixels: bytes | None = None,
    samples: int | None = None,
    seed: int = 0,
    y: int | None = None,
) -> dict[str, Any]:
    """Where new examples belong in a map, which does not move: ``at`` (m, dims) float32, and they, ``x`` (m, …).

    Either one image by its ``pixels``, bytes in the order (C, H, W), or ``samples`` that the model draws by ``seed``; a
    model that is told a class takes ``y``. Raises ``BadInput`` where the method cannot place, or the model not draw.
    """
    found = kept(run, key)
    method = maps.get(found.request.method)
    if not hasattr(method, "place"):
        raise BadInput(f"{method.TITLE} cannot place new points without moving the map.")
    if (pixels is None) == (samples is None):
        raise BadInput("pixels: give either an image's pixels or a number of samples.")
    if found.request.of != "pixels":
        check_weights(found)
    loaded = _loaded(found)
    given = class_given(loaded, 0 if y is None and takes_class(loaded.model) else y)
    if pixels is not None:
        x = _drawn(found.data, pixels)
    else:
        x = _sampled(loaded, asking.whole("samples", samples, 1, PLACED), asking.seed(seed), given)
    new = vectors(loaded.model, _data_of(found.data, x, given), np.arange(len(x)), found.request.of)
    if not np.isfinite(new).all():
        raise BadInput(
            "What the model makes of these examples are no numbers; its training has diverged."
        )
    warming.choose_cache()
    settings = found.request.chosen()
    at = method.place(vectors_of(found), projection_of(found), settings, new)
    return {"at": at.astype(np.float32), "x": x}


def _loaded(found: Kept) -> Loaded:
    return load(found.run.id, found.request.step)


def _row(found: Kept, position: Any) -> int:
    """The row of the example at ``position`` of the data set."""
    asking.position(found.data, position)
    there = np.flatnonzero(found.values["position"] == position)
    if not len(there):
        raise BadInput(f"position: example {position:,} is not on this map.")
    return int(there[0])


def _drawn(data: Data, pixels: bytes) -> np.ndarray:
    """One image (1, C, H, W) uint8."""
    size = math.prod(data.shape)
    if data.kind != "images":
        raise BadInput("pixels: these data are points; only an image can be placed.")
    if len(pixels) != size:
        raise BadInput(f"pixels: these images are {size} bytes each, this one is {len(pixels)}.")
    return np.frombuffer(pixels, np.uint8).reshape(1, *data.shape).copy()


def _sampled(loaded: Loaded, n: int, seed: int, y: int | None) -> np.ndarray:
    """``n`` examples that the model draws, as its data are: uint8 (n, C, H, W) or float32 (n, D)."""
    draw = loaded.ability("sample")
    with quiet(loaded.model, seed) as generator:
        x = [
            draw(count, generator, asking.one_class(loaded, y, count))
            for count in (min(BATCH, n - done) for done in range(0, n, BATCH))
        ]
    return asking.as_shown(loaded.data, torch.cat(x))


def _data_of(data: Data, x: np.ndarray, y: int | None) -> Data:
    """Data of the same kind whose rows are the examples ``x`` (m, …)."""
    rows = np.arange(len(x))
    splits = {name: rows if name == "test" else rows[:0] for name in data.splits}
    classes = None if y is None else np.full(len(x), y)
    return replace(
        data, x=x, splits=splits, index=rows, y=classes, target=None, factors={}, factor_info={}
    )

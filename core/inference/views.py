"""What the exploring pages ask of one run: its reconstructions, its neighbourhoods, its code, its layers.

Arguments as in ``core.inference.answers``. Images come as uint8 (n, C, H, W), points as float32 (n, D); ``index`` is
the row in the source file and ``position`` the place in the data set, by which an example is asked for again.
``y`` are classes, -1 where the data have none; ``classes`` are their names.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from core.analysis import activations as layers
from core.analysis import codes, reconstruction
from core.analysis.neighbours import distances, nearest
from core.analysis.passes import batches, device_of
from core.inference import asking
from core.inference.weights import Loaded, load

__all__ = ["activations", "code_statistics", "neighbours", "reconstructions"]

SHOWN = 256
SURVEYED = 10_000
DAMAGED = 2_000  # a level is chosen with a slider, and each place of it is another question
SEARCHED = 20_000
NEIGHBOURS = 50
CODED = 20_000
BINS = 200


def reconstructions(
    run: str,
    split: str = "test",
    step: int | None = None,
    order: str = "first",
    n: int = 24,
    seed: int = 0,
    corruption: str = "none",
    level: float = 0.0,
) -> dict[str, Any]:
    """``n`` examples and what the model makes of them, by ``order`` first, best, worst or random.

    ``x``, ``x_hat`` and, with a ``corruption``, ``corrupted``, what the model was given; ``difference`` x̂ - x as
    float32; ``error`` (n,), the squared difference summed over the example; ``index``, ``position``, ``y`` (n,),
    ``classes``. Of all ``count`` rows looked at ``errors`` (count,) and their ``mean``: at most
    10,000 rows, or 2,000 where damage needs no ranking, evenly spread unless the first are asked for.
    """
    loaded = load(run, step)
    loaded.ability("reconstruct")
    data = loaded.data
    asking.choice("order", order, reconstruction.ORDERS)
    asking.whole("n", n, 1, SHOWN)
    asking.seed(seed)
    asking.damage(corruption, level, data, "corruption")
    ranked = order in ("best", "worst")
    most = SURVEYED if ranked or corruption == "none" else DAMAGED
    rows = asking.rows_of(data, split, most, evenly=order != "first")
    found = reconstruction.survey(loaded.model, data, rows, order, n, seed, corruption, level)
    at = found["position"]
    answer = {name: asking.as_shown(data, found[name]) for name in ("x", "corrupted", "x_hat")}
    if corruption == "none":
        del answer["corrupted"]
    return {
        **answer,
        "difference": found["x_hat"] - found["x"],
        "error": found["error"].astype(np.float32),
        "position": at,
        "index": data.index[at],
        "y": asking.labels(data, at),
        "classes": list(data.classes),
        "count": len(rows),
        "mean": float(found["errors"].mean()),
        "errors": found["errors"].astype(np.float32),
    }


def neighbours(
    run: str, position: int, split: str = "test", step: int | None = None, k: int = 9
) -> dict[str, Any]:
    """The ``k`` examples of a split nearest to the one at ``position``, in the code and in pixels, itself left out.

    ``query`` (1, …), ``query_index``, ``query_y``; ``code_x`` (k, …), ``code_distance`` (Euclidean), ``code_index``,
    ``code_position``, ``code_y`` (k,), and the same with ``pixel_``; ``classes``; ``count``, the rows searched (at
    most 20,000, evenly spread).
    """
    loaded = load(run, step)
    loaded.ability("encode")
    data = loaded.data
    query = asking.position(data, position)
    asking.whole("k", k, 1, NEIGHBOURS)
    rows, known = _codes(loaded, split)
    others = rows != query[0]
    code = codes.encoded(loaded.model, data, query)[0]
    ways = {"code": distances(known, code), "pixel": distances(data.x[rows], data.x[query][0])}
    answer: dict[str, Any] = {
        "query": data.x[query],
        "query_index": int(data.index[query][0]),
        "query_y": int(asking.labels(data, query)[0]),
        "classes": list(data.classes),
        "count": int(others.sum()),
    }
    for way, apart in ways.items():
        chosen = nearest(apart[others], k)
        at = rows[others][chosen]
        answer |= {
            f"{way}_x": data.x[at],
            f"{way}_distance": apart[others][chosen],
            f"{way}_position": at,
            f"{way}_index": data.index[at],
            f"{way}_y": asking.labels(data, at),
        }
    return answer


def code_statistics(
    run: str, split: str = "test", step: int | None = None, limit: int = 5000, bins: int = 40
) -> dict[str, Any]:
    """How the code's units vary over a split's rows (at most ``limit``, evenly spread); the code flattened.

    The arrays of ``core.analysis.codes.statistics`` for the first 256 of all ``units``; ``count``, the rows looked
    at, and ``protocol``, a sentence on what active and dead mean.
    """
    loaded = load(run, step)
    loaded.ability("encode")
    asking.whole("limit", limit, 1, CODED)
    asking.whole("bins", bins, 2, BINS)
    rows = asking.rows_of(loaded.data, split, limit)
    found = codes.encoded(loaded.model, loaded.data, rows)
    return {
        **codes.statistics(found[:, : codes.UNITS], bins),
        "units": found.shape[1],
        "count": len(rows),
        "protocol": codes.PROTOCOL,
    }


def activations(run: str, position: int, step: int | None = None) -> dict[str, Any]:
    """One example on its way through the layers, in the order in which it meets them.

    ``x`` (1, …), its ``index`` and ``y``, ``layers`` (``core.analysis.activations.followed``) and, where the model
    makes one, the reconstruction ``x_hat`` (1, …).
    """
    loaded = load(run, step)
    data = loaded.data
    row = asking.position(data, position)
    batch = next(batches(data, row, device_of(loaded.model)))
    met, x_hat = layers.followed(loaded.model, batch)
    answer = {
        "x": data.x[row],
        "index": int(data.index[row][0]),
        "y": int(asking.labels(data, row)[0]),
        "layers": met,
    }
    if x_hat is not None:
        answer["x_hat"] = asking.as_shown(data, x_hat)
    return answer


@lru_cache(maxsize=2)
def _codes(loaded: Loaded, split: str) -> tuple[np.ndarray, np.ndarray]:
    """The rows searched and their codes; one click after another asks for the same."""
    rows = asking.rows_of(loaded.data, split, SEARCHED)
    return rows, codes.encoded(loaded.model, loaded.data, rows)

"""What the latent page asks of groups of codes: class means, attribute directions, a - b + c with examples.

Arguments as in ``core.inference.latent``. A group of examples is one of

    {"by": "class", "value": 3}
    {"by": "factor", "name": "shape", "value": 1}              a named value of a ground-truth factor
    {"by": "factor", "name": "scale", "end": "low" | "high"}   the lowest or highest quarter of a numeric one
    {"by": "examples", "positions": [12, 40, …]}               such as a lasso picks
    {"by": "all"}
"""

from typing import Any

import numpy as np

from core.analysis import directions
from core.analysis.posteriors import takes_class
from core.errors import BadInput
from core.inference import asking
from core.inference.coded import class_given, coded, codes_at, loaded_coder, shown, wanted
from core.inference.weights import Loaded

__all__ = ["arithmetic", "attribute", "class_means", "code_cloud"]

DOTS = 1500
FINEST = 81
FARTHEST = 20.0
MEANS = 100  # classes


def class_means(run: str, split: str = "test", step: int | None = None) -> dict[str, Any]:
    """The mean code of each class, decoded, ``x`` (K, …), beside the mean of its examples, ``pixels`` (K, …).

    ``classes`` (K,) the numbers of those that have examples in the split, ``names`` of all, ``counts`` (K,).
    """
    loaded = loaded_coder(run, step)
    data = loaded.data
    if data.y is None:
        raise BadInput("These data have no classes to average over.")
    found = coded(loaded, split)
    y = data.y[found.rows]
    means, counts = directions.means(found.mean, y, len(data.classes))
    there = np.flatnonzero(counts)[:MEANS]
    averaged = np.stack([data.x[found.rows[y == k]].mean(axis=0, dtype=np.float64) for k in there])
    scale = 255.0 if data.kind == "images" else 1.0
    return {
        "x": shown(loaded, means[there], there),
        "pixels": asking.as_shown(data, averaged / scale),
        "classes": there,
        "names": list(data.classes),
        "counts": counts[there],
        "count": len(found.rows),
    }


def code_cloud(run: str, split: str = "test", step: int | None = None) -> dict[str, Any]:
    """Dots to pick groups from: ``at`` (n, 2) float32 of at most 1,500 examples at ``position`` (n,) of class ``y``.

    ``axes`` are their titles: the code's own units, or of more than two its principal axes; a code of one number is
    spread out along the second axis at random. ``factors`` describes the data's ground truth by name:
    ``title``, ``unit``, and ``values``, the names of a factor that has such.
    """
    loaded = loaded_coder(run, step)
    data, found = loaded.data, coded(loaded, split)
    rows = np.arange(len(found.rows))[:: max(-(-len(found.rows) // DOTS), 1)]
    at, axes = placed(found.mean, found.mean[rows])
    position = found.rows[rows]
    return {
        "at": at,
        "axes": axes,
        "position": position,
        "y": asking.labels(data, position),
        "classes": list(data.classes),
        "factors": {
            name: {"title": factor.title, "unit": factor.unit, "values": factor.values}
            for name, factor in data.factor_info.items()
        },
        "count": len(found.rows),
    }


def placed(codes: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Where the codes ``z`` (n, d) lie in the flat view of ``codes`` (N, d): (n, 2) float32, and the axes' titles."""
    origin, axes, shares = directions.flat_view(codes)
    at = (z - origin) @ axes
    if z.shape[1] == 1:
        at[:, 1] = np.random.default_rng(0).uniform(-1, 1, len(at))
        return at.astype(np.float32), ["unit 0", "spread at random, to be seen"]
    if shares is None:
        return at.astype(np.float32), ["unit 0", "unit 1"]
    titles = [
        f"principal axis {k + 1} ({100 * share:.0f} % of the variance)"
        for k, share in enumerate(shares)
    ]
    return at.astype(np.float32), titles


def attribute(
    run: str,
    a: dict[str, Any],
    b: dict[str, Any],
    n: int = 17,
    most: float = 2.0,
    split: str = "test",
    step: int | None = None,
    position: int | None = None,
    y: int | None = None,
) -> dict[str, Any]:
    """μ + k·s decoded, ``x`` (n, …), for ``k`` (n,) from -``most`` to ``most``; s leads from ``a``'s mean to ``b``'s.

    μ is the mean code of all examples looked at, or the code of the example at ``position``. ``means`` (2, …) are the
    groups' decoded means, ``counts`` their sizes; ``length`` that of s; ``separation`` the chance that one of ``b``
    lies further along s than one of ``a``, over these very examples; ``spread`` the standard deviation of all
    examples along s, in units of s; ``count`` the examples looked at.
    """
    loaded = loaded_coder(run, step)
    asking.whole("n", n, 3, FINEST)
    if not isinstance(most, int | float) or not 0 < most <= FARTHEST:
        raise BadInput(f"most: above 0 and at most {FARTHEST:g}, not {most}.")
    found = coded(loaded, split)
    groups = [_group(loaded, found.rows, name, one) for name, one in (("a", a), ("b", b))]
    s = directions.direction(found.mean, *groups)
    base, label = found.mean.mean(axis=0, dtype=np.float64), class_given(loaded, y)
    if position is not None:
        row = asking.position(loaded.data, position)
        base = codes_at(loaded, row)[0].astype(np.float64)
        label = _label(loaded, row, y)
    k = np.linspace(-most, most, n)
    means = np.stack([found.mean[group].mean(axis=0, dtype=np.float64) for group in groups])
    squared = float(s @ s)
    return {
        "x": shown(loaded, base + k[:, None] * s, label),
        "k": k,
        "means": shown(loaded, means, label),
        "counts": [int(group.sum()) for group in groups],
        "length": squared**0.5,
        "separation": directions.separation(found.mean, s, *groups),
        "spread": float((found.mean @ s).std() / squared) if squared else 0.0,
        "count": len(found.rows),
    }


def arithmetic(
    run: str, positions: list[int], step: int | None = None, y: int | None = None
) -> dict[str, Any]:
    """a - b + c of three examples: ``made`` (1, …) from their codes, ``pixels`` (1, …) from the examples, clipped.

    ``x`` (3, …) are the examples and ``x_hat`` their decoded codes, ``index``, ``y`` (3,), ``classes``. A model that
    takes a class is given that of c, or ``y``.
    """
    loaded = loaded_coder(run, step)
    data = loaded.data
    rows = wanted(loaded, positions, 3, 3)
    codes = codes_at(loaded, rows).astype(np.float64)
    signs = np.array([1.0, -1.0, 1.0])
    scale = 255.0 if data.kind == "images" else 1.0
    own = None if data.y is None else data.y[rows]
    return {
        "x": data.x[rows],
        "x_hat": shown(loaded, codes, own),
        "made": shown(loaded, (signs @ codes)[None], _label(loaded, rows[2:], y)),
        "pixels": asking.as_shown(data, np.tensordot(signs, data.x[rows] / scale, 1)[None]),
        "index": data.index[rows],
        "y": asking.labels(data, rows),
        "classes": list(data.classes),
    }


def _label(loaded: Loaded, row: np.ndarray, y: int | None) -> int | None:
    """The class to decode with: ``y``, else that of the example at ``row`` (1,)."""
    if y is None and takes_class(loaded.model) and loaded.data.y is not None:
        return int(loaded.data.y[row][0])
    return class_given(loaded, y)


def _group(loaded: Loaded, rows: np.ndarray, name: str, group: Any) -> np.ndarray:
    """A mask (N,) over ``rows`` (N,): the members of a ``group`` as the module's docstring describes it."""
    if not isinstance(group, dict):
        raise BadInput(f"{name}: a group of examples is described by a dictionary.")
    ways = {"class": _class, "factor": _factor, "examples": _examples, "all": _all}
    by = asking.choice(f"{name}.by", group.get("by"), tuple(ways))
    found = ways[by](loaded.data, rows, name, group)
    if not found.any():
        raise BadInput(f"{name}: none of the {len(rows):,} examples looked at is in this group.")
    return found


def _class(data, rows: np.ndarray, name: str, group: dict) -> np.ndarray:
    if data.y is None:
        raise BadInput(f"{name}: these data have no classes to choose a group by.")
    value = asking.whole(f"{name}.value", group.get("value"), 0, len(data.classes) - 1)
    return data.y[rows] == value


def _factor(data, rows: np.ndarray, name: str, group: dict) -> np.ndarray:
    if not data.factors:
        raise BadInput(f"{name}: nothing is known of how these data were made.")
    factor = asking.choice(f"{name}.name", group.get("name"), tuple(data.factors))
    values, info = data.factors[factor][rows], data.factor_info[factor]
    if info.values is not None:
        return values == asking.whole(f"{name}.value", group.get("value"), 0, len(info.values) - 1)
    end = asking.choice(f"{name}.end", group.get("end"), ("low", "high"))
    return directions.extremes(values)[end == "high"]


def _examples(data, rows: np.ndarray, name: str, group: dict) -> np.ndarray:
    positions = group.get("positions")
    if not isinstance(positions, list):
        raise BadInput(f"{name}: a list of positions.")
    return np.isin(rows, positions)


def _all(data, rows: np.ndarray, name: str, group: dict) -> np.ndarray:
    del data, name, group
    return np.ones(len(rows), bool)

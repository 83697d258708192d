"""What the latent page asks of a code: grids over two units, one row for each unit, ways between examples.

Arguments as in ``core.inference.answers``; images come as uint8 (…, C, H, W), points as float32 (…, D). ``split``
names the rows whose codes give means and ranges (at most 10,000, evenly spread). ``y`` is the class to decode with,
which matters only to a model that takes one; where none is given and the code is no example's, it is told none.
"""

from typing import Any

import numpy as np

from core.analysis import walks
from core.analysis.posteriors import is_discrete, prior_std, unit_interest
from core.errors import BadInput
from core.inference import asking
from core.inference.coded import (
    class_given,
    coded,
    codes_at,
    loaded_coder,
    shown,
    wanted,
)
from core.inference.weights import Loaded, load

__all__ = ["latent_grid", "square_walk", "traversals", "walk", "walk_examples"]

SPACINGS = ("codes", "prior")
INNER = (0.01, 0.99)  # of the codes: a grid reaches as far as nearly all data do
FINEST = 41
LONGEST = 400  # images of one path
STOPS = 24
ROWS = 256
REACH = 10.0


def walk_examples(run: str, split: str = "test", n: int = 24, seed: int = 0) -> dict[str, Any]:
    """``n`` examples of a split (or all it has), drawn without replacement by ``seed``.

    ``x`` (n, …), ``position``, ``index``, ``y`` (n,), -1 where there are no classes, and the names ``classes``;
    ``total`` the examples of all splits, so that a position from elsewhere can be checked.
    """
    data = load(run).data
    asking.whole("n", n, 1, ROWS)
    asking.seed(seed)
    rows = asking.rows_of(data, split, len(data.x))
    at = np.random.default_rng(seed).permutation(rows)[:n]
    return {"x": data.x[at], "position": at, "total": len(data.x), **_named(data, at)}


def latent_grid(
    run: str,
    units: list[int],
    n: int = 20,
    spacing: str = "codes",
    split: str = "test",
    step: int | None = None,
    y: int | None = None,
) -> dict[str, Any]:
    """Decoded images over one or two ``units``, the others at the mean code: ``x`` (n or 1, n, …), top row first.

    ``across`` (n,) and, for two units, ``up`` (n,) are the units' values, rising. ``spacing`` ``codes``: evenly over
    the inner 98 % of the codes; ``prior``: quantiles of the prior at (i + ½) / n. ``count`` rows were looked at.
    """
    loaded = loaded_coder(run, step)
    asking.whole("n", n, 2, FINEST)
    asking.choice("spacing", spacing, SPACINGS)
    found = coded(loaded, split)
    base = found.mean.mean(axis=0, dtype=np.float64)
    chosen = _units(units, len(base))
    if spacing == "prior":
        values = [_prior(loaded) * walks.quantiles(n)] * len(chosen)
    else:
        ends = np.quantile(found.mean[:, chosen].astype(np.float64), INNER, axis=0)
        values = list(np.linspace(*ends, n).T)
    z = walks.grid(base, chosen, *values)
    answer = {"x": shown(loaded, z, class_given(loaded, y)), "across": values[0]}
    return {
        **answer,
        **({"up": values[1]} if len(chosen) > 1 else {}),
        "units": len(base),
        "count": len(found.rows),
    }


def traversals(
    run: str,
    n: int = 11,
    most: int = 12,
    spacing: str = "codes",
    reach: float = 3.0,
    split: str = "test",
    step: int | None = None,
    position: int | None = None,
    y: int | None = None,
) -> dict[str, Any]:
    """One row of images for each of the ``most`` units that say most: ``x`` (rows, n, …).

    Each unit runs from -``reach`` to ``reach`` (``at`` (n,)) standard deviations, of its codes about their mean or
    of the prior about 0; the other units are those of the example at ``position``, else of the mean code. ``order``
    (rows,), and by unit ``interest`` and ``collapsed`` (d,); ``measure`` ``kl`` (nats per example) or ``variance``.
    """
    loaded = loaded_coder(run, step)
    asking.whole("n", n, 2, FINEST)
    asking.whole("most", most, 1, ROWS)
    asking.choice("spacing", spacing, SPACINGS)
    if not isinstance(reach, int | float) or not 0 < reach <= REACH:
        raise BadInput(f"reach: above 0 and at most {REACH:g} standard deviations, not {reach}.")
    found = coded(loaded, split)
    mean, std = (f(found.mean, axis=0, dtype=np.float64) for f in (np.mean, np.std))
    if spacing == "prior":
        mid, std = np.zeros_like(mean), np.full_like(std, _prior(loaded))
    else:
        mid = mean
    interest, collapsed = unit_interest(found.mean, found.log_var)
    order = np.argsort(-interest, kind="stable")[:most]
    at = np.linspace(-reach, reach, n)
    base, label = mean, class_given(loaded, y)
    if position is not None:
        row = asking.position(loaded.data, position)
        base, label = codes_at(loaded, row)[0], _class_of(loaded, row, y)
    z = walks.sweep(base, order, mid[order, None] + std[order, None] * at)
    return {
        "x": shown(loaded, z, label),
        "at": at,
        "order": order,
        "interest": interest.astype(np.float32),
        "collapsed": collapsed,
        "measure": "variance" if found.log_var is None else "kl",
        "count": len(found.rows),
    }


def walk(
    run: str,
    positions: list[int],
    way: str = "straight",
    n: int = 12,
    step: int | None = None,
    y: int | None = None,
) -> dict[str, Any]:
    """From the first of the examples at ``positions`` through all others, ``n`` steps to each: m = n·(k - 1) + 1.

    ``x`` (k, …) the examples with ``index``, ``y`` and ``classes``; ``made`` (m, …) what the codes on the way decode
    to, ``pixels`` (m, …) the same way between the examples themselves; ``norm`` (m,) the codes' distances from 0;
    ``straight`` (k - 1,) which legs of a spherical way are straight, having no angle. A model that takes a class is
    given that of the nearer end, or ``y``.
    """
    loaded = loaded_coder(run, step)
    rows = wanted(loaded, positions, 2, STOPS)
    asking.whole("n", n, 1, LONGEST)
    if n * (len(rows) - 1) >= LONGEST:
        raise BadInput(f"n: at most {LONGEST} images on one way; take fewer steps or examples.")
    codes = codes_at(loaded, rows)
    z = walks.path(codes, n, way)
    nearer = np.rint(np.arange(len(z)) / n).astype(int)
    straight = walks.no_sphere(codes[:-1], codes[1:])
    return {
        **_ends(loaded, rows),
        "made": shown(loaded, z, _class_of(loaded, rows[nearer], y)),
        "pixels": _pixels(loaded, rows, lambda points: walks.path(points, n, way)),
        "norm": np.linalg.norm(z, axis=1).astype(np.float32),
        "straight": straight & (way == "spherical"),
    }


def square_walk(
    run: str,
    positions: list[int],
    way: str = "straight",
    n: int = 9,
    step: int | None = None,
    y: int | None = None,
) -> dict[str, Any]:
    """A square between four examples (upper left, upper right, lower left, lower right): ``made`` (n, n, …).

    ``pixels`` (n, n, …) between the examples themselves; ``x`` (4, …), ``index``, ``y``, ``classes`` as in ``walk``.
    """
    loaded = loaded_coder(run, step)
    rows = wanted(loaded, positions, 4, 4)
    asking.whole("n", n, 2, FINEST)
    far = np.arange(n) * 2 >= n
    nearer = 2 * far[:, None] + far
    z = walks.corners(codes_at(loaded, rows), n, way)
    return {
        **_ends(loaded, rows),
        "made": shown(loaded, z, _class_of(loaded, rows[nearer], y)),
        "pixels": _pixels(loaded, rows, lambda points: walks.corners(points, n, way)),
    }


def _pixels(loaded: Loaded, rows: np.ndarray, way) -> np.ndarray:
    """The ``way`` (points (k, D) -> (…, D)) between the examples at ``rows`` themselves."""
    data = loaded.data
    scale = 255.0 if data.kind == "images" else 1.0
    points = way(data.x[rows].reshape(len(rows), -1) / scale)
    flat = asking.as_shown(data, points.reshape(-1, *data.shape).astype(np.float32))
    return flat.reshape(*points.shape[:-1], *data.shape)


def _ends(loaded: Loaded, rows: np.ndarray) -> dict[str, Any]:
    return {"x": loaded.data.x[rows], **_named(loaded.data, rows)}


def _named(data, rows: np.ndarray) -> dict[str, Any]:
    return {
        "index": data.index[rows],
        "y": asking.labels(data, rows),
        "classes": list(data.classes),
    }


def _class_of(loaded: Loaded, rows: np.ndarray, y: int | None) -> int | np.ndarray | None:
    """The class ``y`` where one is asked for, else those of the examples at ``rows``, in their shape."""
    if y is not None or loaded.data.y is None:
        return class_given(loaded, y)
    return loaded.data.y[rows]


def _prior(loaded: Loaded) -> float:
    """The standard deviation of the model's Gaussian prior."""
    if is_discrete(loaded.model, loaded.data):
        raise BadInput("This model's prior is over the entries of a codebook: spread as the codes.")
    return prior_std(loaded.model)


def _units(units: Any, d: int) -> list[int]:
    """One or two different units of a code of ``d`` numbers."""
    if not isinstance(units, list | tuple) or not 1 <= len(units) <= 2:
        raise BadInput("units: a list of one or two units.")
    chosen = [asking.whole("units", unit, 0, d - 1) for unit in units]
    if len(set(chosen)) != len(chosen):
        raise BadInput("units: two different ones.")
    return chosen

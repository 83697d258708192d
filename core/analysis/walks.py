"""Ways through a space of codes (or of pixels): straight and spherical lines, squares between four corners, grids.

Arrays in, arrays out; a point is the last axis. Spherical interpolation: Shoemake 1985, "Animating rotation with
quaternion curves", eq. 3.2; of codes: White 2016, "Sampling generative networks", section 2.1. Grids in the prior's
quantiles: Kingma & Welling 2014, appendix A (figure 4).
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from core.errors import BadInput

__all__ = ["WAYS", "between", "corners", "grid", "no_sphere", "path", "quantiles", "sweep"]

WAYS = ("straight", "spherical")
SMALLEST_SINE = 1e-6  # of the angle: nearer to 0° or 180° the weights of the spherical way lose all their digits


def between(a: np.ndarray, b: np.ndarray, t: np.ndarray, way: str = "straight") -> np.ndarray:
    r"""The points at the shares ``t`` (n,) of the way from ``a`` to ``b`` (…, d): (n, …, d) float64; both ends exact.

    ``straight``: $(1-t)\,a + t\,b$. ``spherical``, with $\omega$ the angle between the two seen from the origin:
    $\frac{\sin((1-t)\,\omega)}{\sin\omega}\,a + \frac{\sin(t\,\omega)}{\sin\omega}\,b$, which keeps the norm where
    both have the same. Where there is no such angle (``no_sphere``) the way is straight.
    """
    if way not in WAYS:
        raise BadInput(f"way: one of {', '.join(WAYS)}, not {way!r}.")
    a, b = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
    t = np.asarray(t, np.float64).reshape(-1, *[1] * a.ndim)
    if way == "straight":
        return (1 - t) * a + t * b
    angle = _angle(a, b)[..., None]
    flat = np.abs(np.sin(angle)) < SMALLEST_SINE
    sine = np.where(flat, 1.0, np.sin(angle))
    first = np.where(flat, 1 - t, np.sin((1 - t) * angle) / sine)
    second = np.where(flat, t, np.sin(t * angle) / sine)
    return first * a + second * b


def no_sphere(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Whether the spherical way between ``a`` and ``b`` (…, d) is the straight one: (…) bool.

    One of them is the origin, so that there is no angle; or they lie in the same direction, where both ways are
    one; or in opposite directions, where no great circle is singled out among many.
    """
    return np.abs(np.sin(_angle(np.asarray(a, float), np.asarray(b, float)))) < SMALLEST_SINE


def _angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The angle (…) in radians between ``a`` and ``b`` (…, d) seen from the origin; 0 where one is the origin."""
    norms = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    cosine = np.divide((a * b).sum(-1), norms, out=np.ones_like(norms), where=norms > 0)
    return np.arccos(np.clip(cosine, -1, 1))


def path(points: np.ndarray, steps: int, way: str = "straight") -> np.ndarray:
    """Through all ``points`` (k, d) in order, ``steps`` on each leg: ((k - 1)·steps + 1, d); point i is row i·steps."""
    points = np.asarray(points, np.float64)
    t = np.arange(steps) / steps
    legs = [between(a, b, t, way) for a, b in pairwise(points)]
    return np.concatenate([*legs, points[-1:]])


def corners(four: np.ndarray, n: int, way: str = "straight") -> np.ndarray:
    """A square between ``four`` corners (4, d) (upper left, upper right, lower left, lower right): (n, n, d).

    Straight is bilinear. Spherical goes along the upper and the lower edge, then from one to the other; turned by
    90° the inner points would be slightly others.
    """
    four, t = np.asarray(four, np.float64), np.linspace(0, 1, n)
    upper, lower = between(four[0], four[1], t, way), between(four[2], four[3], t, way)
    return between(upper, lower, t, way)


def quantiles(n: int) -> np.ndarray:
    """``n`` numbers, each standing for an n-th of N(0, 1): its inverse distribution function at (i + ½) / n."""
    from scipy.special import ndtri

    return ndtri((np.arange(n) + 0.5) / n)


def grid(
    base: np.ndarray, units: Sequence[int], across: np.ndarray, up: np.ndarray | None = None
) -> np.ndarray:
    """Codes in which one or two ``units`` are set and all others are those of ``base`` (d,).

    One unit: a strip (1, len(across), d). Two: (len(up), len(across), d), the first unit growing to the right and
    the second upwards, so that row 0 is the top of the picture.
    """
    up = np.zeros(1) if up is None else np.asarray(up)[::-1]
    codes = np.tile(np.asarray(base, np.float64), (len(up), len(across), 1))
    codes[..., units[0]] = np.asarray(across)
    if len(units) > 1:
        codes[..., units[1]] = up[:, None]
    return codes


def sweep(base: np.ndarray, units: Sequence[int], values: np.ndarray) -> np.ndarray:
    """A row for each of ``units``: ``base`` (d,) with that unit at its ``values`` (len(units), n): (…, n, d)."""
    codes = np.tile(np.asarray(base, np.float64), (*np.shape(values), 1))
    for row, unit in enumerate(units):
        codes[row, :, unit] = values[row]
    return codes

"""Planes through a space of codes, and the axes that remain: where a square lies that one scrubs over.

A plane is an origin and orthonormal directions; the first two span the square, each further one has a slider. A code
is z = origin + Σⱼ cⱼ dⱼ with its coordinates cⱼ = (z - origin)·dⱼ. Principal axes are Pearson's (1901), by singular
values.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import BadInput

__all__ = ["MOST", "Plane", "box", "direction", "principal", "through", "units", "voids"]

MOST = 66  # directions: a square and 64 sliders are all that can be held in a hand
INNER = (0.005, 0.995)  # of the codes: strays do not decide how far the square reaches
MARGIN = 0.08
PRIOR_REACH = 3.0  # standard deviations
UNLIKE = 4.0  # beyond this ratio of their lengths two axes are drawn to scales of their own
VANISHING = 1e-6  # of the largest singular value: what is smaller is rounding
LONELY = 0.95  # the share of codes whose nearest neighbour is near
APART = 3.0


@dataclass(frozen=True)
class Plane:
    """``origin`` (d,), orthonormal ``directions`` (k, d) and what each is called."""

    origin: np.ndarray
    directions: np.ndarray
    names: list[str]

    def coordinates(self, codes: np.ndarray) -> np.ndarray:
        """Codes (n, d) -> (n, k)."""
        return (codes - self.origin) @ self.directions.T

    def codes(self, coordinates: np.ndarray) -> np.ndarray:
        """(n, m ≤ k) -> (n, d): what is not said of the further coordinates counts as 0."""
        return self.origin + coordinates @ self.directions[: coordinates.shape[1]]

    def spreads(self, deviation: np.ndarray) -> np.ndarray:
        """Diagonal Gaussians of deviation (n, d) seen on the square: their variances and covariance (n, 3), xx, xy, yy.

        A code of one number has xx alone, the rest is 0.
        """
        seen = self.directions[:2]
        if len(seen) == 1:
            seen = np.vstack([seen, np.zeros_like(seen)])
        pairs = np.stack([seen[0] ** 2, seen[0] * seen[1], seen[1] ** 2])
        return np.square(deviation) @ pairs.T


def units(codes: np.ndarray, first: int = 0, second: int = 1) -> Plane:
    """Two numbers of the code as they are; the others follow by falling deviation, the origin is 0."""
    width = codes.shape[1]
    if width == 1:
        return Plane(np.zeros(1), np.eye(1), ["unit 0"])
    for unit in (first, second):
        if not 0 <= unit < width:
            raise BadInput(f"of: this code has units 0 to {width - 1}, not {unit}.")
    if first == second:
        raise BadInput("of: a square needs two different units.")
    order = np.argsort(-codes.std(axis=0), kind="stable")
    chosen = [first, second, *(int(unit) for unit in order if unit not in (first, second))][:MOST]
    return Plane(np.zeros(width), np.eye(width)[chosen], [f"unit {unit}" for unit in chosen])


def principal(codes: np.ndarray, first: int = 0, second: int = 1) -> Plane:
    """Two principal axes of the codes (0 is the longest) through their mean; the others follow in order."""
    mean = codes.mean(axis=0)
    found = _orthonormal(codes - mean, np.empty((0, codes.shape[1])))
    if len(found) == 1:
        return Plane(mean, found, ["axis 1"])
    if first == second or not (0 <= first < len(found) and 0 <= second < len(found)):
        raise BadInput(f"of: two different axes between 0 and {len(found) - 1}.")
    order = [first, second, *(k for k in range(len(found)) if k not in (first, second))]
    return Plane(mean, found[order], [f"axis {k + 1}" for k in order])


def through(codes: np.ndarray, three: np.ndarray) -> Plane:
    """The plane through ``three`` codes (3, d): from the first to the second, and across, towards the third."""
    away = three[1:] - three[0]
    spanned = _spanned(away)
    if len(spanned) < 2:
        raise BadInput("of: these three images lie on one line; choose another one.")
    names = ["from 1 to 2", "across, to 3"]
    return _completed(codes, three[0], spanned, names)


def direction(
    codes: np.ndarray, start: np.ndarray, end: np.ndarray, name: str = "from group to group"
) -> Plane:
    """From one mean code (d,) to another; across it the longest axis of the codes that is orthogonal to it."""
    spanned = _spanned((end - start)[None])
    if not len(spanned):
        raise BadInput("of: the two groups have the same mean code; choose others.")
    return _completed(codes, (start + end) / 2, spanned, [name])


def box(plane: Plane, codes: np.ndarray, deviation: float | None) -> dict[str, np.ndarray]:
    """How far each coordinate reaches: ``low``, ``high`` and, where one begins, ``start`` (k,).

    The inner 99 % of the codes with a margin, and three deviations of a prior N(0, σ²I) where there is one. A
    coordinate that stands still reaches as far as the longest, and the square's sides are alike unless they differ
    more than fourfold.
    """
    at = plane.coordinates(codes)
    low, high = np.quantile(at, INNER, axis=0)
    margin = MARGIN * (high - low)
    low, high = low - margin, high + margin
    if deviation is not None:
        centre = plane.coordinates(np.zeros((1, len(plane.origin))))[0]
        low = np.minimum(low, centre - PRIOR_REACH * deviation)
        high = np.maximum(high, centre + PRIOR_REACH * deviation)
    length = high - low
    longest = length.max() if length.max() > 0 else 1.0
    length = np.where(length > 1e-3 * longest, length, longest)
    if len(length) > 1 and max(length[:2]) <= UNLIKE * min(length[:2]):
        length[:2] = max(length[:2])
    middle = (low + high) / 2
    return {"low": middle - length / 2, "high": middle + length / 2, "start": at.mean(axis=0)}


def voids(at: np.ndarray, low: Sequence[float], high: Sequence[float], m: int) -> np.ndarray:
    """Where on the square no code is near: (m, m) bool, the first row at the bottom.

    Near is within three times the distance that 95 % of the codes ``at`` (n, 2) keep from their nearest neighbour on
    the square, lengths measured in its sides.
    """
    low, size = np.asarray(low[:2]), np.subtract(high[:2], low[:2])
    points = (at[:, :2] - low) / size
    middles = (np.arange(m) + 0.5) / m
    places = np.stack(np.meshgrid(middles, middles), -1).reshape(-1, 2)
    near = 0.0
    if len(points) > 1:
        near = APART * np.quantile(_nearest(points, points, itself=True), LONELY)
    return (_nearest(places, points) > near).reshape(m, m)


def _nearest(places: np.ndarray, points: np.ndarray, itself: bool = False) -> np.ndarray:
    """The Euclidean distance (n,) from each of ``places`` (n, 2) to the nearest of ``points``, or to the next one."""
    squares = np.square(places).sum(1)[:, None] + np.square(points).sum(1) - 2 * places @ points.T
    if itself:
        np.fill_diagonal(squares, np.inf)
    return np.sqrt(np.maximum(squares.min(axis=1), 0))


def _spanned(vectors: np.ndarray) -> np.ndarray:
    """Gram and Schmidt: orthonormal directions (≤ n, d) of ``vectors`` (n, d) in order, parallel ones left out."""
    found: list[np.ndarray] = []
    for vector in vectors.astype(np.float64):
        rest = vector.copy()
        for one in found:
            rest -= (rest @ one) * one
        if np.linalg.norm(rest) > VANISHING * max(np.linalg.norm(vector), 1e-12):
            found.append(rest / np.linalg.norm(rest))
    return np.array(found).reshape(len(found), vectors.shape[1])


def _completed(codes: np.ndarray, origin: np.ndarray, first: np.ndarray, names: list[str]) -> Plane:
    """``first`` and, behind it, the principal axes of what it leaves of the codes."""
    centred = codes - codes.mean(axis=0)
    rest = _orthonormal(centred, first)
    directions = np.vstack([first, rest])
    further = [f"rest {k + 1}" for k in range(len(rest))]
    if len(names) == 1 and further:
        further = ["across", *(f"rest {k + 1}" for k in range(len(rest) - 1))]
    return Plane(origin, directions, [*names, *further])


def _orthonormal(centred: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """The principal directions of ``centred`` (n, d) by falling variance, each orthogonal to those ``taken`` (f, d).

    As many as there is room for. Each points to where its largest number is positive; where the codes do not vary any
    more, whichever directions are left complete them.
    """
    width, wanted = centred.shape[1], min(centred.shape[1], MOST) - len(taken)
    if wanted <= 0:
        return np.empty((0, width))
    left = centred - centred @ taken.T @ taken
    _, values, vectors = np.linalg.svd(left.astype(np.float64), full_matrices=False)
    found = vectors[values > VANISHING * max(np.linalg.norm(centred), 1e-12)][:wanted]
    if len(found) < wanted:
        known = np.vstack([taken, found]) if len(taken) + len(found) else np.zeros((1, width))
        rank = len(taken) + len(found)
        spare = np.linalg.qr(known.T, mode="complete")[0].T[rank:]
        found = np.vstack([found, spare[: wanted - len(found)]])
    largest = found[np.arange(len(found)), np.abs(found).argmax(axis=1)]
    return found * np.sign(largest)[:, None]

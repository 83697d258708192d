r"""How far a map of points can be trusted: who is near in the map, and who is near in the vectors it was made of.

J. Venna and S. Kaski 2001, "Neighborhood preservation in nonlinear projection methods: an experimental study",
sections 2.1 and 2.2. Of n points, $r(i, j)$ is the rank of j among the vectors by their Euclidean distance from i (the
nearest has rank 1), $\hat r(i, j)$ that on the map; $U_k(i)$ are the points that are among the k nearest of i on the
map but not among the vectors, $V_k(i)$ those among the vectors but not on the map:

$$T(k) = 1 - \frac{2}{nk(2n - 3k - 1)} \sum_i \sum_{j \in U_k(i)} (r(i, j) - k), \qquad
  C(k) = 1 - \frac{2}{nk(2n - 3k - 1)} \sum_i \sum_{j \in V_k(i)} (\hat r(i, j) - k).$$

The factor brings the worst case to 0 as long as k < n/2. Neighbourhood preservation is the mean share of the k nearest
neighbours among the vectors that are among the k nearest on the map too, the mean of $|N_k(i) \cap \hat N_k(i)| / k$.
All three are 1 where every neighbourhood is kept. On a map without any relation to the vectors trustworthiness and
continuity come to $1 - (n - k)(n - k - 1) / ((n - 1)(2n - 3k - 1))$, about a half, and preservation to $k / (n - 1)$.

Of points at the same distance each has the best rank that any order among them would give it: copies of one vector do
not count as torn apart or thrown together.
"""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

from core.errors import BadInput

__all__ = ["ABOUT", "EXACT", "NEIGHBOURS", "QUERIES", "stability", "trust"]

NEIGHBOURS = 15
EXACT = 5_000  # points up to which every one of them is asked
QUERIES = 2_000  # points that are asked where there are more
BLOCK = 2**21  # distances at a time: 16 MiB, of which a few copies are held
ROUNDING = (
    1e-13  # a squared distance below this share of the squared lengths is that of two equal vectors
)

ABOUT = {
    "trustworthiness": "Who is near on the map was near before: 1 where the map invents no neighbours.",
    "continuity": "Who was near before is near on the map: 1 where the map tears nothing apart.",
    "neighbourhood_preservation": "The share of each point's nearest neighbours that the map keeps.",
    "stability": "The share of each point's nearest neighbours on one map that another seed's map has too.",
}


def trust(
    vectors: np.ndarray,
    at: np.ndarray,
    k: int = NEIGHBOURS,
    seed: int = 0,
    progress: Callable[[float, str], None] | None = None,
) -> dict[str, dict[str, Any]]:
    """``trustworthiness``, ``continuity`` and ``neighbourhood_preservation`` of a map.

    ``vectors`` (n, d) are what was projected, ``at`` (n, dims) the map. Each is ``{value, error, kind, k, queries, of,
    protocol}``: for at most 5,000 points ``kind`` is "exact", ``error`` None and ``queries`` = ``of`` = n; above,
    2,000 points drawn by ``seed`` are asked for their neighbours among all, ``kind`` is "estimate" and ``error`` its
    standard error. ``k`` is made smaller where there are not more than 2k points. Memory stays below some 100 MB
    beside the arguments. Raises ``BadInput`` for fewer than three points and for what is no number.
    """
    k, queries = _asked([vectors, at], k, seed)
    n, parts = len(at), []
    for before, after in _blocks([vectors, at], queries, progress):
        old, new = _nearest(before, k), _nearest(after, k)
        then, now = _ranks(before, new), _ranks(after, old)
        parts.append([*(np.maximum(r - k, 0).sum(1) for r in (then, now)), (then <= k).mean(1)])
    far, torn, kept = np.concatenate(parts, axis=1)
    worst = k * (2 * n - 3 * k - 1) / 2
    found = {
        "trustworthiness": 1 - far / worst,
        "continuity": 1 - torn / worst,
        "neighbourhood_preservation": kept,
    }
    return {name: _figure(values, k, n) for name, values in found.items()}


def stability(
    maps: list[np.ndarray],
    k: int = NEIGHBOURS,
    seed: int = 0,
    progress: Callable[[float, str], None] | None = None,
) -> dict[str, Any]:
    """How far maps (n, dims) of the same points, made with several seeds, agree on who is near.

    ``{value, error, kind, k, queries, of, maps, pairs, protocol}``: the mean share of the k nearest neighbours that two
    maps have in common, over all pairs of maps (``pairs``, one value each) and over all points, or 2,000 of more than
    5,000. ``error`` is the standard error of that mean with other seeds: a jackknife over the maps, None for two.
    Raises ``BadInput`` for fewer than two maps or maps of different points.
    """
    if len(maps) < 2:
        raise BadInput("maps: two at least, made with different seeds.")
    k, queries = _asked(maps, k, seed)
    n, chosen, parts = len(maps[0]), list(combinations(range(len(maps)), 2)), []
    for apart in _blocks(maps, queries, progress):
        near = [_nearest(distances, k) for distances in apart]
        parts.append([_shared(apart[a], apart[b], near[a], near[b]) for a, b in chosen])
    shares = np.concatenate(parts, axis=1)
    pairs = shares.mean(axis=1)
    within = _standard_error(shares.mean(axis=0), n) or 0.0
    error = None if len(maps) < 3 else float(np.hypot(_jackknife(pairs, chosen), within))
    return {
        "value": float(pairs.mean()),
        "error": error,
        "kind": "estimate",
        "k": k,
        "queries": len(queries),
        "of": n,
        "maps": len(maps),
        "pairs": pairs.tolist(),
        "protocol": f"{_protocol(k, len(queries), n)}; mean over every two of {len(maps)} seeds",
    }


def _asked(spaces: list[np.ndarray], k: int, seed: int) -> tuple[int, np.ndarray]:
    """The k that so many points allow, and the rows of those that are asked, rising."""
    n = len(spaces[0])
    if any(space.ndim != 2 or len(space) != n for space in spaces):
        raise BadInput("A map has one place for each of the vectors: these do not belong together.")
    if n < 3:
        raise BadInput(f"Neighbourhoods need at least three points, not {n}.")
    if k < 1:
        raise BadInput(f"k: at least 1 neighbour, not {k}.")
    if not all(np.isfinite(space).all() for space in spaces):
        raise BadInput(
            "Some of the vectors or places are not finite numbers: nothing is near them."
        )
    if n <= EXACT:
        return min(k, (n - 1) // 2), np.arange(n)
    drawn = np.random.default_rng(seed).choice(n, QUERIES, replace=False)
    return min(k, (n - 1) // 2), np.sort(drawn)


def _blocks(
    spaces: list[np.ndarray], queries: np.ndarray, progress: Callable[[float, str], None] | None
) -> Iterator[list[np.ndarray]]:
    """The squared distances of a few of ``queries`` at a time from all, (b, n) in each space; from themselves ∞.

    float64, as differences of squares of float32 would lose the near ones.
    """
    centred = [(space, space.mean(axis=0, dtype=np.float64)) for space in spaces]
    lengths = [_lengths(*space) for space in centred]
    step = max(BLOCK // (len(spaces[0]) * len(spaces) // 2), 1)
    for start in range(0, len(queries), step):
        block = queries[start : start + step]
        yield [
            _squared(space, mean, length, block)
            for (space, mean), length in zip(centred, lengths, strict=True)
        ]
        if progress is not None:
            done = start + len(block)
            progress(done / len(queries), f"Neighbours of {done:,} of {len(queries):,} points")


def _chunks(space: np.ndarray, mean: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """The rows of ``space``, a few at a time, about their ``mean``: float64."""
    step = max(BLOCK // space.shape[1], 1)
    for start in range(0, len(space), step):
        there = slice(start, start + step)
        yield there, space[there] - mean


def _lengths(space: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return np.concatenate([np.square(part).sum(axis=1) for _, part in _chunks(space, mean)])


def _squared(
    space: np.ndarray, mean: np.ndarray, lengths: np.ndarray, block: np.ndarray
) -> np.ndarray:
    """The squared distances (b, n) of the rows ``block`` from all."""
    asked, found = -2 * (space[block] - mean), np.empty((len(block), len(space)))
    for there, part in _chunks(space, mean):
        np.matmul(asked, part.T, out=found[:, there])
    scale = lengths[block, None] + lengths
    found += scale
    scale *= ROUNDING
    found[found < scale] = 0
    found[np.arange(len(block)), block] = np.inf
    return found


def _nearest(apart: np.ndarray, k: int) -> np.ndarray:
    """The ``k`` nearest (b, k), in no order."""
    return np.argpartition(apart, k - 1, axis=1)[:, :k]


def _ranks(apart: np.ndarray, of: np.ndarray) -> np.ndarray:
    """The rank of the points ``of`` (b, k) by the distances ``apart`` (b, n), the nearest 1: (b, k)."""
    wanted, rising = np.take_along_axis(apart, of, 1), np.sort(apart, axis=1)
    return 1 + np.stack([np.searchsorted(*pair) for pair in zip(rising, wanted, strict=True)])


def _shared(a: np.ndarray, b: np.ndarray, near_a: np.ndarray, near_b: np.ndarray) -> np.ndarray:
    """The share (b,) of the nearest by the distances ``a`` (b, n) that are so by ``b`` too, and the other way round."""
    there = [
        (np.take_along_axis(x, other, 1) <= np.take_along_axis(x, own, 1).max(1, keepdims=True))
        for x, own, other in ((a, near_a, near_b), (b, near_b, near_a))
    ]
    return (there[0].mean(1) + there[1].mean(1)) / 2


def _figure(values: np.ndarray, k: int, n: int) -> dict[str, Any]:
    error = _standard_error(values, n)
    return {
        "value": float(values.mean()),
        "error": error,
        "kind": "exact" if error is None else "estimate",
        "k": k,
        "queries": len(values),
        "of": n,
        "protocol": _protocol(k, len(values), n),
    }


def _protocol(k: int, queries: int, n: int) -> str:
    which = f"all {n:,} points" if queries == n else f"{queries:,} of {n:,} points"
    return f"{k} nearest neighbour{'s' * (k > 1)} by Euclidean distance, mean over {which}"


def _standard_error(values: np.ndarray, n: int) -> float | None:
    """That of the mean of ``values`` as an estimate of the mean over all ``n`` points, drawn without replacement."""
    if len(values) == n:
        return None
    return float(values.std(ddof=1) * np.sqrt((1 - len(values) / n) / len(values)))


def _jackknife(pairs: np.ndarray, chosen: list[tuple[int, int]]) -> float:
    """The standard error of the mean over ``pairs`` of maps: from what is left of it without each map in turn."""
    count = max(b for _, b in chosen) + 1
    without = np.array([pairs[[one not in pair for pair in chosen]].mean() for one in range(count)])
    return float(np.sqrt((count - 1) / count * np.square(without - without.mean()).sum()))

r"""How far a map of points can be trusted: who is near in the map, and who is near in the vectors it was made of.

J. Venna and S. Kaski 2001, "Neighborhood preservation in nonlinear projection methods: an experimental study",
sections 2.1 and 2.2. Of n points, $r(i, j)$ is the rank of j among the vectors by their Euclidean distance from i (the
nearest has rank 1), $\hat r(i, j)$ that on the map; $U_k(i)$ are the points that are among the k nearest of i on the map
but not among the vectors, $V_k(i)$ those among the vectors but not on the map:

$$T(k) = 1 - \frac{2}{nk(2n - 3k - 1)} \sum_i \sum_{j \in U_k(i)} (r(i, j) - k), \qquad
  C(k) = 1 - \frac{2}{nk(2n - 3k - 1)} \sum_i \sum_{j \in V_k(i)} (\hat r(i, j) - k).$$

The factor brings the worst case to 0 as long as k < n/2. Neighbourhood preservation is the mean share of the k nearest
neighbours among the vectors that are among the k nearest on the map too, $\frac1n \sum_i |N_k(i) \cap \hat N_k(i)| / k$.
All three are 1 where every neighbourhood is kept; on a map without any relation to the vectors trustworthiness and
continuity are about $1 - (n - k)(n - k - 1) / \bigl((n - 1)(2n - 3k - 1)\bigr)$, half, and preservation about $k / (n - 1)$.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["ABOUT", "EXACT", "NEIGHBOURS", "QUERIES", "stability", "trust"]

NEIGHBOURS = 15
EXACT = 5_000  # points up to which every one of them is asked
QUERIES = 2_000  # points that are asked where there are more

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
    raise NotImplementedError


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
    raise NotImplementedError

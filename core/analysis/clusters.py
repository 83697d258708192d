"""Clusters among vectors, and how far they agree with the labels.

Vectors of more than 50 numbers are first taken down to their first 50 principal components, as for a map.
"""

from typing import Any

import numpy as np

from core.errors import BadInput

__all__ = ["MOST_CLUSTERS", "PROTOCOLS", "STARTS", "agreement", "hdbscan", "kmeans", "noise_named"]

STARTS = 10  # k-means begins so often anew (k-means++) and keeps the best
MOST_CLUSTERS = 100
# HDBSCAN compares every point with every other: so many numbers take some 20 s on one core.
MOST_WORK = 30_000_000_000

PROTOCOLS = {
    "kmeans": f"scikit-learn's k-means, the best of {STARTS} k-means++ starts",
    "hdbscan": "scikit-learn's HDBSCAN; points in no dense region are noise",
}


def kmeans(vectors: np.ndarray, k: int, seed: int = 0) -> np.ndarray:
    """Clusters 0 … k - 1 of ``vectors`` (n, d), the largest first: (n,) int32.

    scikit-learn's k-means, the best of 10 k-means++ starts drawn by ``seed``. ``BadInput`` for a ``k`` that is not
    from 2 to 100 or exceeds the number of different vectors, and for vectors that are no numbers.
    """
    from sklearn.cluster import KMeans

    points = reduced(vectors)
    if not 2 <= k <= MOST_CLUSTERS:
        raise BadInput(f"k-means: between 2 and {MOST_CLUSTERS} clusters, not {k}.")
    if k > (different := _different(points, k)):
        raise BadInput(f"k-means: {different} different points cannot make {k} clusters.")
    found = KMeans(k, n_init=STARTS, random_state=seed).fit_predict(points)
    return _by_size(found)


def hdbscan(vectors: np.ndarray, min_cluster_size: int) -> np.ndarray:
    """Clusters 0, 1, …, the largest first, -1 for noise, of ``vectors`` (n, d): (n,) int32.

    scikit-learn's HDBSCAN (Campello, Moulavi & Sander 2013), which has no chance in it. Its time goes with n² d:
    above n² d = 3·10¹⁰ (54,000 vectors of 10 numbers, 24,000 of 50) ``BadInput``, as for a ``min_cluster_size`` that
    is not from 2 to n and for vectors that are no numbers.
    """
    from sklearn.cluster import HDBSCAN

    points = reduced(vectors)
    n, d = points.shape
    if not 2 <= min_cluster_size <= n:
        raise BadInput(f"HDBSCAN: a cluster has between 2 and {n:,} points, not {min_cluster_size}.")
    if n * n * d > MOST_WORK:
        most = int((MOST_WORK / d) ** 0.5) // 100 * 100
        raise BadInput(
            f"HDBSCAN compares every point with every other: of {d} numbers each it does {most:,} points, not {n:,}."
        )
    # It can do no less than two points, and counts a point among its own neighbours.
    model = HDBSCAN(min_cluster_size=min_cluster_size, copy=True)
    return _by_size(model.fit_predict(points))

"""Clusters among vectors, and how far they agree with the labels.

Vectors of more than 50 numbers are first taken down to their first 50 principal components, as for a map.
"""

from typing import Any

import numpy as np

from core.analysis.column import NONE
from core.analysis.maps.components import principal
from core.analysis.maps.sound import check_vectors
from core.errors import BadInput

__all__ = ["MOST_CLUSTERS", "WIDEST", "agreement", "hdbscan", "kmeans", "reduced"]

STARTS = 10  # k-means begins so often anew (k-means++) and keeps the best
MOST_CLUSTERS = 100
WIDEST = 50  # numbers in a vector: distances of more take long and tell little
# HDBSCAN compares every point with every other: so many numbers take about 10 s on one core.
MOST_WORK = 10_000_000_000


def reduced(vectors: np.ndarray) -> np.ndarray:
    """``vectors`` (n, d), or of more than 50 numbers their scores along the first 50 principal components, float32.

    ``BadInput`` where they are no numbers or all the same.
    """
    check_vectors(vectors)
    if vectors.shape[1] <= WIDEST:
        return vectors
    return principal(vectors, WIDEST).scores(vectors).astype(np.float32)


def kmeans(vectors: np.ndarray, k: int, seed: int = 0) -> np.ndarray:
    """Clusters 0 … k - 1 of ``vectors`` (n, d), the largest first: (n,) int32.

    scikit-learn's k-means, the best of 10 k-means++ starts drawn by ``seed``. ``BadInput`` for a ``k`` that is not
    from 2 to 100 or exceeds the number of different vectors, and for vectors that are no numbers.
    """
    from sklearn.cluster import KMeans

    if not 2 <= k <= MOST_CLUSTERS:
        raise BadInput(f"k-means: between 2 and {MOST_CLUSTERS} clusters, not {k}.")
    points = reduced(vectors)
    if k > (different := len(np.unique(points, axis=0))):
        raise BadInput(f"k-means: {different} different points cannot make {k} clusters.")
    return _by_size(KMeans(k, n_init=STARTS, random_state=seed).fit_predict(points))


def hdbscan(vectors: np.ndarray, min_cluster_size: int, or_one: bool = False) -> np.ndarray:
    """Clusters 0, 1, …, the largest first, -1 for noise, of ``vectors`` (n, d): (n,) int32.

    scikit-learn's HDBSCAN (Campello, Moulavi & Sander 2013), which has no chance in it. There are at least two or none
    unless with ``or_one`` all may belong together. Its time goes with n² d:
    above n² d = 10¹⁰ (31,000 vectors of 10 numbers, 14,000 of 50) ``BadInput``, as for a ``min_cluster_size`` that
    is not from 2 to n and for vectors that are no numbers.
    """
    from sklearn.cluster import HDBSCAN

    n, d = len(vectors), min(vectors.shape[1], WIDEST)
    if not 2 <= min_cluster_size <= n:
        raise BadInput(
            f"HDBSCAN: between 2 and {n:,} points in the least cluster, not {min_cluster_size}."
        )
    if n * n * d > MOST_WORK:
        most = int((MOST_WORK / d) ** 0.5) // 1000 * 1000
        raise BadInput(
            f"HDBSCAN compares every two points: with {d} numbers each it does at most {most:,}, not {n:,}. "
            "Map fewer, or choose k-means."
        )
    model = HDBSCAN(min_cluster_size, allow_single_cluster=or_one, copy=True)
    return _by_size(model.fit_predict(reduced(vectors)))


def agreement(labels: np.ndarray, y: np.ndarray | None) -> dict[str, Any]:
    """How far clusters ``labels`` (n,), -1 noise, agree with the classes ``y`` (n,), -1 none, or None.

    ``figures`` are ``{value, unit, kind, protocol}`` each: ``clusters`` and ``noise_share`` always; ``purity``, ``nmi``
    and ``ari`` over the examples that have both a cluster and a class. Where those mean nothing (no labels, one class,
    all noise) ``sentence`` says why, else it is "".

    Purity is the share of examples that are of their cluster's commonest class; NMI is the mutual information of
    clusters and classes over the mean of their entropies; ARI is the adjusted Rand index (Hubert & Arabie 1985).
    """
    noise = labels == NONE
    figures = {
        "clusters": _figure(len(np.unique(labels[~noise])), "clusters", "without the noise"),
        "noise_share": _figure(float(noise.mean()), "of the examples", "those in no cluster"),
    }
    known = np.zeros(len(labels), bool) if y is None else y != NONE
    if sentence := _hindrance(noise, known, y):
        return {"figures": figures, "sentence": sentence}
    return {"figures": figures | _scores(labels[known & ~noise], y[known & ~noise]), "sentence": ""}


def _hindrance(noise: np.ndarray, known: np.ndarray, y: np.ndarray | None) -> str:
    """Why clusters cannot be set against classes; "" where they can."""
    if not known.any():
        return "These examples have no classes to set the clusters against."
    if noise.all():
        return "Every example counts as noise: there is no cluster to set against the classes."
    if not (known & ~noise).any():
        return "No example has both a cluster and a class."
    if len(np.unique(y[known & ~noise])) < 2:
        return "All examples in clusters are of one class: agreement with it would mean nothing."
    return ""


def _scores(labels: np.ndarray, y: np.ndarray) -> dict[str, dict[str, Any]]:
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
    from sklearn.metrics.cluster import contingency_matrix

    counts = contingency_matrix(y, labels)
    over = f"over the {len(y):,} examples that have a cluster and a class"
    return {
        "purity": _figure(
            float(counts.max(axis=0).sum() / counts.sum()),
            "of the examples",
            f"those of their cluster's commonest class, {over}; it grows with the number of clusters",
        ),
        "nmi": _figure(
            float(normalized_mutual_info_score(y, labels)),
            "0 to 1",
            f"mutual information over the mean of the two entropies, {over}",
        ),
        "ari": _figure(
            float(adjusted_rand_score(y, labels)),
            "0 by chance, 1 at best",
            f"adjusted Rand index, {over}",
        ),
    }


def _figure(value: float, unit: str, protocol: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "kind": "exact", "protocol": protocol}


def _by_size(labels: np.ndarray) -> np.ndarray:
    """The same clusters numbered by falling size, of equal ones by their first member; noise stays -1."""
    named, first, counts = np.unique(labels, return_index=True, return_counts=True)
    first, counts, named = (part[named != NONE] for part in (first, counts, named))
    renamed = np.full(len(labels), NONE, np.int32)
    for new, old in enumerate(named[np.lexsort((first, -counts))]):
        renamed[labels == old] = new
    return renamed

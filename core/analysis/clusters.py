"""Clusters among vectors, and how far they agree with the labels."""

from typing import Any

import numpy as np

__all__ = ["MOST_FOR_HDBSCAN", "STARTS", "agreement", "hdbscan", "kmeans"]

STARTS = 4  # k-means begins so often anew (k-means++) and keeps the best
MOST_FOR_HDBSCAN = 20_000


def kmeans(vectors: np.ndarray, k: int, seed: int = 0) -> np.ndarray:
    """Clusters 0 … k - 1 of ``vectors`` (n, d), the largest first: (n,) int32.

    scikit-learn's k-means, the best of 4 k-means++ starts drawn by ``seed``. ``BadInput`` for a ``k`` that is not
    from 2 to 100 or exceeds the number of different vectors.
    """
    raise NotImplementedError


def hdbscan(vectors: np.ndarray, min_cluster_size: int) -> np.ndarray:
    """Clusters 0, 1, …, the largest first, -1 for noise, of ``vectors`` (n, d): (n,) int32.

    scikit-learn's HDBSCAN (Campello, Moulavi & Sander 2013), which has no chance in it. ``BadInput`` for a
    ``min_cluster_size`` that is not from 2 to n and for more vectors than it can do in bearable time.
    """
    raise NotImplementedError


def agreement(labels: np.ndarray, y: np.ndarray | None) -> dict[str, Any]:
    """How far clusters ``labels`` (n,), -1 noise, agree with the classes ``y`` (n,), -1 none, or None.

    ``figures``: ``purity``, ``nmi`` and ``ari``, each ``{value, unit, kind, protocol}``, over the examples that have
    a cluster and a class, and always ``noise_share`` and ``clusters``; ``sentence`` says why purity, NMI and ARI are
    missing where they mean nothing (no labels, one class, all noise), else it is "".
    """
    raise NotImplementedError

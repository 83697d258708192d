"""The exact nearest neighbours that t-SNE and UMAP are built on.

Both libraries bring approximate searches of their own. For up to 50 numbers a vector and 50,000 vectors an exact one is
faster (10,000 codes of 10 numbers, 90 neighbours: 0.6 s against 5.8 s of openTSNE's Annoy; UMAP's has to be compiled
first, for each metric, 20 s), it can be stopped, and a map that is kept finds the same neighbours again.
"""

from typing import Literal

import numpy as np

from core.analysis.maps.base import Progress
from core.errors import BadInput

__all__ = ["Metric", "Neighbours", "check_metric", "seconds"]

Metric = Literal["euclidean", "cosine", "manhattan"]
BLOCK = 1000  # vectors asked for at a time: half a second at most


def check_metric(metric: str, d: int) -> None:
    """``BadInput`` where the metric cannot tell vectors of ``d`` numbers apart."""
    if metric == "cosine" and d == 1:
        raise BadInput.of_fields(
            {"metric": "A single number has no direction: choose euclidean or manhattan."}
        )


def seconds(metric: str, n: int, d: int) -> float:
    """An estimate of ``Neighbours(…).of_each(90)``: a tree up to 15 numbers, all pairs above."""
    if d <= 15:
        return 6e-6 * n * d * max(1.0, n / 20_000)
    return (3.5e-9 + 5e-11 * d * (10 if metric == "manhattan" else 1)) * n * n


class Neighbours:
    """Who is near among ``vectors`` (n, d), by a ``metric``. A vector of zeros has no direction: cosine puts it at 1/2
    from all others.
    """

    def __init__(self, vectors: np.ndarray, metric: str):
        from sklearn.neighbors import NearestNeighbors

        self.metric = metric
        self.vectors = self._scaled(vectors)
        inner = "euclidean" if metric == "cosine" else metric
        self.index = NearestNeighbors(metric=inner, n_jobs=1).fit(self.vectors)

    def of_each(self, k: int, progress: Progress | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The ``k`` nearest other rows of each row, (n, k) int32, nearest first, and their distances (n, k) float32."""
        n = len(self.vectors)
        rows, apart = np.empty((n, k), np.int32), np.empty((n, k), np.float32)
        for start in range(0, n, BLOCK):
            part = slice(start, min(start + BLOCK, n))
            far, found = self.index.kneighbors(self.vectors[part], k + 1)
            # A row is its own nearest, unless others are equal to it: then it may stand later, or not at all.
            own = found == np.arange(part.start, part.stop)[:, None]
            own[~own.any(axis=1), -1] = True
            rows[part] = found[~own].reshape(-1, k)
            apart[part] = self._distance(far[~own].reshape(-1, k))
            if progress:
                progress(part.stop / n, f"Neighbours of {part.stop:,} of {n:,} points")
        return rows, apart

    def of_new(self, new: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The ``k`` nearest rows of each of ``new`` (m, d), (m, k) int32, and their distances (m, k) float32."""
        far, found = self.index.kneighbors(self._scaled(new), k)
        return found.astype(np.int32), self._distance(far)

    def _scaled(self, vectors: np.ndarray) -> np.ndarray:
        vectors = np.ascontiguousarray(vectors, np.float32)
        if self.metric != "cosine":
            return vectors
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(length > 0, length, 1)

    def _distance(self, apart: np.ndarray) -> np.ndarray:
        # Between unit vectors |u - v|² = 2 (1 - cos).
        return (apart**2 / 2 if self.metric == "cosine" else apart).astype(np.float32)

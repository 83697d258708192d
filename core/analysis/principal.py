"""Exact PCA of a data set's training rows: what the best plane of every size leaves of the error on others.

The eigenvectors of the covariance (Pearson 1901; Eckart & Young 1936), in float64. One basis serves all sizes.
"""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from core.datasets.base import Data
from core.training.feed import to_float

__all__ = ["MOST", "Basis", "fitted", "mean_errors"]

MOST = 4096  # numbers in an example: the eigenvectors of a larger covariance take minutes
CHUNK = 4000

_fitted: "WeakKeyDictionary[Data, Basis]" = WeakKeyDictionary()


@dataclass(frozen=True)
class Basis:
    """``mean`` (size,) and the orthonormal ``axes`` (size, size), one a column, by falling variance; float64."""

    mean: Tensor
    axes: Tensor

    def scores(self, x: Tensor, k: int) -> Tensor:
        """``x`` (n, size) along the first ``k`` axes: (n, k)."""
        return (x.double() - self.mean) @ self.axes[:, :k]

    def back(self, scores: Tensor) -> Tensor:
        """The points (…, size) at these ``scores`` (…, k)."""
        return self.mean + scores.double() @ self.axes[:, : scores.shape[-1]].T


def fitted(data: Data) -> Basis:
    """The basis of the training rows; kept for as long as the data set is in memory."""
    if data not in _fitted:
        rows = data.splits["train"]
        mean = sum(part.sum(0) for part in _parts(data, rows)) / len(rows)
        covariance = sum((part - mean).T @ (part - mean) for part in _parts(data, rows))
        vectors = torch.linalg.eigh(covariance / max(len(rows) - 1, 1)).eigenvectors
        _fitted[data] = Basis(mean, vectors.flip(1))
    return _fitted[data]


def mean_errors(basis: Basis, data: Data, rows: np.ndarray) -> np.ndarray:
    """The squared error per number of the projection on the first 0, 1, … axes, mean over ``rows``: (size + 1,)."""
    energy = torch.zeros(len(basis.mean), dtype=torch.float64)
    for part in _parts(data, rows):
        energy += basis.scores(part, len(energy)).square().sum(0)
    # What a plane leaves out is what lies along the other axes: summed from the last one there is no cancellation.
    left = torch.cat([energy.flip(0).cumsum(0).flip(0), energy.new_zeros(1)])
    return (left / len(rows) / len(energy)).numpy()


def _parts(data: Data, rows: np.ndarray):
    """The examples at ``rows`` in data units, a few thousand at a time: (n, size) float64."""
    for start in range(0, len(rows), CHUNK):
        x = torch.from_numpy(data.x[rows[start : start + CHUNK]])
        yield to_float(x).flatten(1).double()

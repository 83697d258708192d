"""A fair sample of a split: each class with its own share, so that a map of some shows what a map of all would."""

import numpy as np

from core.analysis.passes import positions
from core.datasets.base import Data
from core.errors import BadInput

__all__ = ["by_class"]


def by_class(data: Data, split: str, n: int, seed: int = 0) -> np.ndarray:
    """Positions (m,) int64, rising, of ``n`` rows of a split, or of all where it has no more.

    Every class has its share of the split to within one row (the largest remainders are rounded up); which of its
    rows is drawn by ``seed``. Without classes, rows at random. Raises ``BadInput`` for a split that does not exist
    or is empty and for ``n`` < 1.
    """
    rows = positions(data, split)
    if not len(rows):
        raise BadInput(f"split: these data have no {split} rows.")
    if n < 1:
        raise BadInput(f"n: at least 1 example, not {n}.")
    if n >= len(rows):
        return np.sort(rows)
    random = np.random.default_rng(seed)
    if data.y is None:
        return np.sort(random.choice(rows, n, replace=False))
    y = data.y[rows]
    kinds, counts = np.unique(y, return_counts=True)
    parts = [
        random.choice(rows[y == kind], share, replace=False)
        for kind, share in zip(kinds, _shares(counts, n), strict=True)
    ]
    return np.sort(np.concatenate(parts))


def _shares(counts: np.ndarray, n: int) -> np.ndarray:
    """``n`` rows divided in proportion to ``counts`` (k,), of equal remainders the earlier first: (k,) int64."""
    exact = counts * n / counts.sum()
    shares = np.floor(exact).astype(np.int64)
    missing = n - shares.sum()
    shares[np.argsort(shares - exact, kind="stable")[:missing]] += 1
    return shares

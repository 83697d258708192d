"""Directions between two groups of codes, and how well one tells them apart.

An attribute is added to a code as the difference of two groups' mean codes: White 2016, "Sampling generative
networks", section 2.3; with images a - b + c: Radford, Metz & Chintala 2016 (DCGAN), section 6.3.2.
"""

import numpy as np

from core.errors import BadInput

__all__ = ["direction", "extremes", "flat_view", "means", "separation"]

SHARE = 0.25  # of the examples at either end of a factor that has no classes


def means(codes: np.ndarray, y: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """The mean code (classes, d) and the number of examples (classes,) of each class; NaN where there is none.

    ``codes`` (N, d), ``y`` (N,) the class of each.
    """
    counts = np.bincount(y, minlength=classes)
    found = np.full((classes, codes.shape[1]), np.nan)
    for k in np.flatnonzero(counts):
        found[k] = codes[y == k].mean(axis=0, dtype=np.float64)
    return found, counts


def direction(codes: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """From the mean of group ``a`` to that of group ``b``: (d,); both are masks (N,) over ``codes`` (N, d)."""
    if not a.any() or not b.any():
        raise BadInput("groups: each of the two needs at least one example.")
    return codes[b].mean(axis=0, dtype=np.float64) - codes[a].mean(axis=0, dtype=np.float64)


def extremes(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Masks (N,) of the lowest and the highest quarter of a factor's ``values`` (N,)."""
    low, high = np.quantile(values, [SHARE, 1 - SHARE])
    return values <= low, values >= high


def separation(codes: np.ndarray, s: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    """The chance that an example of group ``b`` lies further along ``s`` than one of ``a``: 0.5 means not at all.

    The area under the ROC curve (Mann & Whitney 1947), of the very examples that ``s`` was made of; NaN where a
    group is empty. An example in both groups counts in both.
    """
    from scipy.stats import rankdata

    along = codes.astype(np.float64) @ s
    first, second = along[a], along[b]
    if not len(first) or not len(second):
        return float("nan")
    ranks = rankdata(np.concatenate([first, second]))[len(first) :]
    return float((ranks.mean() - (len(second) + 1) / 2) / len(first))


def flat_view(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Two axes to look at codes (N, d) by: an origin (d,), ``axes`` (d, 2), and what they show of the variance (2,).

    Up to two units are looked at as they are, from 0, and the shares are None; of more units the two principal axes
    of the codes about their mean. The second axis of a single unit is nothing. A code c lies at (c - origin) @ axes.
    """
    d = codes.shape[1]
    if d <= 2:
        return np.zeros(d), np.eye(d, 2), None
    origin = codes.mean(axis=0, dtype=np.float64)
    variances, vectors = np.linalg.eigh(np.cov(codes.astype(np.float64), rowvar=False))
    axes = vectors[:, :-3:-1]
    # An eigenvector's sign is the library's choice: the largest entry is made positive.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    return origin, axes, variances[:-3:-1] / max(variances.sum(), np.finfo(float).tiny)

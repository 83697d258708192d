"""Principal components: the axes along which vectors vary most (Pearson 1901; Hotelling 1933)."""

from dataclasses import dataclass

import numpy as np

__all__ = [
    "LOW",
    "Components",
    "along",
    "lowered",
    "principal",
    "reduction",
    "reduction_seconds",
    "seconds",
]

LOW = 50  # numbers a vector has at most in t-SNE and UMAP, as in van der Maaten & Hinton 2008, section 4.1

BLOCK = 4000  # vectors turned into float64 at a time
EXACT = 1024  # the smaller side of the vectors up to which every axis is computed: a second or two


@dataclass(frozen=True, eq=False)
class Components:
    """``mean`` (d,), orthonormal ``axes`` (k, d) by falling variance and the ``shares`` (k,) of the whole variance, of
    1, along them; all float64. ``exact`` is False where the axes were found by random projections.

    The largest number of each axis is positive, so that the same vectors have the same axes, and like ones like axes.
    """

    mean: np.ndarray
    axes: np.ndarray
    shares: np.ndarray
    exact: bool

    def scores(self, vectors: np.ndarray) -> np.ndarray:
        """``vectors`` (n, d) along the axes: (n, k) float64."""
        return along(vectors, self.mean, self.axes)


def along(vectors: np.ndarray, mean: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """``vectors`` (n, d) less ``mean`` (d,) along ``axes`` (k, d): (n, k) float64."""
    found = np.empty((len(vectors), len(axes)))
    for start in range(0, len(vectors), BLOCK):
        rows = slice(start, start + BLOCK)
        found[rows] = (vectors[rows].astype(np.float64) - mean) @ axes.T
    return found


def principal(vectors: np.ndarray, k: int) -> Components:
    """The first ``k`` components of ``vectors`` (n, d), at most min(n - 1, d) of them.

    Exact where n or d is at most 1,024; else by random projections of a fixed seed (Halko, Martinsson & Tropp 2011,
    "Finding structure with randomness", algorithm 4.4), which find the leading axes very nearly.
    """
    from sklearn.decomposition import PCA

    n, d = vectors.shape
    exact = min(n, d) <= EXACT
    solver = ("covariance_eigh" if d <= n else "full") if exact else "randomized"
    numbers = vectors.astype(np.float64 if exact else np.float32)
    found = PCA(min(k, n - 1, d), svd_solver=solver, random_state=0).fit(numbers)
    axes = found.components_.astype(np.float64)
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return Components(
        found.mean_.astype(np.float64),
        axes * np.sign(largest),
        found.explained_variance_ratio_.astype(np.float64),
        exact,
    )


def seconds(n: int, d: int, k: int) -> float:
    """An estimate of ``principal``, measured on one thread: 10,000 × 784: 0.25, 50,000 × 784: 0.8, 1,000 × 6,272: 1.3,
    5,000 × 2,000: 0.2; 50 axes of 10,000 × 3,136: 2.0.
    """
    if min(n, d) > EXACT:
        return 1.3e-9 * n * d * (k + 10)
    return 0.01 + (2e-10 * d**3 + 2.5e-11 * n * d**2 if d <= n else 2e-10 * n**2 * d)


def reduction(vectors: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, int | float]]:
    """What brings ``vectors`` (n, d) down to 50 principal components, for ``Projection.state``, and the facts of it:
    ``reduced_to`` and the share of the variance that is kept. Both are empty for vectors of at most 50 numbers.
    """
    if vectors.shape[1] <= LOW:
        return {}, {}
    found = principal(vectors, LOW)
    state = {"reduced_mean": found.mean, "reduced_axes": found.axes}
    facts = {"reduced_to": len(found.axes), "reduced_keeps": float(found.shares.sum())}
    return state, facts


def reduction_seconds(n: int, d: int) -> float:
    """An estimate of ``reduction``."""
    return seconds(n, d, LOW) if d > LOW else 0.0


def lowered(vectors: np.ndarray, state: dict[str, np.ndarray]) -> np.ndarray:
    """``vectors`` (n, d) on the axes that ``reduction`` found, if any: float32."""
    if "reduced_axes" not in state:
        return vectors.astype(np.float32)
    return along(vectors, state["reduced_mean"], state["reduced_axes"]).astype(np.float32)

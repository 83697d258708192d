"""Principal components: the axes along which vectors vary most (Pearson 1901; Hotelling 1933)."""

from dataclasses import dataclass

import numpy as np

__all__ = ["LOW", "Components", "lowered", "principal", "reduction"]

LOW = 50  # numbers a vector has at most in t-SNE and UMAP, as in van der Maaten & Hinton 2008, section 4.1

EXACT = 1024  # the smaller side of the vectors up to which every axis is computed: a second or two


@dataclass(frozen=True, eq=False)
class Components:
    """``mean`` (d,), orthonormal ``axes`` (k, d) by falling variance, their ``variance`` (k,) and the ``total`` of all
    d axes, all float64. ``exact`` is False where the axes were found by random projections.

    The largest number of each axis is positive, so that the same vectors have the same axes, and like ones like axes.
    """

    mean: np.ndarray
    axes: np.ndarray
    variance: np.ndarray
    total: float
    exact: bool

    def scores(self, vectors: np.ndarray) -> np.ndarray:
        """``vectors`` (n, d) along the axes: (n, k) float64."""
        return (vectors.astype(np.float64) - self.mean) @ self.axes.T

    @property
    def shares(self) -> np.ndarray:
        """The share of the whole variance along each axis: (k,), between 0 and 1."""
        return self.variance / self.total


def principal(vectors: np.ndarray, k: int) -> Components:
    """The first ``k`` components of ``vectors`` (n, d), at most min(n - 1, d) of them.

    Exact where n or d is at most 1,024; else by random projections of a fixed seed (Halko, Martinsson & Tropp 2011,
    "Finding structure with randomness", algorithm 4.4), which find the leading axes very nearly.
    """
    from sklearn.decomposition import PCA

    n, d = vectors.shape
    exact = min(n, d) <= EXACT
    solver = ("covariance_eigh" if d <= n else "full") if exact else "randomized"
    found = PCA(min(k, n - 1, d), svd_solver=solver, random_state=0).fit(vectors.astype(np.float64))
    axes = found.components_
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    total = float(vectors.var(axis=0, dtype=np.float64, ddof=1).sum())
    return Components(found.mean_, axes * np.sign(largest), found.explained_variance_, total, exact)


def reduction(vectors: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, int | float]]:
    """What brings ``vectors`` (n, d) down to 50 principal components, for ``Projection.state``, and the facts of it:
    ``reduced_to`` and the share of the variance that is kept. Both are empty for vectors of at most 50 numbers.
    """
    if vectors.shape[1] <= LOW:
        return {}, {}
    found = principal(vectors, LOW)
    state = {"reduced_mean": found.mean, "reduced_axes": found.axes}
    return state, {"reduced_to": len(found.axes), "reduced_keeps": float(found.shares.sum())}


def lowered(vectors: np.ndarray, state: dict[str, np.ndarray]) -> np.ndarray:
    """``vectors`` (n, d) on the axes that ``reduction`` found, if any: float32."""
    if "reduced_axes" not in state:
        return vectors.astype(np.float32)
    away = vectors.astype(np.float64) - state["reduced_mean"]
    return (away @ state["reduced_axes"].T).astype(np.float32)

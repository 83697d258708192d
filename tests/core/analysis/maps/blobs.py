"""Points whose map is known before it is made."""

import numpy as np


def blobs(each: int = 40, d: int = 5, apart: float = 50.0, seed: int = 0):
    """Three round clouds far from each other: vectors (3 × each, d) float32 and which cloud each is of."""
    random = np.random.default_rng(seed)
    centres = apart * np.eye(3, d)
    vectors = np.repeat(centres, each, axis=0) + random.normal(size=(3 * each, d))
    return vectors.astype(np.float32), np.repeat(np.arange(3), each)


def purity(at: np.ndarray, y: np.ndarray, k: int = 10) -> float:
    """The share of each point's ``k`` nearest others on the map that are of its own cloud, in the mean."""
    apart = np.linalg.norm(at[:, None].astype(float) - at[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    near = np.argsort(apart, axis=1)[:, :k]
    return float((y[near] == y[:, None]).mean())


def plane(n: int = 300, d: int = 6, seed: int = 0):
    """Points near a plane: vectors (n, d) float64 exactly with the standard deviations 5, 2 and 0.1 along three known
    orthonormal axes (3, d), and those axes.
    """
    random = np.random.default_rng(seed)
    axes = np.linalg.qr(random.normal(size=(d, 3)))[0].T
    white = random.normal(size=(n, 3))
    white = np.linalg.qr(white - white.mean(axis=0))[0] * np.sqrt(n - 1)
    return white * [5.0, 2.0, 0.1] @ axes + 3.0, axes

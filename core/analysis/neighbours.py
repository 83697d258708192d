"""Who lies nearest, in the code and in pixels: Euclidean distances, arrays in, arrays out."""

import numpy as np

__all__ = ["distances", "nearest"]

CHUNK = 1000  # rows turned into floats at a time


def distances(values: np.ndarray, query: np.ndarray) -> np.ndarray:
    """The Euclidean distance of each of ``values`` (N, …) from ``query`` (…): (N,) float32.

    Bytes are read as pixels in [0, 1], so that the distances are in data units.
    """
    scale = 255.0 if values.dtype == np.uint8 else 1.0
    query = query.reshape(-1).astype(np.float32)
    found = np.empty(len(values), np.float32)
    for start in range(0, len(values), CHUNK):
        part = values[start : start + CHUNK].reshape(-1, query.size).astype(np.float32)
        found[start : start + CHUNK] = np.linalg.norm(part - query, axis=1) / scale
    return found


def nearest(apart: np.ndarray, k: int) -> np.ndarray:
    """Where the ``k`` smallest of the distances ``apart`` (N,) stand, the nearest first; the earlier row of equals."""
    return np.argsort(apart, kind="stable")[:k]

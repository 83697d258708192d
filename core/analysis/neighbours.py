"""Who lies nearest, in the code and in pixels: distances, arrays in, arrays out."""

import numpy as np

__all__ = ["cosines", "distances", "nearest", "nearest_of_each"]

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


def cosines(values: np.ndarray, query: np.ndarray) -> np.ndarray:
    """The cosine distance of each of ``values`` (N, d) from ``query`` (d,): 1 - cos of their angle, (N,) float32.

    From 0 (the same direction) to 2 (opposite ones); 1 where either is 0, which has no direction.
    """
    lengths = np.linalg.norm(values, axis=1) * np.linalg.norm(query)
    found = np.zeros(len(values), np.float32)
    np.divide(values @ query, lengths, out=found, where=lengths > 0)
    return 1 - np.clip(found, -1, 1)


def nearest(apart: np.ndarray, k: int) -> np.ndarray:
    """Where the ``k`` smallest of the distances ``apart`` (N,) stand, the nearest first; the earlier row of equals."""
    return np.argsort(apart, kind="stable")[:k]


def nearest_of_each(values: np.ndarray, queries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each of ``queries`` (n, …) the row of the nearest of ``values`` (N, …), (n,), and how far it is, float32.

    Both in the units of ``distances``; bytes are read as pixels in [0, 1].
    """
    wanted = _flat(queries)
    least, at = np.full(len(wanted), np.inf, np.float32), np.zeros(len(wanted), np.intp)
    for start in range(0, len(values), CHUNK):
        part = _flat(values[start : start + CHUNK])
        # The query's own square is the same for all values; |v - q|² needs no array of differences.
        apart = np.square(part).sum(axis=1) - 2 * wanted @ part.T
        found = apart.argmin(axis=1)
        lower = apart.min(axis=1)
        at = np.where(lower < least, start + found, at)
        least = np.minimum(lower, least)
    return at, np.linalg.norm(_flat(values[at]) - wanted, axis=1)


def _flat(values: np.ndarray) -> np.ndarray:
    flat = values.reshape(len(values), -1).astype(np.float32)
    return flat / 255 if values.dtype == np.uint8 else flat

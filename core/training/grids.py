"""Regular grids: where a vector field's arrows begin, and which places of a code are decoded."""

import numpy as np

MARGIN = 0.25  # of the data's extent, on each side
TRIMMED = 0.005  # of the points at either end: one stray point must not shrink the picture


def box_of(points: np.ndarray) -> list[float]:
    """The extent of ``points`` (n, 2) with a quarter of it on each side: [left, right, bottom, top] in data units."""
    low, high = np.quantile(points.astype(np.float64), [TRIMMED, 1 - TRIMMED], axis=0)
    pad = np.maximum(MARGIN * (high - low), 1e-3)
    return np.stack([low - pad, high + pad], axis=1).ravel().tolist()


def grid_over(box: list[float], n: int) -> np.ndarray:
    """``n`` × ``n`` places (n·n, 2) float32 over a box, the first ``n`` along x at the bottom."""
    left, right, bottom, top = box
    across, up = np.meshgrid(np.linspace(left, right, n), np.linspace(bottom, top, n))
    return np.stack([across, up], axis=-1).reshape(-1, 2).astype(np.float32)


def line_over(box: list[float], n: int) -> np.ndarray:
    """``n`` places (n, 1) float32 along the first axis of a box, rising."""
    return np.linspace(box[0], box[1], n, dtype=np.float32)[:, None]

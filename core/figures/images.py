"""Numbers as pictures: arrays in, uint8 RGB pictures (n, 3, H, W) out.

A picture of several channels is drawn as their mean. What is no number is drawn as zero.
"""

import numpy as np

from core.figures.palette import GENERATED, REAL

__all__ = ["magnitude", "signed"]

PAPER = "#fbfbfa"  # near the page's own white, so that "nothing" recedes
DEEP = "#3d1500"  # beyond the orange, so that the largest stand out

DIVERGING = (REAL, PAPER, GENERATED)
SEQUENTIAL = (PAPER, GENERATED, DEEP)


def signed(values: np.ndarray, together: bool = False) -> np.ndarray:
    """Pictures of ``values`` (n, H, W) or (n, C, H, W): negative blue, zero paper, positive orange.

    The scale is symmetric about zero and reaches to the largest size in each picture, or with ``together`` in all.
    """
    flat = _flat(values)
    return _coloured(0.5 + 0.5 * flat / _largest(flat, together), DIVERGING)


def magnitude(values: np.ndarray, together: bool = False) -> np.ndarray:
    """Pictures of sizes ``values`` (n, H, W) or (n, C, H, W): zero paper, then orange, the largest nearly black.

    The scale begins at zero (what is below counts as zero) and ends at the largest of each picture, or of all.
    """
    flat = np.maximum(_flat(values), 0)
    return _coloured(flat / _largest(flat, together), SEQUENTIAL)


def _flat(values: np.ndarray) -> np.ndarray:
    """``values`` as (n, H, W) float64."""
    values = np.nan_to_num(np.asarray(values, np.float64), posinf=0.0, neginf=0.0)
    return values.mean(axis=1) if values.ndim == 4 else values


def _largest(values: np.ndarray, together: bool) -> np.ndarray:
    """The scale of each picture (n, 1, 1) or of all (1, 1, 1); 1 where all is zero."""
    size = np.abs(values).max(axis=None if together else (1, 2), keepdims=True, initial=0.0)
    return np.where(size > 0, size, 1.0)


def _coloured(shares: np.ndarray, stops: tuple[str, ...]) -> np.ndarray:
    """``shares`` (n, H, W) of the way through the colours ``stops``, evenly spaced: (n, 3, H, W) uint8."""
    places = np.linspace(0, 1, len(stops))
    channels = [
        np.interp(shares, places, [int(stop[i : i + 2], 16) for stop in stops]) for i in (1, 3, 5)
    ]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)

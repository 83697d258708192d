"""The code itself: how each unit varies, how often it speaks, and which units are silent for good."""

import numpy as np
import torch

from core.analysis.passes import batches, device_of, quiet
from core.datasets.base import Data
from core.models.base import Model

__all__ = ["PROTOCOL", "UNITS", "dead_units", "encoded", "statistics"]

UNITS = 256  # a correlation matrix of more cannot be read
ACTIVE_SHARE = 0.1
DEAD_SHARE = 0.01
# Rounding leaves a constant float32 unit with some deviation; relative to the code's size it is below this.
CONSTANT = 1e-6

PROTOCOL = (
    "A unit is active for an example where its size exceeds a tenth of the largest size that any unit of this code "
    "reaches; it is dead if its standard deviation is at most 1 % of the liveliest unit's, so that it says the same "
    "of every example."
)


def encoded(model: Model, data: Data, rows: np.ndarray) -> np.ndarray:
    """The mean codes of the examples at ``rows``, each flattened: (N, d) float32."""
    with quiet(model, 0):
        codes = [
            model.encode(batch.x, batch.y).mean.flatten(1)
            for batch in batches(data, rows, device_of(model))
        ]
    return torch.cat(codes).float().cpu().numpy()


def statistics(codes: np.ndarray, bins: int) -> dict[str, np.ndarray]:
    """What ``codes`` (N, d) do, unit by unit; ``PROTOCOL`` says what active and dead mean.

    ``mean``, ``std``, ``share_active`` (d,) float32, ``dead`` (d,) bool, ``order`` (d,) the units by falling
    variance, ``counts`` (d, bins) int32 between the common ``edges`` (bins + 1,), ``correlation`` (d, d) float32, 0
    in the row and column of a constant unit.
    """
    values = codes.astype(np.float64)
    size = np.abs(values)
    std = values.std(axis=0)
    edges = np.histogram_bin_edges(values, bins)
    return {
        "mean": values.mean(axis=0).astype(np.float32),
        "std": std.astype(np.float32),
        "share_active": (size > ACTIVE_SHARE * size.max()).mean(axis=0).astype(np.float32),
        "dead": dead_units(values),
        "order": np.argsort(-std, kind="stable"),
        "counts": np.stack([np.histogram(unit, edges)[0] for unit in values.T]).astype(np.int32),
        "edges": edges.astype(np.float32),
        "correlation": _correlation(values, std, CONSTANT * size.max()),
    }


def dead_units(values: np.ndarray) -> np.ndarray:
    """Which units of ``values`` (N, d) say the same of every example: (d,) bool."""
    std = values.std(axis=0)
    return std <= max(DEAD_SHARE * std.max(), CONSTANT * np.abs(values).max())


def _correlation(values: np.ndarray, std: np.ndarray, constant: float) -> np.ndarray:
    """Pearson's correlation (d, d) of the columns of ``values``."""
    scale = np.zeros_like(std)
    np.divide(1.0, std, out=scale, where=std > constant)
    standard = (values - values.mean(axis=0)) * scale
    return np.clip(standard.T @ standard / len(values), -1, 1).astype(np.float32)

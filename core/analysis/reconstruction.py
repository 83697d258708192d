"""Reconstructions beside what they should be: the error of every example, and those worth a look."""

from typing import Any

import numpy as np
import torch

from core.analysis.evaluation import squared_errors
from core.analysis.passes import BATCH, batches, device_of, quiet
from core.datasets.base import Data
from core.models.base import Model
from core.models.corruption import corrupt

__all__ = ["ORDERS", "survey"]

ORDERS = ("first", "best", "worst", "random")


def survey(
    model: Model,
    data: Data,
    rows: np.ndarray,
    order: str = "first",
    n: int = 24,
    seed: int = 0,
    corruption: str = "none",
    level: float = 0.0,
) -> dict[str, np.ndarray]:
    """The ``n`` examples of ``rows`` that come first in ``order``, and the errors of all.

    ``x``, ``corrupted`` and ``x_hat`` (n, *shape) float32 in data units, their ``error`` (n,) float64 (squared,
    summed over the example) and ``position`` (n,); ``errors`` (len(rows),) in the order of ``rows``. The model sees
    the corrupted example and is measured against the clean one. Whatever the order, an example's damage is the same.
    """
    drawn = np.random.default_rng(seed).permutation(len(rows)) if order == "random" else None
    kept: dict[str, np.ndarray] = {}
    errors = []
    with quiet(model, seed) as generator:
        for i, batch in enumerate(batches(data, rows, device_of(model))):
            damaged = corrupt(batch.x, corruption, level, generator)
            x_hat = model.reconstruct(damaged, generator, batch.y)
            error = squared_errors(x_hat, batch.x).cpu().numpy()
            errors.append(error)
            part = np.arange(i * BATCH, i * BATCH + len(error))
            ranks = {"first": part, "best": error, "worst": -error}
            new = {
                "rank": ranks[order] if drawn is None else drawn[part],
                "x": _array(batch.x),
                "corrupted": _array(damaged),
                "x_hat": _array(x_hat),
                "error": error,
                "position": rows[part],
            }
            kept = _first(kept, new, n)
    del kept["rank"]
    return {**kept, "errors": np.concatenate(errors)}


def _first(kept: dict[str, Any], new: dict[str, Any], n: int) -> dict[str, np.ndarray]:
    """Of the examples kept and the new ones the ``n`` of lowest rank: a split never lies in memory as a whole."""
    if kept:
        new = {name: np.concatenate([kept[name], values]) for name, values in new.items()}
    chosen = np.argsort(new["rank"], kind="stable")[:n]
    return {name: values[chosen] for name, values in new.items()}


def _array(values: torch.Tensor) -> np.ndarray:
    return values.float().cpu().numpy()

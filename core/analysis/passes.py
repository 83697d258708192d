"""Passes over a data set that leave no trace: eval mode, no gradients, the random stream given back as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from core.datasets.base import Data
from core.errors import BadInput
from core.models.base import Batch, Model
from core.training.feed import to_float

__all__ = ["batches", "device_of", "positions", "quiet", "spread"]

# Small enough for a conv net's activations to stay in the cache's reach, large enough to hide the overhead.
BATCH = 500


@contextmanager
def quiet(model: Model, seed: int) -> Iterator[torch.Generator]:
    """Everything inside is a function of the weights and ``seed`` alone; yields a generator of that seed."""
    mode = model.training
    model.eval()
    try:
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(seed)
            yield torch.Generator().manual_seed(seed)
    finally:
        model.train(mode)


def device_of(model: Model) -> torch.device:
    """Where the weights are."""
    return next(model.parameters()).device


def positions(data: Data, split: str, limit: int | None = None) -> np.ndarray:
    """The first ``limit`` positions (n,) of a split in ``data.x``; ``BadInput`` for a split that does not exist."""
    if split not in data.splits:
        raise BadInput(f"split: there is no split {split!r}; choose {', '.join(data.splits)}.")
    if limit is not None and limit < 1:
        raise BadInput("limit: at least 1.")
    return data.splits[split][:limit]


def spread(rows: np.ndarray, limit: int) -> np.ndarray:
    """``rows``, or of more than ``limit`` so many, evenly spread: files often go by class."""
    return rows if len(rows) <= limit else rows[np.arange(limit) * len(rows) // limit]


def batches(data: Data, rows: np.ndarray, device: torch.device) -> Iterator[Batch]:
    """Batches of up to 500 examples at the positions ``rows``, in order; images as float32 in [0, 1]."""
    for start in range(0, len(rows), BATCH):
        chosen = rows[start : start + BATCH]
        yield Batch(
            to_float(torch.from_numpy(data.x[chosen]).to(device)),
            _picked(data.y, chosen, device),
            _picked(data.target, chosen, device),
            torch.from_numpy(data.index[chosen]).to(device),
        )


def _picked(array: np.ndarray | None, rows: np.ndarray, device: torch.device) -> Tensor | None:
    return None if array is None else torch.from_numpy(array[rows]).to(device)

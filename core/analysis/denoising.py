"""What a model restores of damaged examples: one example damaged many times, and damage and repair by turns."""

import torch
from torch import Tensor

from core.analysis.passes import BATCH, quiet
from core.models.base import Batch, Model
from core.models.corruption import corrupt

__all__ = ["chained", "restored"]


def restored(
    model: Model, batch: Batch, kind: str, level: float, n: int, seed: int
) -> tuple[Tensor, Tensor]:
    """The one example of ``batch`` damaged ``n`` times, and each restored: both (n, *shape)."""
    x, y = batch.x, batch.y
    with quiet(model, seed) as generator:
        damaged = corrupt(x.repeat(n, *[1] * (x.dim() - 1)), kind, level, generator)
        clean = [
            model.reconstruct(part, generator, None if y is None else y.expand(len(part)))
            for part in damaged.split(BATCH)
        ]
    return damaged, torch.cat(clean)


def chained(
    model: Model, batch: Batch, kind: str, level: float, n: int, seed: int
) -> tuple[Tensor, Tensor]:
    """The one example of ``batch`` damaged and restored, that damaged and restored …: both (n, *shape).

    Of a model trained on that damage the chain wanders through what it takes the data to be (Bengio, Yao, Alain &
    Vincent 2013, "Generalized denoising auto-encoders as generative models", algorithm 1).
    """
    x, damaged, clean = batch.x, [], []
    with quiet(model, seed) as generator:
        for _ in range(n):
            damaged.append(corrupt(x, kind, level, generator))
            x = model.reconstruct(damaged[-1], generator, batch.y)
            clean.append(x)
    return torch.cat(damaged), torch.cat(clean)

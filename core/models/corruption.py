"""Damage that an autoencoder learns to undo, as settings and as functions of images or points."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["KINDS", "Corruption", "corrupt", "problem"]

Corruption = Literal["none", "gaussian", "dropout", "masking", "salt_and_pepper"]
KINDS = ("none", "gaussian", "dropout", "masking", "salt_and_pepper")


def corrupt(
    x: Tensor, kind: Corruption, level: float, generator: torch.Generator | None = None
) -> Tensor:
    """``x`` of any shape, float32 in data units, damaged; without a ``generator`` by torch's global noise.

    ``gaussian`` adds noise of standard deviation ``level``, clipped by nothing. The others take each number by itself
    with probability ``level`` (0 to 1): ``masking`` sets it to 0, ``dropout`` too and divides the survivors by
    1 - level (as Keras and torch do, so that the sum stays), ``salt_and_pepper`` sets it to 0 or to 1, one as likely
    as the other. Vincent et al. 2010, "Stacked denoising autoencoders", JMLR 11, section 3.2.
    """
    if kind == "none" or level == 0:
        return x
    if kind == "gaussian":
        return x + level * _draw(torch.randn, x, generator)
    if kind == "dropout" and generator is None:
        return F.dropout(x, level)
    hit = _draw(torch.rand, x, generator)
    if kind == "salt_and_pepper":
        # One draw says both: below half the level it is pepper, up to the level it is salt.
        return torch.where(hit < level, (hit >= level / 2).to(x.dtype), x)
    kept = x.masked_fill(hit < level, 0.0)
    return kept / (1 - level) if kind == "dropout" else kept


def problem(kind: Corruption, level: float, points: bool) -> str:
    """Why this damage leaves nothing to learn from, or means nothing for the data; empty if it is fine."""
    if kind in ("dropout", "masking", "salt_and_pepper") and level >= 1:
        return "At 100 % nothing of the input is left to learn from: take less."
    if kind == "salt_and_pepper" and points:
        return "Salt and pepper are black and white pixels; for points choose gaussian."
    return ""


def _draw(distribution, x: Tensor, generator: torch.Generator | None) -> Tensor:
    """Noise like ``x``; a generator lives on the CPU, so its numbers are the same wherever ``x`` lies."""
    if generator is None:
        return distribution(x.shape, device=x.device)
    return distribution(x.shape, generator=generator).to(x.device)

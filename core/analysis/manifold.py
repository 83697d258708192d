"""The curved line or sheet that a decoder bends through the data, beside PCA's straight one."""

from math import prod

import numpy as np
import torch
from torch import Tensor

from core.analysis.passes import BATCH, device_of, quiet
from core.analysis.principal import Basis
from core.models.base import Model

__all__ = ["decoded_grid", "plane"]

INNER = (0.01, 0.99)  # of the codes: the sheet reaches as far as the data do, strays left out


def decoded_grid(model: Model, codes: np.ndarray, m: int) -> np.ndarray:
    """What a regular grid over the inner range of ``codes`` (n, d) decodes to, for d = 1 or 2, in data units.

    (m, D) for a code of one number; (m, m, D) for two, the first number growing along each row.
    """
    z = _grid(codes, m)
    shape = model.latents["z"]
    if prod(shape) != z.shape[-1]:
        shape = z.shape[-1:]  # trained layer by layer, a model has at first a code of another width
    flat = torch.from_numpy(z.astype(np.float32)).reshape(-1, *shape).to(device_of(model))
    with quiet(model, 0):
        x = torch.cat([model.decode(part) for part in flat.split(BATCH)])
    return x.float().cpu().numpy().reshape(*z.shape[:-1], -1)


def plane(basis: Basis, x: Tensor, k: int) -> np.ndarray:
    """The ends (2, D) of PCA's line or the corners (2, 2, D) of its patch, as far as ``x`` (n, D) reaches; k = 1, 2."""
    corners = _grid(basis.scores(x, k).numpy(), 2)
    return basis.back(torch.from_numpy(corners)).float().numpy()


def _grid(codes: np.ndarray, m: int) -> np.ndarray:
    """``m`` steps over the inner range of each column of ``codes``: (m, 1) or (m, m, 2)."""
    low, high = np.quantile(codes.astype(np.float64), INNER, axis=0)
    sides = [np.linspace(a, b, m) for a, b in zip(low, high, strict=True)]
    return np.stack(np.meshgrid(*sides), axis=-1)

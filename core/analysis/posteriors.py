"""What a model says of examples, unit by unit, and codes turned back into examples, whatever shape a code has."""

from math import prod

import numpy as np
import torch
from torch import Tensor

from core.analysis.codes import CONSTANT, DEAD_SHARE
from core.analysis.passes import BATCH, batches, device_of, quiet
from core.datasets.base import Data
from core.models.base import Model

__all__ = [
    "COLLAPSED",
    "decoded",
    "is_discrete",
    "posteriors",
    "prior_std",
    "takes_class",
    "unit_interest",
]

COLLAPSED = 0.01  # nats: a unit that says less of an example than this is taken to say nothing


def posteriors(model: Model, data: Data, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """The means, and where the model has them the log-variances, of q(z|x) at ``rows``: (N, d) float32 each."""
    means, log_vars = [], []
    with quiet(model, 0):
        for batch in batches(data, rows, device_of(model)):
            code = model.encode(batch.x, batch.y)
            means.append(code.mean.flatten(1))
            if code.log_var is not None:
                log_vars.append(code.log_var.flatten(1))
    log_var = torch.cat(log_vars).float().cpu().numpy() if log_vars else None
    return torch.cat(means).float().cpu().numpy(), log_var


def unit_interest(mean: np.ndarray, log_var: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    r"""How much each unit says, (d,) float64, and whether it is collapsed, (d,) bool; both arguments (N, d).

    With log-variances: the mean over the examples of the unit's KL from N(0, 1) in nats,
    $-\tfrac12(1 + \ln\sigma^2 - \mu^2 - \sigma^2)$ (Kingma & Welling 2014, appendix B), collapsed below 0.01.
    Without: the variance of the unit, collapsed where its standard deviation is at most 1 % of the liveliest unit's.
    """
    mu = mean.astype(np.float64)
    if log_var is None:
        std = mu.std(axis=0)
        return std**2, std <= max(DEAD_SHARE * std.max(), CONSTANT * np.abs(mu).max())
    spread = log_var.astype(np.float64)
    nats = -0.5 * (1 + spread - mu**2 - np.exp(spread)).mean(axis=0)
    return nats, nats < COLLAPSED


def is_discrete(model: Model, data: Data) -> bool:
    """Whether codes are choices from a codebook, which a decoder may still be asked to read between."""
    with quiet(model, 0):
        batch = next(batches(data, data.splits["train"][:2], device_of(model)))
        return model.encode(batch.x, batch.y).indices is not None


def takes_class(model: Model) -> bool:
    """Whether the model encodes and decodes with the class of the example."""
    return bool(getattr(model, "conditional", False))


def prior_std(model: Model) -> float:
    """The standard deviation of each unit under the model's prior, a Gaussian around 0; 1 where it says nothing."""
    return 1.0 if model.prior_deviation is None else model.prior_deviation


def decoded(model: Model, z: np.ndarray, y: np.ndarray | None = None) -> Tensor:
    """What the flat codes ``z`` (N, d) decode to, (N, *shape) float32 in data units.

    ``y`` (N,) are classes, which only a model that takes them is given; it can do without.
    """
    shape = tuple(model.latents["z"])
    if prod(shape) != z.shape[-1]:
        shape = z.shape[-1:]  # trained layer by layer, a model has at first a code of another width
    device = device_of(model)
    codes = torch.from_numpy(np.ascontiguousarray(z, np.float32)).reshape(-1, *shape).to(device)
    parts = codes.split(BATCH)
    with quiet(model, 0):
        if y is None or not takes_class(model):
            return torch.cat([model.decode(part) for part in parts]).float().cpu()
        given = torch.from_numpy(np.array(y, np.int64)).to(device).split(BATCH)
        pairs = zip(parts, given, strict=True)
        return torch.cat([model.decode(part, labels) for part, labels in pairs]).float().cpu()

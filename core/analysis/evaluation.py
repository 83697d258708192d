"""What a trained model is worth on examples it has not seen, each figure with its unit, split and protocol.

``…_mse`` and ``…_sse`` are the squared error of the reconstruction in data units, as a mean over pixels (or
coordinates) and as a sum per example; ``…_restored_mse`` and ``…_restored_sse`` are those of the reconstruction of a
damaged input against the clean one; ``…_closed_form_mse`` is that of a model's closed form, where it has one.
``…_nll`` is -log p(x) in nats per example where the model can compute or estimate it, ``…_bound`` an upper bound on it
(minus the evidence lower bound). Both need data of which the model's likelihood is a likelihood: a Bernoulli
cross-entropy on grey pixels is none, so grey images get neither.
``active_units`` counts the codes with Var_x(E[z | x]) > 0.01 (Burda, Grosse and Salakhutdinov 2016, section 5.2).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from core.analysis.passes import batches, device_of, positions, quiet
from core.datasets.base import Data
from core.models.base import Likelihood, Model, abilities
from core.models.corruption import corrupt

__all__ = ["ACTIVE", "Metric", "evaluate", "mean_squared_error", "squared_errors"]

# The variance above which Burda et al. call a code active.
ACTIVE = 0.01


@dataclass(frozen=True)
class Metric:
    """One figure. ``kind``: exact for this split, a bound on the quantity, or an estimate of it."""

    value: float
    unit: str
    split: str
    protocol: str
    kind: Literal["exact", "bound", "estimate"] = "exact"


def evaluate(
    model: Model,
    data: Data,
    split: str = "test",
    seed: int = 0,
    corruption: str = "none",
    level: float = 0.0,
) -> dict[str, dict[str, Any]]:
    """Every figure that means something for this model on this split, as ``{name: Metric as a dictionary}``.

    A function of the weights, the data and ``seed`` (which draws the codes of a bound, and the damage). With a
    ``corruption`` (``core.models.corruption``) of some ``level`` also what is restored of it. An empty split gives {}.
    """
    rows = positions(data, split)
    if not len(rows):
        return {}
    can = abilities(model)
    found: dict[str, Metric] = {}
    with quiet(model, seed):
        if "reconstruct" in can:
            found |= _errors(model, data, split, rows, seed)
            if corruption != "none":
                found |= _restored(model, data, split, rows, seed, corruption, level)
        if "fit" in can:
            found |= _closed_form(model, data, split, rows)
        if "log_prob" in can and _has_likelihood(data):
            found |= _likelihood(model, data, split, rows, seed)
        if "encode" in can:
            found |= _active_units(model, data, split, rows)
        if "metrics" in can:
            found |= _own(model, data, split, rows)
    return {name: asdict(metric) for name, metric in found.items()}


def squared_errors(x_hat: Tensor, x: Tensor) -> Tensor:
    """The squared error of each example, summed over its numbers: (B, *shape) twice -> (B,) float64."""
    return (x_hat - x).double().square().flatten(1).sum(1)


def mean_squared_error(model: Model, data: Data, split: str = "test", seed: int = 0) -> float:
    """``{split}_mse`` alone, for those who compare many models: not a number if the split is empty."""
    rows = positions(data, split)
    if not len(rows):
        return float("nan")
    with quiet(model, seed):
        return _errors(model, data, split, rows, seed)[f"{split}_mse"].value


def _has_likelihood(data: Data) -> bool:
    return data.kind == "points" or data.binary or data.dynamic


def _errors(model: Model, data: Data, split: str, rows: np.ndarray, seed: int) -> dict[str, Metric]:
    generator = torch.Generator().manual_seed(seed)
    sse = _mean_sum(model, data, rows, lambda x: model.reconstruct(x, generator))
    about = f"the reconstruction against the input, all {len(rows)} examples"
    return _pair(data, split, "", sse, about)


def _restored(
    model: Model,
    data: Data,
    split: str,
    rows: np.ndarray,
    seed: int,
    corruption: str,
    level: float,
) -> dict[str, Metric]:
    generator = torch.Generator().manual_seed(seed)

    def restore(x: Tensor) -> Tensor:
        return model.reconstruct(corrupt(x, corruption, level, generator), generator)

    about = (
        f"the reconstruction of the damaged input against the clean one, all {len(rows)} examples, "
        f"{corruption} at level {level:g} drawn from seed {seed}"
    )
    sse = _mean_sum(model, data, rows, restore)
    return _pair(data, split, "restored_", sse, about, kind="estimate")


def _closed_form(model: Model, data: Data, split: str, rows: np.ndarray) -> dict[str, Metric]:
    sse = _mean_sum(model, data, rows, lambda x: model.project(x.flatten(1)).view_as(x))
    about = f"the closed form's reconstruction against the input, all {len(rows)} examples"
    pair = _pair(data, split, "closed_form_", sse, about)
    return {name: metric for name, metric in pair.items() if name.endswith("_mse")}


def _mean_sum(
    model: Model, data: Data, rows: np.ndarray, restore: Callable[[Tensor], Tensor]
) -> float:
    """The squared error of what ``restore`` makes of each example, summed over it, mean over ``rows``."""
    total = 0.0
    for batch in batches(data, rows, device_of(model)):
        total += float(squared_errors(restore(batch.x), batch.x).sum())
    return total / len(rows)


def _pair(
    data: Data,
    split: str,
    what: str,
    sse: float,
    about: str,
    kind: Literal["exact", "estimate"] = "exact",
) -> dict[str, Metric]:
    """``{split}_{what}mse`` and ``…sse`` of a squared error ``sse`` per example."""
    pixel = "pixel" if data.kind == "images" else "coordinate"
    per_number = f"squared data units per {pixel}"
    mse = sse / int(np.prod(data.shape))
    return {
        f"{split}_{what}mse": Metric(mse, per_number, split, f"mean over {about}", kind),
        f"{split}_{what}sse": Metric(
            sse, "squared data units per example", split, f"sum per example of {about}", kind
        ),
    }


def _likelihood(
    model: Model, data: Data, split: str, rows: np.ndarray, seed: int
) -> dict[str, Metric]:
    parts: list[Likelihood] = [
        model.log_prob(batch.x, batch.y) for batch in batches(data, rows, device_of(model))
    ]
    kind = parts[0].kind
    value = -float(torch.cat([part.nats for part in parts]).double().mean())
    ways = {
        "exact": ("nll", "-log p(x)"),
        "estimate": ("nll", "an estimate of -log p(x)"),
        "bound": ("bound", "an upper bound on -log p(x): minus the evidence lower bound"),
    }
    name, what = ways[kind]
    protocol = f"{what}, mean over all {len(rows)} examples, noise from seed {seed}"
    return {f"{split}_{name}": Metric(value, "nats per example", split, protocol, kind)}


def _active_units(model: Model, data: Data, split: str, rows: np.ndarray) -> dict[str, Metric]:
    codes = [model.encode(batch.x, batch.y) for batch in batches(data, rows, device_of(model))]
    # Only against a prior of unit variance is 0.01 a small variance: a plain autoencoder has none.
    if codes[0].log_var is None or len(rows) < 2:
        return {}
    variance = torch.cat([code.mean.flatten(1) for code in codes]).double().var(0)
    protocol = f"codes with Var_x(E[z | x]) > {ACTIVE} over all {len(rows)} examples"
    return {"active_units": Metric(float((variance > ACTIVE).sum()), "codes", split, protocol)}


def _own(model: Model, data: Data, split: str, rows: np.ndarray) -> dict[str, Metric]:
    x = torch.cat([batch.x for batch in batches(data, rows, device_of(model))])
    protocol = f"the model's own report, all {len(rows)} examples"
    return {
        name: Metric(float(value), "degrees" if name.endswith("_deg") else "", split, protocol)
        for name, value in model.metrics(x).items()
    }

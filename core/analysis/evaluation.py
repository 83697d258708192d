"""What a trained model is worth on examples it has not seen, each figure with its unit, split and protocol.

``…_mse`` and ``…_sse`` are the squared error of the reconstruction in data units, as a mean over pixels (or
coordinates) and as a sum per example; ``…_restored_mse`` and ``…_restored_sse`` are those of the reconstruction of a
damaged input against the clean one; ``…_closed_form_mse`` is that of a model's closed form, where it has one.
``…_nll`` is -log p(x) in nats per example where the model can compute or estimate it, ``…_bound`` an upper bound on it
(minus the evidence lower bound). Both need data of which the model's likelihood is a likelihood: a Bernoulli
cross-entropy on grey pixels is none, so grey images get neither.
Where a model only has a bound, ``…_nll`` is estimated from importance samples of its posterior, if any are asked for.
``…_kl`` is the KL term, summed over the code, where a prior stands against a Gaussian q(z|x); ``kl_per_unit``, a list,
is that of each unit.
``active_units`` counts the codes with Var_x(E[z | x]) > 0.01 (Burda, Grosse and Salakhutdinov 2016, section 5.2).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from core.analysis.passes import batches, device_of, positions, quiet, spread
from core.datasets.base import Data
from core.models.base import Likelihood, Model, abilities
from core.models.corruption import corrupt
from core.models.vae_parts import kl_to_unit_gaussian

__all__ = [
    "ACTIVE",
    "EXAMPLES",
    "SAMPLES",
    "Metric",
    "evaluate",
    "mean_squared_error",
    "numbers",
    "squared_errors",
]

# The variance above which Burda et al. call a code active.
ACTIVE = 0.01
# What the likelihood is estimated from, where nobody says otherwise: seconds for a dense network.
SAMPLES, EXAMPLES = 200, 1000


@dataclass(frozen=True)
class Metric:
    """One figure, or one for each unit. ``kind``: exact for this split, a bound on the quantity, or its estimate."""

    value: float | list[float]
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
    samples: int = 0,
    examples: int = EXAMPLES,
) -> dict[str, dict[str, Any]]:
    """Every figure that means something for this model on this split, as ``{name: Metric as a dictionary}``.

    A function of the weights, the data and ``seed`` (which draws the codes of a bound, and the damage). With a
    ``corruption`` (``core.models.corruption``) of some ``level`` also what is restored of it. With ``samples`` > 1, of
    at most ``examples`` examples, the likelihood of a model that only has a bound. An empty split gives {}.
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
            if samples > 1 and f"{split}_bound" in found:
                found |= _estimate(model, data, split, spread(rows, examples), seed, samples)
        if "encode" in can:
            found |= _units(model, data, split, rows)
        if "metrics" in can:
            found |= _own(model, data, split, rows)
    return {name: asdict(metric) for name, metric in found.items()}


def numbers(found: dict[str, dict[str, Any]]) -> dict[str, float]:
    """The figures of ``evaluate`` that are single numbers, by name: what stands beside a run."""
    return {
        name: metric["value"]
        for name, metric in found.items()
        if not isinstance(metric["value"], list)
    }


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
    sse = _mean_sum(model, data, rows, lambda x, y: model.reconstruct(x, generator, y))
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

    def restore(x: Tensor, y: Tensor | None) -> Tensor:
        return model.reconstruct(corrupt(x, corruption, level, generator), generator, y)

    about = (
        f"the reconstruction of the damaged input against the clean one, all {len(rows)} examples, "
        f"{corruption} at level {level:g} drawn from seed {seed}"
    )
    sse = _mean_sum(model, data, rows, restore)
    return _pair(data, split, "restored_", sse, about, kind="estimate")


def _closed_form(model: Model, data: Data, split: str, rows: np.ndarray) -> dict[str, Metric]:
    sse = _mean_sum(model, data, rows, lambda x, _: model.project(x.flatten(1)).view_as(x))
    about = f"the closed form's reconstruction against the input, all {len(rows)} examples"
    pair = _pair(data, split, "closed_form_", sse, about)
    return {name: metric for name, metric in pair.items() if name.endswith("_mse")}


def _mean_sum(
    model: Model,
    data: Data,
    rows: np.ndarray,
    restore: Callable[[Tensor, Tensor | None], Tensor],
) -> float:
    """The squared error of what ``restore`` makes of each example, summed over it, mean over ``rows``."""
    total = 0.0
    for batch in batches(data, rows, device_of(model)):
        total += float(squared_errors(restore(batch.x, batch.y), batch.x).sum())
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
    protocol = f"{what}{_given(model)}, mean over all {len(rows)} examples, noise from seed {seed}"
    return {f"{split}_{name}": Metric(value, "nats per example", split, protocol, kind)}


def _estimate(
    model: Model, data: Data, split: str, rows: np.ndarray, seed: int, samples: int
) -> dict[str, Metric]:
    # The same draws whichever figures come before.
    torch.manual_seed(seed)
    nats = [
        model.log_prob(batch.x, batch.y, samples=samples).nats
        for batch in batches(data, rows, device_of(model))
    ]
    value = -float(torch.cat(nats).double().mean())
    all_rows = len(rows) == len(positions(data, split))
    which = f"all {len(rows)} examples" if all_rows else f"{len(rows)} examples, evenly spread"
    protocol = (
        f"an estimate of -log p(x){_given(model)} from {samples} importance samples of q(z|x), on average a "
        f"little high, mean over {which}, noise from seed {seed}"
    )
    return {f"{split}_nll": Metric(value, "nats per example", split, protocol, "estimate")}


def _given(model: Model) -> str:
    return ", given the class" if model.conditional else ""


def _units(model: Model, data: Data, split: str, rows: np.ndarray) -> dict[str, Metric]:
    """What the codes say and cost, of a model that answers with a Gaussian for each example."""
    codes = [model.encode(batch.x, batch.y) for batch in batches(data, rows, device_of(model))]
    # Only against a prior of unit variance is 0.01 a small variance: a plain autoencoder has none.
    if codes[0].log_var is None or len(rows) < 2:
        return {}
    mean = torch.cat([code.mean.flatten(1) for code in codes]).double()
    log_var = torch.cat([code.log_var.flatten(1) for code in codes]).double()
    kl = kl_to_unit_gaussian(mean, log_var).mean(0)
    active = float((mean.var(0) > ACTIVE).sum())
    every = f"all {len(rows)} examples"
    about = f"KL(q(z_j|x) || N(0, 1)), mean over {every}"
    protocol = f"codes with Var_x(E[z | x]) > {ACTIVE} over {every}"
    return {
        "active_units": Metric(active, "codes", split, protocol),
        f"{split}_kl": Metric(float(kl.sum()), "nats per example", split, f"sum over j of {about}"),
        "kl_per_unit": Metric(kl.tolist(), "nats per example", split, f"{about}, for each unit j"),
    }


def _own(model: Model, data: Data, split: str, rows: np.ndarray) -> dict[str, Metric]:
    x = torch.cat([batch.x for batch in batches(data, rows, device_of(model))])
    protocol = f"the model's own report, all {len(rows)} examples"
    return {
        name: Metric(float(value), "degrees" if name.endswith("_deg") else "", split, protocol)
        for name, value in model.metrics(x).items()
    }

"""What variational autoencoders are made of: networks, the KL term, a schedule for β, a variance that is learnt."""

import math
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.models.base import Code, DataSpec
from core.models.blocks import ACTIVATIONS, dense
from core.models.convolutions import halvings, levels, transposed

if TYPE_CHECKING:
    from core.models.vae import Config

__all__ = [
    "LearntVariance",
    "beta_share",
    "kl_to_unit_gaussian",
    "log_mean_exp",
    "networks",
    "noise",
]

LEAST_LOG_SIGMA = -6.0  # a decoder without any error would drive the density of x to infinity


def networks(
    config: "Config", spec: DataSpec, given: int
) -> tuple[list[nn.Module], list[nn.Module], list[nn.Module]]:
    """The encoder's layers up to a flat vector, the dense ones after it, and the decoder's.

    The last two take ``given`` further numbers beside theirs. The dense layers give (B, 2·latent_dim).
    """
    front: list[nn.Module] = []
    up: list[nn.Module] = []
    size = spec.size
    if config.channels:
        sides = levels(spec.shape[1:], len(config.channels))
        channels = [spec.shape[0], *config.channels]
        front = halvings(channels, sides, config.activation)
        inner = (channels[-1], *sides[-1])
        size = math.prod(inner)
        bend = ACTIVATIONS[config.activation]()
        up = [bend, nn.Unflatten(1, inner), *transposed(channels, sides, config.activation)]
    sizes = config.encoder_sizes
    back = dense([size + given, *sizes, 2 * config.latent_dim], config.activation)
    decoder = dense([config.latent_dim + given, *sizes[::-1], size], config.activation)
    return [*front, nn.Flatten()], back, [*decoder, *up]


def kl_to_unit_gaussian(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, 1)) per code dimension, in nats (Kingma & Welling 2014, appendix B): (B, d) -> (B, d)."""
    return -0.5 * (1 + log_var - mu.square() - log_var.exp())


def log_mean_exp(values: Tensor) -> Tensor:
    """ln (1/k) Σᵢ e^vᵢ over the last of two dimensions: (B, k) -> (B,)."""
    return torch.logsumexp(values, 1) - math.log(values.shape[1])


def beta_share(schedule: str, step: Tensor, length: int) -> Tensor:
    """The share of β in force, within [0, 1], when ``step`` () training steps are done.

    ``warm_up`` rises evenly over ``length`` steps (Bowman et al. 2016, "Generating sentences from a continuous space"),
    ``cyclic`` over the first half of every ``length`` steps (Fu et al. 2019, "Cyclical annealing schedule: a simple
    approach to mitigating KL vanishing", eq. 6 and 7 with R = 0.5); ``constant`` stays.
    """
    if schedule == "constant":
        return torch.ones_like(step, dtype=torch.float32)
    done = step / length if schedule == "warm_up" else 2 * (step % length) / length
    return done.clamp(max=1.0)


class LearntVariance(nn.Module):
    """ln σ² of a Gaussian p(x|z), one number for every pixel of every example; σ stays softly above e⁻⁶."""

    def __init__(self, sigma: float):
        super().__init__()
        self.log_var = nn.Parameter(torch.tensor([2 * math.log(sigma)]))

    def forward(self, mean: Tensor) -> Tensor:
        """Means (…, size) -> their ln σ², alike."""
        least = 2 * LEAST_LOG_SIGMA
        return (least + F.softplus(self.log_var - least)).expand_as(mean)


def noise(code: Code, draws: int) -> Tensor:
    """Of the unit Gaussian, ``draws`` for each code: (B, draws, latent_dim)."""
    count, size = code.mean.shape
    return torch.randn(count, draws, size, device=code.mean.device)

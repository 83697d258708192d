"""The few layers and losses that several families share."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "linear": nn.Identity,
}


def dense(sizes: Sequence[int], activation: str, last: str = "linear") -> list[nn.Module]:
    """Linear layers from ``sizes[0]`` to ``sizes[-1]``, ``activation`` between them and ``last`` at the end."""
    layers: list[nn.Module] = []
    for i in range(len(sizes) - 1):
        layers.append(nn.Linear(sizes[i], sizes[i + 1]))
        kind = last if i == len(sizes) - 2 else activation
        if kind != "linear":
            layers.append(ACTIVATIONS[kind]())
    return layers


@torch.no_grad()
def initialise(module: nn.Module, scheme: str) -> None:
    """Draw the weights: ``glorot`` (uniform, zero biases; Glorot & Bengio 2010, eq. 16) or ``torch`` (as built)."""
    if scheme == "torch":
        return
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def output_of(kind: str, logits: Tensor) -> Tensor:
    """What the last layer's numbers stand for: ``sigmoid`` squeezes them into [0, 1], ``linear`` leaves them."""
    return torch.sigmoid(logits) if kind == "sigmoid" else logits


def squared_error(output: str, logits: Tensor, x: Tensor) -> Tensor:
    """The squared error (x̂ᵢ - xᵢ)², its mean over every number of the batch: a scalar."""
    return F.mse_loss(output_of(output, logits), x)


def cross_entropy(logits: Tensor, x: Tensor) -> Tensor:
    """The Bernoulli cross-entropy summed over each example: -Σᵢ xᵢ ln pᵢ + (1 - xᵢ) ln(1 - pᵢ), p = σ(logits), (B,)."""
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)


def reconstruction_terms(mean: Tensor, size: int, reduction: str) -> dict[str, Tensor]:
    """One reconstruction error under its fixed names, and as the ``loss`` that ``reduction`` asks for.

    ``reconstruction_mean`` is per number, ``reconstruction_sum`` summed over the ``size`` numbers of an example; both
    are averaged over the batch, and logged whichever of them is minimised.
    """
    total = mean * size
    return {
        "loss": total if reduction == "sum" else mean,
        "reconstruction_sum": total,
        "reconstruction_mean": mean,
    }

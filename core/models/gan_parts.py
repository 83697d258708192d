"""What GANs are made of: the two networks, layer by layer."""

from itertools import pairwise
from typing import TYPE_CHECKING

from torch import nn

from core.models.adversarial_layers import (
    MinibatchDeviation,
    MinibatchDiscrimination,
    SpectralLinear,
)
from core.models.base import DataSpec
from core.models.blocks import ACTIVATIONS, initialise
from core.models.linear import Linear

if TYPE_CHECKING:
    from core.models.gan_settings import Config

__all__ = ["networks"]

SHARPENINGS = 15  # power iterations before the first use
# By the number of features that D has of each example.
COMPARING = {
    "discrimination": MinibatchDiscrimination,
    "deviation": lambda _: MinibatchDeviation(),
}


def networks(config: "Config", spec: DataSpec, given: int) -> tuple[nn.Sequential, nn.Sequential]:
    """G (B, latent_dim + given) -> (B, size) before its range; D (B, packing · (size + given)) -> (B, 1)."""
    sizes = [config.latent_dim + given, *config.generator_sizes]
    hidden = _hidden(sizes, config.activation, Linear, config.batch_norm != "none")
    generator = nn.Sequential(*hidden, Linear(sizes[-1], spec.size))

    layer = SpectralLinear if config.spectral_norm else Linear
    sizes = [config.packing * (spec.size + given), *config.discriminator_sizes]
    hidden = _hidden(sizes, config.activation, layer, config.batch_norm == "both")
    width = sizes[-1]
    if config.minibatch != "none":
        comparing = COMPARING[config.minibatch](width)
        hidden.append(comparing)
        width += comparing.extra
    discriminator = nn.Sequential(nn.Flatten(), *hidden, layer(width, 1))
    for network in (generator, discriminator):
        initialise(network, "glorot")
    for module in discriminator:
        if isinstance(module, SpectralLinear):
            module.sharpen(SHARPENINGS)
    return generator, discriminator


def _hidden(
    sizes: list[int], activation: str, layer: type[nn.Linear], normalised: bool
) -> list[nn.Module]:
    """Dense layers from ``sizes[0]`` to ``sizes[-1]``, each with its bend."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers.append(layer(inputs, outputs))
        if normalised:
            layers.append(nn.BatchNorm1d(outputs))
        layers.append(ACTIVATIONS[activation]())
    return layers

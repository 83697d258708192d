r"""The convolutional autoencoder: sliding filters halve the image on the way in, double it on the way out.

$$h^{(l)} = \mathrm{pool}\bigl(\phi(W^{(l)} * h^{(l-1)} + b^{(l)})\bigr)$$

Masci, Meier, Cireşan & Schmidhuber 2011, "Stacked convolutional auto-encoders for hierarchical feature extraction";
without pooling: Springenberg et al. 2015, "Striving for simplicity: the all convolutional net".
"""

from typing import Literal

import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from core.models.base import Batch, Code, DataSpec, EncoderDecoder, ModelConfig, Preset
from core.models.blocks import (
    ACTIVATIONS,
    initialise,
    output_of,
    reconstruction_terms,
    squared_error,
)
from core.models.convolutions import (
    DoublingConv,
    Sides,
    TransposedConv,
    halved,
    strided,
    unpadded,
)
from core.models.linear import Linear


class Config(ModelConfig):
    """Channels from the input inwards; each level halves the image."""

    channels: list[int] = Field(
        [16, 32, 64],
        min_length=1,
        max_length=5,
        description="Filters of each level, from the input inwards; each level halves the image.",
    )
    latent_dim: int | None = Field(
        None,
        ge=1,
        le=1024,
        description="If set, a dense code of this size; else the last feature maps.",
    )
    halving: Literal["max_pool", "stride"] = Field(
        "max_pool",
        description="The largest of 2×2 pixels, or a convolution that skips every other.",
    )
    rounding: Literal["down", "up"] = Field(
        "down", description="Half of an odd number of pixels; up is what Keras calls padding same."
    )
    doubling: Literal["transposed", "upsample"] = Field(
        "transposed",
        description="Transposed convolutions, or every pixel twice and a convolution over it.",
    )
    activation: Literal["relu", "leaky_relu", "elu", "selu", "tanh"] = Field(
        "relu", description="The bend after each convolution."
    )
    loss: Literal["mse", "bce"] = Field(
        "mse", description="Squared error, or binary cross-entropy (for numbers in [0, 1])."
    )
    reduction: Literal["mean", "sum"] = Field(
        "mean", description="Mean over pixels, as Keras does, or sum over each example."
    )


class ConvAutoencoder(EncoderDecoder):
    """``encoder`` (B, C, H, W) -> feature maps (or a dense code), ``decoder`` back to logits (B, C, H, W)."""

    Config = Config
    title = "Convolutional autoencoder"
    kinds = ("images",)
    channels_last = True
    large_activations = True
    training = {"steps": 2000}
    presets = {
        "16-32-64": Preset(
            "16-32-64 filters",
            "Far fewer weights than a dense network, and sharp strokes. (Géron bends them with SELU, here it is ReLU.)",
        ),
        "16-8-8": Preset(
            "16-8-8 filters (Keras's example)",
            "Max-pooling to a code of 8 maps of 4×4 pixels, upsampling back: 4,385 weights in all.",
            dataset="mnist",
            config={
                "channels": [16, 8, 8],
                "rounding": "up",
                "doubling": "upsample",
                "loss": "bce",
            },
            training={"epochs": 50, "batch_size": 128, "epsilon": 1e-7},
        ),
        "strided": Preset(
            "Strides instead of pooling",
            "Convolutions that halve by skipping, transposed ones that undo it: quicker, and nothing is fixed.",
            config={"channels": [16, 32, 64], "halving": "stride", "rounding": "up"},
        ),
        "two numbers": Preset(
            "Convolutions around a code of two",
            "The same map as a dense autoencoder's, drawn by filters.",
            config={"channels": [16, 32], "latent_dim": 2},
        ),
    }

    def __init__(self, config: Config, spec: DataSpec):
        super().__init__(config, spec)
        sides = [spec.shape[1:]]
        for _ in config.channels:
            sides.append(tuple(halved(side, config.rounding == "up") for side in sides[-1]))
        channels = [spec.shape[0], *config.channels]
        inner = (channels[-1], *sides[-1])
        size = inner[0] * inner[1] * inner[2]
        down = halvings(config, channels, sides)
        up = transposed if config.doubling == "transposed" else upsampled
        back: list[nn.Module] = [nn.Unflatten(1, inner), *up(config, channels, sides)]
        down.append(nn.Flatten())
        if config.latent_dim is not None:
            down.append(Linear(size, config.latent_dim))
            back = [Linear(config.latent_dim, size), bend(config.activation), *back]
        self.latents = {"z": (config.latent_dim or size,)}
        self.encoder, self.decoder = nn.Sequential(*down), nn.Sequential(*back)
        initialise(self, "glorot")

    @classmethod
    def check(cls, config: Config, spec: DataSpec) -> dict[str, str]:
        problems = super().check(config, spec)
        if any(not 1 <= size <= 512 for size in config.channels):
            problems["channels"] = "Every level needs between 1 and 512 filters."
        elif spec.kind == "images":
            side = min(spec.shape[1:])
            # Rounded up, a single pixel stays one for ever: the last halving must begin with two.
            most = (side - (config.rounding == "up")).bit_length() - (config.rounding == "down")
            if len(config.channels) > most:
                problems["channels"] = (
                    f"An image {side} pixels wide can be halved {most} times: take fewer levels."
                )
        return problems

    def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
        """(B, C, H, W) -> the code (B, latent_dim); without a dense code, the flattened feature maps."""
        del y
        return Code(self.encoder(x))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """(B, latent_dim) -> (B, C, H, W)."""
        del y
        return output_of("sigmoid", self.decoder(z))

    def filters(self) -> dict[str, Tensor]:
        """The first layer's kernels, and for each map that the last layer reads what it draws: (F, C, 3, 3)."""
        first = next(m for m in self.encoder.modules() if isinstance(m, nn.Conv2d))
        *_, last = (
            m for m in self.decoder.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)
        )
        drawn = last.weight if isinstance(last, nn.ConvTranspose2d) else last.weight.transpose(0, 1)
        return {"input": first.weight.detach(), "output": drawn.detach()}

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        logits = self.decoder(self.encoder(batch.x))
        if self.config.loss == "bce":
            error = F.binary_cross_entropy_with_logits(logits, batch.x)
        else:
            error = squared_error("sigmoid", logits, batch.x)
        return reconstruction_terms(error, self.spec.size, self.config.reduction)


def halvings(config: Config, channels: list[int], sides: list[Sides]) -> list[nn.Module]:
    """The encoder's levels, from ``sides[0]`` to ``sides[-1]``."""
    layers: list[nn.Module] = []
    for level in range(len(channels) - 1):
        inputs, outputs = channels[level : level + 2]
        if config.halving == "stride":
            layers.append(strided(inputs, outputs, sides[level], sides[level + 1]))
        else:
            pool = nn.MaxPool2d(2, ceil_mode=config.rounding == "up")
            layers.append(nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), pool))
        # A rising bend and a maximum may change places; bending a quarter of the numbers is quicker.
        layers.append(bend(config.activation))
    return layers


def transposed(config: Config, channels: list[int], sides: list[Sides]) -> list[nn.Module]:
    """A transposed convolution for each level, to the very sides that the encoder halved."""
    layers: list[nn.Module] = []
    for level in reversed(range(len(channels) - 1)):
        inputs, outputs = channels[level + 1], channels[level]
        undoing = TransposedConv(inputs, outputs, sides[level + 1], sides[level])
        layers += [undoing, bend(config.activation)]
    return layers[:-1]


def upsampled(config: Config, channels: list[int], sides: list[Sides]) -> list[nn.Module]:
    """A convolution over the code, then for each level a doubling and a convolution."""
    ways = [way_up([side[axis] for side in sides]) for axis in (0, 1)]
    layers: list[nn.Module] = [nn.Conv2d(channels[-1], channels[-1], 3, padding=1)]
    before, inputs = sides[-1], channels[-1]
    for (tall, pad_y), (wide, pad_x), outputs in zip(*ways, channels[-2::-1], strict=True):
        doubling = DoublingConv(inputs, outputs, before, (tall, wide), (pad_y, pad_x))
        layers += [bend(config.activation), doubling]
        before, inputs = doubling.arrives, outputs
    return layers


def way_up(sides: list[int]) -> list[tuple[int, int]]:
    """For each level from the code outwards the side to stretch to, and the padding of the convolution after it.

    Where plain doubling overshoots, some convolution goes without padding (Keras's 4→8→16→14→28). Where no choice
    of them arrives at the image's side, the pixels are stretched to the sides that the encoder had.
    """
    cuts = unpadded(sides[-1], sides[0], len(sides) - 1)
    if cuts is None:
        return [(side, 1) for side in sides[-2::-1]]
    way, side = [], sides[-1]
    for cut in cuts:
        way.append((2 * side, 1 - cut))
        side = 2 * side - 2 * cut
    return way


def bend(activation: str) -> nn.Module:
    """The activation, in the memory of its input where it can be: large maps are costly to copy."""
    return nn.Tanh() if activation == "tanh" else ACTIVATIONS[activation](inplace=True)

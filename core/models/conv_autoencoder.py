r"""The convolutional autoencoder: sliding filters halve the image on the way in, double it on the way out.

$$h^{(l)} = \mathrm{pool}\bigl(\phi(W^{(l)} * h^{(l-1)} + b^{(l)})\bigr)$$

Masci, Meier, Cireşan & Schmidhuber 2011, "Stacked convolutional auto-encoders for hierarchical feature extraction".
"""

from typing import Literal

from pydantic import Field
from torch import Tensor, nn

from core.models.base import Batch, Code, DataSpec, EncoderDecoder, ModelConfig, Preset
from core.models.blocks import (
    ACTIVATIONS,
    cross_entropy,
    initialise,
    output_of,
    reconstruction_terms,
    squared_error,
)


class Config(ModelConfig):
    """Channels from the input inwards; each level halves the image, rounding down."""

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
            "Far fewer weights than a dense network, and the strokes stay sharp.",
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
            sides.append((sides[-1][0] // 2, sides[-1][1] // 2))
        channels = [spec.shape[0], *config.channels]
        inner = (channels[-1], *sides[-1])
        down: list[nn.Module] = []
        up: list[nn.Module] = []
        for level in range(len(config.channels)):
            convolution = nn.Conv2d(channels[level], channels[level + 1], 3, padding=1)
            # A rising bend and a maximum may change places; bending a quarter of the numbers is quicker.
            down += [convolution, nn.MaxPool2d(2), bend(config.activation)]
        for level in reversed(range(len(config.channels))):
            up.append(doubling(channels[level + 1], channels[level], sides[level]))
            if level:
                up.append(bend(config.activation))
        size = inner[0] * inner[1] * inner[2]
        if config.latent_dim is not None:
            down += [nn.Flatten(), nn.Linear(size, config.latent_dim)]
            up = [
                nn.Linear(config.latent_dim, size),
                bend(config.activation),
                nn.Unflatten(1, inner),
                *up,
            ]
        else:
            down.append(nn.Flatten())
            up.insert(0, nn.Unflatten(1, inner))
        self.latents = {"z": (config.latent_dim or size,)}
        self.encoder, self.decoder = nn.Sequential(*down), nn.Sequential(*up)
        initialise(self, "glorot")

    @classmethod
    def check(cls, config: Config, spec: DataSpec) -> dict[str, str]:
        problems = super().check(config, spec)
        if any(not 1 <= size <= 512 for size in config.channels):
            problems["channels"] = "Every level needs between 1 and 512 filters."
        elif spec.kind == "images" and min(spec.shape[1:]) < 2 ** len(config.channels):
            side = min(spec.shape[1:])
            problems["channels"] = (
                f"An image {side} pixels wide can be halved {side.bit_length() - 1} times: take fewer levels."
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

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        logits = self.decoder(self.encoder(batch.x))
        if self.config.loss == "bce":
            error = cross_entropy(logits, batch.x).mean() / self.spec.size
        else:
            error = squared_error("sigmoid", logits, batch.x)
        return reconstruction_terms(error, self.spec.size, self.config.reduction)


def doubling(inputs: int, outputs: int, side: tuple[int, int]) -> nn.ConvTranspose2d:
    """A transposed 3×3 convolution of stride 2 that undoes a halving exactly: to ``side``, odd or even."""
    odd = [length % 2 for length in side]
    return nn.ConvTranspose2d(
        inputs,
        outputs,
        3,
        stride=2,
        padding=tuple(1 - o for o in odd),
        output_padding=tuple(1 - o for o in odd),
    )


def bend(activation: str) -> nn.Module:
    """The activation, in the memory of its input where it can be: large maps are costly to copy."""
    return nn.Tanh() if activation == "tanh" else ACTIVATIONS[activation](inplace=True)

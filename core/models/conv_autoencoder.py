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
    ERROR_UNITS,
    REDUCTION_UNITS,
    initialise,
    output_of,
    reconstruction_terms,
    squared_error,
)
from core.models.convolutions import bend, halvings, levels, transposed, unfit, upsampled
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
        "mse",
        json_schema_extra=ERROR_UNITS,
        description="Squared error, or binary cross-entropy (for numbers in [0, 1]).",
    )
    reduction: Literal["mean", "sum"] = Field(
        "mean",
        json_schema_extra=REDUCTION_UNITS,
        description="Mean over pixels, as Keras does, or sum over each example.",
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
        round_up = config.rounding == "up"
        sides = levels(spec.shape[1:], len(config.channels), round_up)
        channels = [spec.shape[0], *config.channels]
        inner = (channels[-1], *sides[-1])
        size = inner[0] * inner[1] * inner[2]
        down = halvings(channels, sides, config.activation, config.halving == "stride", round_up)
        up = transposed if config.doubling == "transposed" else upsampled
        back: list[nn.Module] = [nn.Unflatten(1, inner), *up(channels, sides, config.activation)]
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
        if spec.kind == "images" and (
            wrong := unfit(config.channels, spec.shape, config.rounding == "up")
        ):
            problems["channels"] = wrong
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

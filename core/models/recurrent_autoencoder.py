r"""The recurrent autoencoder: an image is read row by row, remembered in one vector, and written row by row.

$$(i, f, g, o) = (\sigma, \sigma, \tanh, \sigma)(W x_t + U h_{t-1} + b), \quad
  c_t = f \odot c_{t-1} + i \odot g, \quad h_t = o \odot \tanh c_t$$

The encoder's last $h_T$ is the code; the decoder hears it again at every step. Hochreiter & Schmidhuber 1997, "Long
short-term memory", Neural Computation 9; read and written again: Srivastava, Mansimov & Salakhutdinov 2015,
"Unsupervised learning of video representations using LSTMs", ICML.
"""

from typing import Literal

import torch
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


class Config(ModelConfig):
    """Sizes of the LSTMs from the rows inwards; the decoder mirrors the encoder."""

    encoder_sizes: list[int] = Field(
        [100],
        min_length=0,
        max_length=4,
        description="Units of each LSTM before the code's, from the input inwards.",
    )
    latent_dim: int = Field(
        30, ge=1, le=1024, description="Size of the code: the units of the encoder's last LSTM."
    )
    loss: Literal["mse", "bce"] = Field(
        "bce",
        json_schema_extra=ERROR_UNITS,
        description="Squared error, or binary cross-entropy (for numbers in [0, 1]).",
    )
    reduction: Literal["mean", "sum"] = Field(
        "mean",
        json_schema_extra=REDUCTION_UNITS,
        description="Mean over pixels, as Keras does, or sum over each example.",
    )


class RecurrentAutoencoder(EncoderDecoder):
    """``encoder`` rows (B, H, C·W) -> (B, latent_dim), ``decoder`` the code, H times -> logits (B, H, C·W)."""

    Config = Config
    title = "Recurrent autoencoder"
    kinds = ("images",)
    large_activations = True
    presets = {
        "100-30": Preset(
            "LSTMs of 100 and 30 units",
            "A digit read row by row, written again from 30 numbers. (Géron trains by SGD at 0.1, this is Adam.)",
        ),
        "two numbers": Preset(
            "A story of two numbers",
            "The same map as a dense autoencoder's, drawn by what the last row left behind.",
            config={"latent_dim": 2},
        ),
    }

    def __init__(self, config: Config, spec: DataSpec):
        super().__init__(config, spec)
        channels, self.rows, width = spec.shape
        self.latents = {"z": (config.latent_dim,)}
        sizes = [channels * width, *config.encoder_sizes, config.latent_dim]
        # Without an LSTM of its own the decoder would write the same row each time.
        back = [config.latent_dim, *(config.encoder_sizes[::-1] or [config.latent_dim])]
        self.encoder = nn.ModuleList(lstms(sizes))
        self.decoder = nn.ModuleList([*lstms(back), nn.Linear(back[-1], sizes[0])])
        initialise(self, "glorot")
        for layer in self.modules():
            if isinstance(layer, nn.LSTM):
                initialise_as_keras(layer)

    @classmethod
    def check(cls, config: Config, spec: DataSpec) -> dict[str, str]:
        problems = super().check(config, spec)
        if any(not 1 <= size <= 1024 for size in config.encoder_sizes):
            problems["encoder_sizes"] = "Every LSTM needs between 1 and 1024 units."
        return problems

    def count_note(self) -> str:
        """Keras's own counts."""
        parts = [
            sum(p.numel() for p in part.parameters())
            - sum(4 * layer.hidden_size for layer in part if isinstance(layer, nn.LSTM))
            for part in (self.encoder, self.decoder)
        ]
        counts = " + ".join(f"{count:,}" for count in parts)
        return f"torch gives every LSTM two biases that only act as their sum; Keras keeps one and counts {counts}."

    def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
        """(B, C, H, W) -> the code (B, latent_dim), each number within (-1, 1)."""
        del y
        sequence = x.transpose(1, 2).flatten(2)  # row t of every channel, side by side
        for layer in self.encoder:
            sequence, (last, _) = layer(sequence)
        return Code(last[-1])

    def logits(self, z: Tensor) -> Tensor:
        """(B, latent_dim) -> rows (B, H, C·W) before the sigmoid."""
        sequence = z.unsqueeze(1).expand(-1, self.rows, -1)
        *layers, out = self.decoder
        for layer in layers:
            sequence, _ = layer(sequence)
        return out(sequence)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """(B, latent_dim) -> (B, C, H, W)."""
        del y
        channels, _, width = self.spec.shape
        rows = output_of("sigmoid", self.logits(z))
        return rows.unflatten(2, (channels, width)).transpose(1, 2)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        rows = batch.x.transpose(1, 2).flatten(2)
        logits = self.logits(self.encode(batch.x).mean)
        if self.config.loss == "bce":
            error = F.binary_cross_entropy_with_logits(logits, rows)
        else:
            error = squared_error("sigmoid", logits, rows)
        return reconstruction_terms(error, self.spec.size, self.config.reduction)


def lstms(sizes: list[int]) -> list[nn.LSTM]:
    """One LSTM for each step from a size to the next."""
    return [nn.LSTM(*sizes[i : i + 2], batch_first=True) for i in range(len(sizes) - 1)]


@torch.no_grad()
def initialise_as_keras(layer: nn.LSTM) -> None:
    """Glorot over the four gates together, orthogonal recurrence, zero biases but 1 for the forget gate.

    Jozefowicz, Zaremba & Sutskever 2015 for the 1; torch's second bias, which Keras does without, begins at 0.
    """
    nn.init.xavier_uniform_(layer.weight_ih_l0)
    nn.init.orthogonal_(layer.weight_hh_l0)
    nn.init.zeros_(layer.bias_ih_l0)
    nn.init.zeros_(layer.bias_hh_l0)
    layer.bias_ih_l0[layer.hidden_size : 2 * layer.hidden_size] = 1

r"""The Wasserstein autoencoder with the maximum mean discrepancy: all codes together follow the prior, not each alone.

$$\mathcal L = \lVert x - g(f(x)) \rVert^2 + \lambda\, \mathrm{MMD}^2\bigl(f(X),\, \mathcal N(0, \sigma^2 I)\bigr)$$

$$\mathrm{MMD}^2 = \frac{1}{n(n-1)} \sum_{i \ne j} \bigl(k(z_i, z_j) + k(\tilde z_i, \tilde z_j)\bigr)
  - \frac{2}{n^2} \sum_{i,j} k(z_i, \tilde z_j), \qquad
  k(z, \tilde z) = \frac{C}{C + \lVert z - \tilde z \rVert^2}, \quad C = 2 d \sigma^2$$

The VAE's neighbour: there every example's cloud of codes is pulled to the prior, here only their mixture is, so the
encoder may be deterministic. Tolstikhin, Bousquet, Gelly & Schölkopf 2018, "Wasserstein auto-encoders", ICLR, section 3
and algorithm 2; MMD: Gretton et al. 2012, "A kernel two-sample test", JMLR 13, eq. 3.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from core.models.base import Batch, Code, DataSpec, EncoderDecoder, ModelConfig, Preset, live
from core.models.blocks import (
    ERROR_UNITS,
    REDUCTION_UNITS,
    dense,
    initialise,
    output_of,
    reconstruction_terms,
    squared_error,
)


class Config(ModelConfig):
    """A dense encoder, a dense decoder that mirrors it, and how much the codes' distribution weighs."""

    latent_dim: int = Field(8, ge=1, le=256, description="Size of the code z.")
    encoder_sizes: list[int] = Field(
        [400],
        min_length=0,
        max_length=8,
        description="Units of each hidden encoder layer, from the input inwards.",
    )
    activation: Literal["relu", "leaky_relu", "elu", "selu", "gelu", "tanh", "sigmoid"] = Field(
        "relu", description="The bend after each hidden layer."
    )
    loss: Literal["mse", "bce"] = Field(
        "mse",
        json_schema_extra=ERROR_UNITS,
        description="Squared error, or binary cross-entropy (for numbers in [0, 1]).",
    )
    mmd_weight: float = live(
        100.0, ge=0, le=1e5, description="Weight of the distance between the codes and the prior."
    )
    sigma: float = Field(
        1.0, gt=0, le=10, description="Standard deviation of the prior over each code dimension."
    )
    reduction: Literal["sum", "mean"] = Field(
        "sum",
        json_schema_extra=REDUCTION_UNITS,
        description="Error summed over each example, or the whole objective per pixel.",
    )


def mmd(z: Tensor, prior: Tensor, sigma: float = 1.0) -> Tensor:
    """The squared distance between what two samples (n, d) come from: unbiased, so it may fall below 0; a scalar.

    Inverse multiquadratic kernel with C = 2·d·σ², the expected squared distance between two draws from the prior.
    """
    n, dimensions = z.shape
    scale = 2 * dimensions * sigma**2
    both = torch.cat([z, prior])
    squares = both.square().sum(1)
    distances = (squares[:, None] + squares - 2 * both @ both.T).clamp_min(0)
    kernel = scale / (scale + distances)
    # On the diagonal stand the 2n pairs of a point with itself.
    within = kernel[:n, :n].sum() + kernel[n:, n:].sum() - kernel.diagonal().sum()
    return within / max(n * (n - 1), 1) - 2 * kernel[:n, n:].mean()


class WassersteinAutoencoder(EncoderDecoder):
    """``encoder`` (B, *shape) -> (B, latent_dim), ``decoder`` (B, latent_dim) -> (B, size) before its range."""

    Config = Config
    title = "Wasserstein autoencoder"
    presets = {
        "map": Preset(
            "A map of two numbers",
            "As round a cloud as the VAE's, but every digit keeps a sharp place in it.",
            config={"latent_dim": 2},
        ),
        "eight numbers": Preset(
            "Eight numbers, sharper samples",
            "Draw codes from the prior: most decode to a digit, less blurred than the VAE's.",
            config={"latent_dim": 8},
        ),
        "no MMD": Preset(
            "Without the penalty",
            "λ = 0 is a plain autoencoder: its codes lie anywhere, and samples fall into holes.",
            config={"latent_dim": 2, "mmd_weight": 0.0},
        ),
    }

    def __init__(self, config: Config, spec: DataSpec):
        super().__init__(config, spec)
        self.latents = {"z": (config.latent_dim,)}
        self.prior_deviation = config.sigma
        self.output = "sigmoid" if spec.kind == "images" else "linear"
        sizes = [spec.size, *config.encoder_sizes, config.latent_dim]
        self.encoder = nn.Sequential(nn.Flatten(), *dense(sizes, config.activation))
        self.decoder = nn.Sequential(*dense(sizes[::-1], config.activation))
        initialise(self, "glorot")

    @classmethod
    def check(cls, config: Config, spec: DataSpec) -> dict[str, str]:
        problems = super().check(config, spec)
        if config.loss == "bce" and spec.kind != "images":
            problems["loss"] = "Cross-entropy needs numbers in [0, 1]: choose mse."
        if any(not 1 <= size <= 4096 for size in config.encoder_sizes):
            problems["encoder_sizes"] = "Every layer needs between 1 and 4096 units."
        return problems

    def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
        """(B, *shape) -> the code (B, latent_dim)."""
        del y
        return Code(self.encoder(x))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """(B, latent_dim) -> (B, *shape)."""
        del y
        return output_of(self.output, self.decoder(z)).unflatten(1, self.spec.shape)

    def sample(self, n: int, generator: torch.Generator, y: Tensor | None = None) -> Tensor:
        """``n`` codes from the prior, decoded: (n, *shape)."""
        z = self.config.sigma * torch.randn(n, self.config.latent_dim, generator=generator)
        return self.decode(z.to(next(self.parameters()).device), y)

    def filters(self) -> dict[str, Tensor]:
        """What each unit of the first layer looks for and what each of the last hidden one draws: (units, *shape)."""
        first = next(m for m in self.encoder if isinstance(m, nn.Linear))
        return {
            "input": first.weight.detach().unflatten(1, self.spec.shape),
            "output": self.decoder[-1].weight.detach().T.unflatten(1, self.spec.shape),
        }

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        x = batch.x.flatten(1)
        z = self.encoder(batch.x)
        logits = self.decoder(z)
        if self.config.loss == "bce":
            error = F.binary_cross_entropy_with_logits(logits, x)
        else:
            error = squared_error(self.output, logits, x)
        terms = reconstruction_terms(error, self.spec.size, self.config.reduction)
        distance = mmd(z, self.config.sigma * torch.randn_like(z), self.config.sigma)
        objective = terms["reconstruction_sum"] + self.config.mmd_weight * distance
        mean = self.config.reduction == "mean"
        return terms | {
            "loss": objective / self.spec.size if mean else objective,
            "mmd": distance,
        }

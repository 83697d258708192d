r"""PCA as a linear autoencoder, learnt by gradient, with the closed form beside it. The error soon is PCA's; the angle
between the two subspaces closes slowly where neighbouring eigenvalues are close (on MNIST the ones at a code of 2, 10
and 30 differ by 15, 12 and 5 %).

$$\hat x = W_2 (W_1 x + b_1) + b_2, \qquad \mathcal L = \lVert x - \hat x \rVert^2$$

The minimum is reached exactly where $W_2$ spans the leading eigenvectors of the data's covariance, and at no other
local minimum (Baldi & Hornik 1989, "Neural networks and principal component analysis", Neural Networks 2). The largest
principal angle between the two subspaces (Björck & Golub 1973) says how far the gradient still has to go.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from core.models.base import Batch, Code, DataSpec, EncoderDecoder, ModelConfig, Preset
from core.models.blocks import counted_in, initialise, reconstruction_terms, squared_error
from core.models.linear import Linear


class Config(ModelConfig):
    """Only the size of the code: a linear network has little else."""

    latent_dim: int = Field(2, ge=1, le=256, description="Size of the code: how many components.")
    reduction: Literal["mean", "sum"] = Field(
        "mean",
        json_schema_extra=counted_in("squared error"),
        description="Mean over pixels, as Keras does, or sum over each example.",
    )


class PCA(EncoderDecoder):
    """Two linear layers; buffers ``mean`` (size,), ``components`` (latent_dim, size), ``variances`` (latent_dim,)."""

    Config = Config
    title = "PCA (linear autoencoder)"
    training = {"learning_rate": 3e-3}
    presets = {
        "plane": Preset(
            "A tilted plane in 3-D",
            "Three numbers become two and come back: the subspace angle falls to 0.",
            dataset="plane3d",
            config={"latent_dim": 2},
            training={"optimizer": "sgd", "learning_rate": 1.5, "batch_size": 32, "epochs": 20},
        )
    }

    def __init__(self, config: Config, spec: DataSpec):
        super().__init__(config, spec)
        self.latents = {"z": (config.latent_dim,)}
        self.encoder = nn.Sequential(nn.Flatten(), Linear(spec.size, config.latent_dim))
        self.decoder = Linear(config.latent_dim, spec.size)
        initialise(self, "glorot")
        self.register_buffer("mean", torch.zeros(spec.size))
        self.register_buffer("components", torch.zeros(config.latent_dim, spec.size))
        self.register_buffer("variances", torch.zeros(config.latent_dim))

    @classmethod
    def check(cls, config: Config, spec: DataSpec) -> dict[str, str]:
        problems = super().check(config, spec)
        if config.latent_dim > spec.size:
            problems["latent_dim"] = (
                f"These data have {spec.size} numbers each: take at most as many."
            )
        return problems

    def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
        """(B, *shape) -> the code (B, latent_dim)."""
        del y
        return Code(self.encoder(x))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """(B, latent_dim) -> (B, *shape)."""
        del y
        return self.decoder(z).unflatten(1, self.spec.shape)

    def filters(self) -> dict[str, Tensor]:
        """What each number of the code looks for and what it paints: two of (latent_dim, *shape)."""
        weights = {"input": self.encoder[1].weight, "output": self.decoder.weight.t()}
        return {name: w.detach().unflatten(1, self.spec.shape) for name, w in weights.items()}

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        x = batch.x.flatten(1)
        error = squared_error("linear", self.decoder(self.encoder(batch.x)), x)
        terms = reconstruction_terms(error, self.spec.size, self.config.reduction)
        if not self.training:
            # The best that any plane can do on these examples, for comparison.
            terms["closed_form_mean"] = squared_error("linear", self.project(x), x)
        return terms

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """The closed form on ``x`` (N, *shape): the leading eigenvectors of the covariance, kept in buffers."""
        x = x.flatten(1).double()
        mean = x.mean(0)
        covariance = (x - mean).T @ (x - mean) / max(len(x) - 1, 1)
        values, vectors = torch.linalg.eigh(covariance)
        k = self.config.latent_dim
        self.mean.copy_(mean)
        self.components.copy_(vectors[:, -k:].flip(1).T)
        self.variances.copy_(values[-k:].flip(0))

    def project(self, x: Tensor) -> Tensor:
        """``x`` (B, size) on the closed form's plane."""
        return self.mean + (x - self.mean) @ self.components.T @ self.components

    @torch.no_grad()
    def metrics(self, x: Tensor) -> dict[str, float]:
        """``subspace_angle_deg``: the largest principal angle between W₂'s columns and the components, in degrees."""
        del x
        learnt = torch.linalg.qr(self.decoder.weight.double()).Q
        overlap = torch.linalg.svdvals(self.components.double() @ learnt)
        # The sine is taken from what the overlap leaves out: arccos alone is blind below 1e-4 of a degree.
        residual = learnt - self.components.double().T @ (self.components.double() @ learnt)
        sine = torch.linalg.matrix_norm(residual, 2)
        angle = torch.atan2(sine, overlap.min())
        return {"subspace_angle_deg": float(torch.rad2deg(angle))}

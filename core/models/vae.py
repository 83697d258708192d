r"""The variational autoencoder.

$$\mathcal L(x) = -\,\mathbb E_{q(z|x)}\bigl[\ln p(x|z)\bigr] + \beta\, D_{KL}\bigl(q(z|x)\,\|\,p(z)\bigr),
  \qquad z = \mu + \sigma \odot \varepsilon, \quad \varepsilon \sim \mathcal N(0, I)$$

$$D_{KL} = -\tfrac12 \sum_j \bigl(1 + \ln \sigma_j^2 - \mu_j^2 - \sigma_j^2\bigr)$$

With β = 1, $-\mathcal L$ is the evidence lower bound (ELBO) on ln p(x), in nats per example: summed over pixels and
over code dimensions. Kingma & Welling 2014, "Auto-encoding variational Bayes", eq. 3, 4, 10; β: Higgins et al. 2017,
"beta-VAE", eq. 4; the tighter estimate from k samples: Burda, Grosse & Salakhutdinov 2016, eq. 8.
"""

import math
from typing import Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from core.models.base import (
    Batch,
    Code,
    DataSpec,
    EncoderDecoder,
    Likelihood,
    ModelConfig,
    Preset,
    live,
)
from core.models.blocks import cross_entropy, dense, initialise, output_of, reconstruction_terms


class Config(ModelConfig):
    """A dense encoder to the mean and the log-variance of z, and a dense decoder that mirrors it."""

    latent_dim: int = Field(2, ge=1, le=256, description="Size of the code z.")
    encoder_sizes: list[int] = Field(
        [400],
        min_length=0,
        max_length=8,
        description="Units of each hidden encoder layer, from the input inwards.",
    )
    activation: Literal["relu", "leaky_relu", "elu", "selu", "gelu", "tanh", "sigmoid"] = Field(
        "relu", description="The bend after each hidden layer."
    )
    likelihood: Literal["auto", "bernoulli", "gaussian"] = Field(
        "auto", description="p(x|z); auto: Bernoulli for images, Gaussian for points."
    )
    sigma: float = Field(
        0.1, gt=0, le=10, description="Standard deviation of a Gaussian p(x|z), in data units."
    )
    beta: float = live(
        1.0, ge=0, le=100, description="Weight of the KL term; 1 makes the loss a bound."
    )
    reduction: Literal["sum", "mean"] = Field(
        "sum", description="Nats per example, or the whole objective divided by the pixels."
    )


def kl_to_unit_gaussian(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, 1)) per code dimension, in nats (Kingma & Welling 2014, appendix B): (B, d) -> (B, d)."""
    return -0.5 * (1 + log_var - mu.square() - log_var.exp())


class VAE(EncoderDecoder):
    """``encoder`` (B, *shape) -> (B, 2·latent_dim), ``decoder`` (B, latent_dim) -> (B, size) logits or means."""

    Config = Config
    prior_deviation = 1.0
    title = "Variational autoencoder"
    presets = {
        "map": Preset(
            "A map of two numbers",
            "The codes fill a round cloud and every place in it decodes to something.",
            config={"latent_dim": 2, "encoder_sizes": [400]},
        ),
        "no KL": Preset(
            "Without the KL term",
            "β = 0: σ shrinks, the codes scatter, holes open between them.",
            config={"latent_dim": 2, "encoder_sizes": [400], "beta": 0.0},
        ),
    }

    def __init__(self, config: Config, spec: DataSpec):
        super().__init__(config, spec)
        self.latents = {"z": (config.latent_dim,)}
        self.likelihood = config.likelihood
        if config.likelihood == "auto":
            self.likelihood = "bernoulli" if spec.kind == "images" else "gaussian"
        hidden = [spec.size, *config.encoder_sizes]
        self.encoder = nn.Sequential(
            nn.Flatten(), *dense([*hidden, 2 * config.latent_dim], config.activation)
        )
        self.decoder = nn.Sequential(*dense([config.latent_dim, *hidden[::-1]], config.activation))
        initialise(self, "glorot")

    @classmethod
    def check(cls, config: Config, spec: DataSpec) -> dict[str, str]:
        problems = super().check(config, spec)
        if config.likelihood == "bernoulli" and spec.kind != "images":
            problems["likelihood"] = (
                "A Bernoulli likelihood needs numbers in [0, 1]: choose gaussian."
            )
        if any(not 1 <= size <= 4096 for size in config.encoder_sizes):
            problems["encoder_sizes"] = "Every layer needs between 1 and 4096 units."
        return problems

    def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
        """(B, *shape) -> μ and ln σ² of q(z|x), each (B, latent_dim)."""
        del y
        return Code(*self.encoder(x).chunk(2, dim=1))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """(B, latent_dim) -> the mean of p(x|z), (B, *shape)."""
        del y
        output = "sigmoid" if self.likelihood == "bernoulli" else "linear"
        return output_of(output, self.decoder(z)).unflatten(1, self.spec.shape)

    def sample(self, n: int, generator: torch.Generator, y: Tensor | None = None) -> Tensor:
        """The means of p(x|z) for ``n`` codes from the prior, (n, *shape)."""
        z = torch.randn(n, self.config.latent_dim, generator=generator)
        return self.decode(z.to(next(self.parameters()).device), y)

    def reconstruction_nats(self, x: Tensor, z: Tensor) -> Tensor:
        """-ln p(x|z), (B,): of the pixels if Bernoulli (a likelihood only of black-and-white ones), else Gaussian."""
        logits = self.decoder(z)
        if self.likelihood == "bernoulli":
            return cross_entropy(logits, x)
        scaled = ((x - logits) / self.config.sigma).square().sum(1)
        constant = self.spec.size * math.log(2 * math.pi * self.config.sigma**2)
        return 0.5 * (scaled + constant)

    def mean_reconstruction_nats(self, x: Tensor, z: Tensor) -> Tensor:
        """The batch's mean of ``reconstruction_nats``, a scalar; of pixels in one kernel, which the loss gains by."""
        if self.likelihood == "bernoulli":
            logits = self.decoder(z)
            return F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
        return self.reconstruction_nats(x, z).mean()

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        x = batch.x.flatten(1)
        mu, log_var, _ = self.encode(batch.x)
        z = mu + (0.5 * log_var).exp() * torch.randn_like(mu)
        error = self.mean_reconstruction_nats(x, z) / self.spec.size
        terms = reconstruction_terms(error, self.spec.size, self.config.reduction)
        kl = kl_to_unit_gaussian(mu, log_var).sum(1).mean()
        terms["kl"] = kl
        objective = terms["reconstruction_sum"] + self.config.beta * kl
        mean = self.config.reduction == "mean"
        terms["loss"] = objective / self.spec.size if mean else objective
        return terms

    def log_prob(self, x: Tensor, y: Tensor | None = None, samples: int = 1) -> Likelihood:
        """The ELBO per example, or with ``samples`` > 1 the importance-weighted estimate of ln p(x), in nats (B,).

        One draw of z a sample, from torch's global generator. The KL of the bound is exact; β plays no part.
        """
        x = x.flatten(1)
        mu, log_var, _ = self.encode(x, y)
        sigma = (0.5 * log_var).exp()
        if samples == 1:
            z = mu + sigma * torch.randn_like(mu)
            kl = kl_to_unit_gaussian(mu, log_var).sum(1)
            return Likelihood(-self.reconstruction_nats(x, z) - kl, "bound")
        weights = []
        for _ in range(samples):
            epsilon = torch.randn_like(mu)
            z = mu + sigma * epsilon
            log_ratio = 0.5 * (epsilon.square() - z.square() + log_var).sum(1)
            weights.append(log_ratio - self.reconstruction_nats(x, z))
        nats = torch.logsumexp(torch.stack(weights), 0) - math.log(samples)
        return Likelihood(nats, "estimate")

r"""The variational autoencoder and its family: an encoder that answers with a cloud of codes, not with one.

The objective, in nats per example: summed over pixels and over code dimensions, averaged over the batch, the same in
training and in evaluation.

$$\mathcal L(x) = -\,\mathbb E_{q(z|x)}\bigl[\ln p(x|z)\bigr] + \beta\, D_{KL}\bigl(q(z|x)\,\|\,p(z)\bigr),
  \qquad z = \mu + \sigma \odot \varepsilon, \quad \varepsilon \sim \mathcal N(0, I)$$

$$D_{KL} = -\tfrac12 \sum_j \bigl(1 + \ln \sigma_j^2 - \mu_j^2 - \sigma_j^2\bigr)$$

With β = 1, $-\mathcal L$ is the evidence lower bound (ELBO): $\ln p(x) \ge -\mathcal L(x)$. The expectation is taken
from one draw of ε (the reparameterisation), through which the gradient reaches μ and σ. Kingma & Welling 2014,
"Auto-encoding variational Bayes", eq. 3, 4, 10; β: Higgins et al. 2017, "beta-VAE", eq. 4. What may be changed:

- p(x|z): Bernoulli, or Gaussian with a fixed σ or one σ learnt for all pixels, by its maximum likelihood (Rybkin,
  Daniilidis & Levine 2021, "Simple and effective VAE training with calibrated decoders").
- β rises over the first steps, or again and again (``beta_share``).
- Free bits: $\sum_j \max(\lambda, D_{KL,j})$ with each $D_{KL,j}$ averaged over the batch: what costs less than λ costs
  λ (Kingma et al. 2016, "Improved variational inference with inverse autoregressive flow", eq. 15).
- Conditional on the class: q(z|x, y) and p(x|z, y) (Sohn, Lee & Yan 2015, "Learning structured output representation
  using deep conditional generative models"). y is one-hot, appended to z and to what the dense layers see.
- Importance-weighted: $-\ln \frac1k \sum_i w_i$, $w_i = p(x, z_i) / q(z_i|x)$ from k draws, a tighter bound (Burda,
  Grosse & Salakhutdinov 2016, "Importance weighted autoencoders", eq. 8). At k = 1 it is the ELBO.
"""

import math
from typing import Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from core.datasets.base import only_when
from core.models.base import Batch, Code, DataSpec, EncoderDecoder, Likelihood, ModelConfig, live
from core.models.blocks import counted_in, initialise, output_of, reconstruction_terms
from core.models.convolutions import unfit
from core.models.vae_parts import (
    LearntVariance,
    beta_share,
    kl_to_unit_gaussian,
    log_mean_exp,
    networks,
    noise,
)
from core.models.vae_presets import PRESETS

DRAWS = 2  # of z at a time where many are averaged: so few stay within the processor's cache


class Config(ModelConfig):
    """An encoder to the mean and the log-variance of z, a decoder that mirrors it, and what is asked of them."""

    latent_dim: int = Field(2, ge=1, le=256, description="Size of the code z.")
    encoder_sizes: list[int] = Field(
        [400],
        min_length=0,
        max_length=8,
        description="Units of each hidden encoder layer, from the input inwards.",
    )
    channels: list[int] = Field(
        [], max_length=5, description="Filters of each convolution before these; empty = none."
    )
    activation: Literal["relu", "leaky_relu", "elu", "selu", "gelu", "tanh", "sigmoid"] = Field(
        "relu", description="The bend after each hidden layer."
    )
    likelihood: Literal["auto", "bernoulli", "gaussian"] = Field(
        "auto", description="p(x|z); auto: Bernoulli for images, Gaussian for points."
    )
    variance: Literal["fixed", "learnt"] = Field(
        "fixed", description="The variance of a Gaussian p(x|z): sigma², or one learnt for all x."
    )
    sigma: float = Field(
        0.1, gt=0, le=10, description="Standard deviation of a Gaussian p(x|z), or where it starts."
    )
    beta: float = live(
        1.0, ge=0, le=100, description="Weight of the KL term; 1 makes the loss a bound."
    )
    beta_schedule: Literal["constant", "warm_up", "cyclic"] = Field(
        "constant", description="β as it stands, rising from 0 once, or rising in every cycle."
    )
    beta_steps: int = Field(
        1000,
        ge=1,
        le=10_000_000,
        json_schema_extra=only_when(beta_schedule=["warm_up", "cyclic"]),
        description="Steps of the rise, or of a cycle: it rises for half of it, then stays.",
    )
    free_bits: float = live(
        0.0, ge=0, le=20, description="Nats that each code dimension may hold at no further cost."
    )
    conditional: bool = Field(
        False, description="Give the class to encoder and decoder, so that z need not hold it."
    )
    importance_samples: int = Field(
        1, ge=1, le=500, description="Draws of z in the bound; more than 1 weighs them (IWAE)."
    )
    plain_steps: int = Field(
        0, ge=0, le=10_000_000, description="Steps with one draw, which are quick, before more."
    )
    reduction: Literal["sum", "mean"] = Field(
        "sum",
        json_schema_extra=counted_in("nats", kl="nats per example"),
        description="Nats per example, or the whole objective divided by the pixels.",
    )


class VAE(EncoderDecoder):
    """``encoder`` (B, *shape) -> (B, 2·latent_dim), ``decoder`` (B, latent_dim) -> logits or means (B, …).

    With classes both get y beside it: (B, … + classes). The buffer ``steps`` () int64 counts training steps, only where
    something depends on them; ``spread`` holds a learnt variance.
    """

    Config = Config
    prior_deviation = 1.0
    title = "Variational autoencoder"
    presets = PRESETS

    def __init__(self, config: Config, spec: DataSpec):
        super().__init__(config, spec)
        self.latents = {"z": (config.latent_dim,)}
        self.conditional = config.conditional
        self.likelihood = self.likelihood_of(config, spec)
        self.output = "sigmoid" if spec.kind == "images" else "linear"
        front, back, decoder = networks(config, spec, spec.classes if config.conditional else 0)
        self.encoder, self.decoder = nn.Sequential(*front, *back), nn.Sequential(*decoder)
        # Between these two y comes in; within a tuple they are no further submodules.
        self.halves = (self.encoder[: len(front)], self.encoder[len(front) :])
        if self.likelihood == "gaussian" and config.variance == "learnt":
            self.spread = LearntVariance(config.sigma)
        if config.beta_schedule != "constant" or config.plain_steps:
            self.register_buffer("steps", torch.tensor(0))
        initialise(self, "glorot")

    @staticmethod
    def likelihood_of(config: Config, spec: DataSpec) -> str:
        """``bernoulli`` or ``gaussian``: what ``auto`` means for these data."""
        if config.likelihood == "auto":
            return "bernoulli" if spec.kind == "images" else "gaussian"
        return config.likelihood

    @classmethod
    def check(cls, config: Config, spec: DataSpec) -> dict[str, str]:
        problems = super().check(config, spec)
        if config.likelihood == "bernoulli" and spec.kind != "images":
            problems["likelihood"] = (
                "A Bernoulli likelihood needs numbers in [0, 1]: choose gaussian."
            )
        if config.variance == "learnt" and cls.likelihood_of(config, spec) == "bernoulli":
            problems["variance"] = "Only a Gaussian likelihood has a variance to learn."
        if any(not 1 <= size <= 4096 for size in config.encoder_sizes):
            problems["encoder_sizes"] = "Every layer needs between 1 and 4096 units."
        if wrong := unfit(config.channels, spec.shape):
            problems["channels"] = wrong
        if config.conditional and not spec.classes:
            problems["conditional"] = "These data have no classes to give."
        if config.free_bits > 0 and config.importance_samples > 1:
            problems["free_bits"] = "The importance-weighted bound has no KL term to leave free."
        return problems

    def beside(self, values: Tensor, y: Tensor | None) -> Tensor:
        """``values`` (B, d) with the class beside them where the model is conditional: (B, d + classes).

        Where no ``y`` (B,) is given every class counts equally.
        """
        if not self.conditional:
            return values
        count = self.spec.classes
        given = (
            values.new_full((len(values), count), 1 / count) if y is None else F.one_hot(y, count)
        )
        return torch.cat([values, given.to(values.dtype)], 1)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
        """(B, *shape) -> μ and ln σ² of q(z|x) or q(z|x, y), each (B, latent_dim)."""
        front, back = self.halves
        return Code(*back(self.beside(front(x), y)).chunk(2, dim=1))

    def logits(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """(B, latent_dim) -> what the decoder says before its range, (B, size)."""
        return self.decoder(self.beside(z, y)).flatten(1)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """(B, latent_dim) -> the mean of p(x|z), (B, *shape)."""
        return output_of(self.output, self.logits(z, y)).unflatten(1, self.spec.shape)

    def sample(self, n: int, generator: torch.Generator, y: Tensor | None = None) -> Tensor:
        """The means of p(x|z) for ``n`` codes from the prior, (n, *shape).

        Where a conditional model is given no ``y`` (n,) the classes are drawn, each as likely as another.
        """
        device = next(self.parameters()).device
        z = torch.randn(n, self.config.latent_dim, generator=generator)
        if self.conditional and y is None:
            y = torch.randint(self.spec.classes, (n,), generator=generator).to(device)
        return self.decode(z.to(device), y)

    def nats(self, logits: Tensor, x: Tensor, reduction: str = "none") -> Tensor:
        """-ln p(x|z) of each number of ``x``, all (…, size), or their sum: of pixels in one kernel, which is quicker.

        Bernoulli is a likelihood of black and white pixels only.
        """
        if self.likelihood == "bernoulli":
            return F.binary_cross_entropy_with_logits(logits, x, reduction=reduction)
        mean = output_of(self.output, logits)
        if self.config.variance == "learnt":
            log_var = self.spread(mean)
            scaled = (x - mean).square() * (-log_var).exp()
        else:
            log_var = 2 * math.log(self.config.sigma)
            scaled = ((x - mean) / self.config.sigma).square()
        nats = 0.5 * (scaled + log_var + math.log(2 * math.pi))
        return nats.sum() if reduction == "sum" else nats

    def reconstruction_nats(self, x: Tensor, z: Tensor, y: Tensor | None = None) -> Tensor:
        """-ln p(x|z) of ``x`` (B, size), summed over each example: (B,)."""
        return self.nats(self.logits(z, y), x).sum(1)

    def at_this_step(self) -> tuple[Tensor | float, int]:
        """β as it weighs now and the draws of z; a training step counts as done once it has asked."""
        c = self.config
        if not hasattr(self, "steps"):
            return c.beta, c.importance_samples
        scheduled = c.beta_schedule != "constant"
        share = beta_share(c.beta_schedule, self.steps, c.beta_steps) if scheduled else 1.0
        draws = 1 if c.plain_steps and self.steps < c.plain_steps else c.importance_samples
        if self.training:
            self.steps += 1
        return c.beta * share, draws

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        c, x = self.config, batch.x.flatten(1)
        mu, log_var, _ = code = self.encode(batch.x, batch.y)
        beta, draws = self.at_this_step()
        units = kl_to_unit_gaussian(mu, log_var)
        kl = units.sum(1).mean()
        if draws > 1:
            error, objective = self.chosen(x, code, batch.y, draws, beta)
        else:
            z = mu + (0.5 * log_var).exp() * torch.randn_like(mu)
            error = self.nats(self.logits(z, batch.y), x, "sum") / len(x)
            # Free bits are counted on the batch's mean: a unit may be silent for some examples.
            price = units.mean(0).clamp_min(c.free_bits).sum() if c.free_bits > 0 else kl
            objective = error + beta * price
        terms = reconstruction_terms(error / self.spec.size, self.spec.size, c.reduction)
        terms["kl"] = kl
        if isinstance(beta, Tensor):
            terms["beta"] = beta
        terms["loss"] = objective / self.spec.size if c.reduction == "mean" else objective
        return terms

    def chosen(
        self, x: Tensor, code: Code, y: Tensor | None, draws: int, beta: Tensor | float
    ) -> tuple[Tensor, Tensor]:
        """The mean of -ln p(x|z) over all draws, and minus the importance-weighted bound: scalars.

        The bound's gradient is that of ln w, averaged with the weights w. It is taken of one draw for each example,
        chosen by its weight: right on average, and much quicker (Burda et al. 2016, section 3).
        """
        epsilon = noise(code, draws)
        with torch.no_grad():
            error, log_ratio = self.weighed(x, code, y, epsilon)
            log_w = beta * log_ratio - error
            # Where the weights broke any draw will do: the loss says so itself.
            one = torch.multinomial(log_w.softmax(1).nan_to_num(1.0), 1).unsqueeze(2)
        picked, its_ratio = self.weighed(x, code, y, epsilon.take_along_dim(one, 1))
        slope = (picked - beta * its_ratio).mean()
        return error.mean(), slope - slope.detach() - log_mean_exp(log_w).mean()

    def weighed(
        self, x: Tensor, code: Code, y: Tensor | None, epsilon: Tensor
    ) -> tuple[Tensor, Tensor]:
        """For each draw ``epsilon`` (B, n, d): -ln p(x|z) of ``x`` (B, size), and ln p(z) / q(z|x); both (B, n)."""
        mu, log_var = code.mean.float().unsqueeze(1), code.log_var.float().unsqueeze(1)
        z = mu + (0.5 * log_var).exp() * epsilon
        log_ratio = 0.5 * (epsilon.square() - z.square() + log_var).sum(2)
        errors = []
        for part in z.split(DRAWS, 1):
            n = part.shape[1]
            given = None if y is None else y.repeat_interleave(n)
            logits = self.logits(part.flatten(0, 1), given).unflatten(0, (-1, n)).float()
            errors.append(self.nats(logits, x.unsqueeze(1).expand_as(logits)).sum(2))
        return torch.cat(errors, 1), log_ratio

    def log_prob(self, x: Tensor, y: Tensor | None = None, samples: int = 1) -> Likelihood:
        """The ELBO per example, or with ``samples`` > 1 the importance-weighted estimate of ln p(x), in nats (B,).

        Draws of z from torch's global generator. The KL of the bound is exact; β and free bits play no part. Of a
        conditional model it is ln p(x|y).
        """
        x, code = x.flatten(1), self.encode(x, y)
        epsilon = noise(code, samples)
        if samples > 1:
            error, log_ratio = self.weighed(x, code, y, epsilon)
            return Likelihood(log_mean_exp(log_ratio - error), "estimate")
        z = code.mean + (0.5 * code.log_var).exp() * epsilon.squeeze(1)
        kl = kl_to_unit_gaussian(code.mean, code.log_var).sum(1)
        return Likelihood(-self.reconstruction_nats(x, z, y) - kl, "bound")

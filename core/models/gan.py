r"""The generative adversarial network, fully connected, on images and on points in the plane.

$$\min_G \max_D \; \mathbb E_{x}\bigl[\ln D(x)\bigr] + \mathbb E_{z}\bigl[\ln (1 - D(G(z)))\bigr]$$

Two networks take turns: the discriminator D learns to tell real from generated, the generator G to be taken for real.
Goodfellow et al. 2014, "Generative adversarial nets", algorithm 1.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from core.models.adversarial import discriminator_loss, generator_loss
from core.models.base import Batch, DataSpec, Model, ModelConfig, Phase, Preset, live
from core.models.blocks import dense, initialise, output_of

Activation = Literal["relu", "leaky_relu", "elu", "selu", "gelu", "tanh"]


class Config(ModelConfig):
    """Two dense networks, the noise that feeds one, and how their turns go."""

    latent_dim: int = Field(2, ge=1, le=256, description="Size of the noise z that G starts from.")
    prior: Literal["gaussian", "uniform"] = Field(
        "gaussian", description="The noise: a unit Gaussian, or uniform on [-1, 1]."
    )
    generator_sizes: list[int] = Field(
        [64, 64], min_length=1, max_length=8, description="Units of G's hidden layers, from z on."
    )
    discriminator_sizes: list[int] = Field(
        [64, 64], min_length=1, max_length=8, description="Units of D's hidden layers, from x on."
    )
    activation: Activation = Field("leaky_relu", description="The bend after each hidden layer.")
    generator_loss: Literal["non_saturating", "minimax"] = Field(
        "non_saturating", description="What G minimises: -ln D(G(z)), or ln(1 - D(G(z)))."
    )
    discriminator_updates: int = live(1, ge=0, le=20, description="Updates of D in one step.")
    generator_updates: int = live(1, ge=0, le=20, description="Updates of G in one step.")
    discriminator_rate: float = live(
        1.0, ge=0, le=100, description="D's learning rate as a multiple of the run's."
    )
    generator_rate: float = live(
        1.0, ge=0, le=100, description="G's learning rate as a multiple of the run's."
    )


class GAN(Model):
    """``generator`` (B, latent_dim) -> (B, size) before its range, ``discriminator`` (B, *shape) -> (B, 1) logits."""

    Config = Config
    title = "GAN"
    training = {"learning_rate": 1e-3, "beta1": 0.5, "steps": 10_000}
    presets = {
        "ring": Preset(
            "A ring of eight",
            "Eight clumps of points: does the generator find them all, or hop from one to the next?",
            dataset="points",
            data={"distribution": "ring"},
        ),
        "digits": Preset(
            "Invented digits",
            "Noise in, digits out: they come slowly, and they wobble.",
            dataset="digits",
            config={
                "latent_dim": 32,
                "generator_sizes": [128, 256],
                "discriminator_sizes": [256, 128],
            },
            training={"learning_rate": 3e-4},
        ),
    }

    def __init__(self, config: Config, spec: DataSpec):
        super().__init__(config, spec)
        self.latents = {"z": (config.latent_dim,)}
        g_sizes = [config.latent_dim, *config.generator_sizes, spec.size]
        d_sizes = [spec.size, *config.discriminator_sizes, 1]
        self.generator = nn.Sequential(*dense(g_sizes, config.activation))
        self.discriminator = nn.Sequential(nn.Flatten(), *dense(d_sizes, config.activation))
        initialise(self, "glorot")

    @classmethod
    def check(cls, config: Config, spec: DataSpec) -> dict[str, str]:
        problems = super().check(config, spec)
        for name in ("generator_sizes", "discriminator_sizes"):
            if any(not 1 <= size <= 4096 for size in getattr(config, name)):
                problems[name] = "Every layer needs between 1 and 4096 units."
        return problems

    def noise(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """``n`` draws of z from the prior, (n, latent_dim)."""
        shape = (n, self.config.latent_dim)
        if self.config.prior == "uniform":
            z = torch.rand(shape, generator=generator) * 2 - 1
        else:
            z = torch.randn(shape, generator=generator)
        return z.to(next(self.parameters()).device)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """G: (B, latent_dim) -> (B, *shape)."""
        del y
        output = "sigmoid" if self.spec.kind == "images" else "linear"
        return output_of(output, self.generator(z)).unflatten(1, self.spec.shape)

    def sample(self, n: int, generator: torch.Generator, y: Tensor | None = None) -> Tensor:
        """``n`` generated examples, (n, *shape)."""
        return self.decode(self.noise(n, generator), y)

    def judge(self, x: Tensor) -> Tensor:
        """D's verdict on (B, *shape) as a logit (B,)."""
        return self.discriminator(x).squeeze(1)

    def phases(self) -> dict[str, Phase]:
        c = self.config
        events = ("noise", "generate", "judge", "update")
        return {
            "D": Phase(
                self.discriminator_losses,
                ("discriminator",),
                c.discriminator_updates,
                c.discriminator_rate,
                events,
            ),
            "G": Phase(
                self.generator_losses,
                ("generator",),
                c.generator_updates,
                c.generator_rate,
                events,
            ),
        }

    def discriminator_losses(self, batch: Batch) -> dict[str, Tensor]:
        """D's turn: real against freshly generated. ``accuracy_*`` is the share that D gets right."""
        with torch.no_grad():
            generated = self.decode(self.noise(len(batch.x)))
        real, fake = self.judge(batch.x), self.judge(generated)
        return {
            "loss": discriminator_loss(real, fake),
            "accuracy_real": (real > 0).float().mean(),
            "accuracy_generated": (fake < 0).float().mean(),
        }

    def generator_losses(self, batch: Batch) -> dict[str, Tensor]:
        """G's turn: new noise, judged by a D that stands still."""
        fake = self.judge(self.decode(self.noise(len(batch.x))))
        return {"loss": generator_loss(fake, self.config.generator_loss)}

r"""The generative adversarial network, fully connected, on images and on points in the plane.

$$\min_G \max_D \; \mathbb E_{x}\bigl[\ln D(x)\bigr] + \mathbb E_{z}\bigl[\ln (1 - D(G(z)))\bigr]$$

Two networks take turns: the discriminator D learns to tell real from generated, the generator G to be taken for real.
Goodfellow et al. 2014, "Generative adversarial nets", algorithm 1. Each may have another loss, D may be held back by
penalties on its slope, and there are cures for a G that draws the same again and again: every equation and its source
stand in ``core.models.adversarial`` and ``adversarial_layers``. What they do to a step:

$$\mathcal L_D = \ell_D\bigl(D(x + \sigma\varepsilon),\, D(G(z) + \sigma\varepsilon')\bigr)
  + \tfrac{\gamma_1}{2} \mathbb E_x \lVert\nabla D\rVert^2 + \tfrac{\gamma_2}{2} \mathbb E_{G(z)} \lVert\nabla D\rVert^2
  + \lambda\, \mathbb E_{\hat x} (\lVert\nabla D\rVert - 1)^2, \qquad \mathcal L_G = \ell_G\bigl(D(G(z))\bigr)$$

Conditional on the class: y, one-hot, beside z and beside what D sees (Mirza & Osindero 2014, "Conditional generative
adversarial nets"). Two time scales: a learning rate for each (Heusel et al. 2017, "GANs trained by a two time-scale
update rule").
"""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.func import functional_call

from core.models import adversarial as rules
from core.models.adversarial_layers import Averaged, Replay
from core.models.base import Batch, DataSpec, Phase
from core.models.blocks import output_of
from core.models.chains import DenseLayer, chain_of
from core.models.gan_looks import Judged
from core.models.gan_parts import networks
from core.models.gan_presets import PRESETS
from core.models.gan_settings import Config, problems

Weights = dict[str, Tensor]


class GAN(Judged):
    """``generator`` (B, latent_dim) -> (B, size) before its range, ``discriminator`` (B, size) -> (B, 1) verdicts.

    With classes both get y beside it, with packing D gets several examples in a row. In buffers, each only where a
    setting asks for it: ``average`` of G's weights, ``replay`` of earlier samples, and ``turns`` () int64, D's updates.
    """

    Config = Config
    title = "GAN"
    training = {"learning_rate": 1e-3, "beta1": 0.5, "steps": 10_000}
    presets = PRESETS

    def __init__(self, config: Config, spec: DataSpec):
        super().__init__(config, spec)
        self.latents = {"z": (config.latent_dim,)}
        self.conditional = config.conditional
        given = spec.classes if config.conditional else 0
        self.generator, self.discriminator = networks(config, spec, given)
        # Where D compares the examples of a batch, real and generated ones must not come in one.
        self.together = config.minibatch == "none" and config.batch_norm != "both"
        if config.average:
            self.average = Averaged(self.generator, config.average)
        if config.replay:
            self.replay = Replay(config.replay, spec.shape)
        if config.instance_noise_steps:
            self.register_buffer("turns", torch.tensor(0))

    @classmethod
    def check(cls, config: Config, spec: DataSpec) -> dict[str, str]:
        return super().check(config, spec) | problems(config, spec)

    # -- G -----------------------------------------------------------------------------------------------------------

    def noise(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """``n`` draws of z from the prior, (n, latent_dim)."""
        shape = (n, self.config.latent_dim)
        if self.config.prior == "uniform":
            z = torch.rand(shape, generator=generator) * 2 - 1
        else:
            z = torch.randn(shape, generator=generator)
        return z.to(self.generator[0].weight.device)

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

    def shown(self, raw: Tensor) -> Tensor:
        """G's numbers (B, size) in their range and shape, (B, *shape)."""
        output = "sigmoid" if self.spec.kind == "images" else "linear"
        # Layers may be computed in bfloat16; examples and verdicts are as exact as the weights.
        x = output_of(output, raw.to(self.generator[0].weight.dtype))
        return x.view(-1, *self.spec.shape)

    def generate(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """G as it trains: (B, latent_dim) -> (B, *shape)."""
        return self.shown(self.generator(self.beside(z, y)))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """G, with its averaged weights where they are kept: (B, latent_dim) -> (B, *shape)."""
        if not self.config.average:
            return self.generate(z, y)
        return self.shown(self.average.through(self.generator, self.beside(z, y)))

    def sample(self, n: int, generator: torch.Generator, y: Tensor | None = None) -> Tensor:
        """``n`` generated examples, (n, *shape); of a conditional model without ``y`` (n,) of classes drawn evenly."""
        z = self.noise(n, generator)
        if self.conditional and y is None:
            y = torch.randint(self.spec.classes, (n,), generator=generator).to(z.device)
        return self.decode(z, y)

    def dense_decoder(self) -> list[DenseLayer]:
        generator = self.generator
        if self.config.average:
            generator = copy.deepcopy(generator)
            generator.load_state_dict(self.average.weights(), strict=False)
        return chain_of(generator, self.decode, self.config.latent_dim, self.spec.classes)

    # -- D -----------------------------------------------------------------------------------------------------------

    def rows(self, values: Tensor) -> Tensor:
        """As many of (B, …) as can be packed; of a batch smaller than a pack some come twice."""
        pack = self.config.packing
        if pack == 1 or len(values) % pack == 0:
            return values
        count = max(len(values) // pack, 1) * pack
        return values[torch.arange(count, device=values.device) % len(values)]

    def seen(self, x: Tensor) -> Tensor:
        """What D is shown of ``x`` (B, *shape): flat and noisy, and as many as can be packed, (n, size)."""
        x = self.rows(x.flatten(1))
        if self.config.instance_noise == 0:
            return x
        steps = self.config.instance_noise_steps
        left = rules.noise_share(self.turns, steps) if steps else 1.0
        return x + self.config.instance_noise * left * torch.randn_like(x)

    def verdicts(self, seen: Tensor, y: Tensor | None, weights: Weights | None = None) -> Tensor:
        """D's verdicts on what it is shown, (n, size) -> (n / packing,); ``weights`` in place of its own."""
        rows = rules.packed(self.beside(seen, y), self.config.packing)
        if weights is None:
            raw = self.discriminator(rows)
        else:
            raw = functional_call(self.discriminator, weights, (rows,))
        return raw.squeeze(1).to(seen.dtype)

    def judge(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """D's verdicts on (B, *shape), as many as there are packs: (B / packing,)."""
        return self.verdicts(self.seen(x), self.fitting(y))

    def fitting(self, y: Tensor | None) -> Tensor | None:
        """The classes of what ``seen`` shows, from those of all (B,); None where D is not told."""
        return self.rows(y) if self.conditional and y is not None else None

    def both(
        self, real: Tensor, fake: Tensor, y: Tensor | None, fake_y: Tensor | None, weights=None
    ) -> tuple[Tensor, Tensor]:
        """D's verdicts on real and on generated examples, at one go where that makes no difference."""
        # A slope that is asked of one half alone would be taken through the other too.
        if not self.together or bool(self.config.r1) != bool(self.config.r2):
            return self.verdicts(real, y, weights), self.verdicts(fake, fake_y, weights)
        classes = None if y is None else torch.cat([y, fake_y])
        return self.verdicts(torch.cat([real, fake]), classes, weights).chunk(2)

    # -- turns -------------------------------------------------------------------------------------------------------

    def phases(self) -> dict[str, Phase]:
        c = self.config
        trained = ("generator",) if c.freeze_discriminator else ("generator", "discriminator")
        return {
            "D": Phase(
                self.discriminator_losses,
                ("discriminator",),
                c.discriminator_updates,
                c.discriminator_rate,
                ("sample noise", "generate", "judge", "update D"),
                self.after_discriminator,
            ),
            "G": Phase(
                self.generator_losses,
                trained,
                c.generator_updates,
                c.generator_rate,
                ("sample noise", "generate", "judge", "update G"),
                self.after_generator,
            ),
        }

    def discriminator_losses(self, batch: Batch) -> dict[str, Tensor]:
        """D's turn: real against generated. ``accuracy_*`` is the share that D gets right (``rules.accuracies``)."""
        c = self.config
        with torch.no_grad():
            x, y = self.generate(self.noise(len(batch.x)), batch.y), batch.y
            if c.replay and self.training:
                fresh = x
                x, y = self.replay.mixed(fresh, batch.y, c.replay_share)
                self.replay.keep(fresh, batch.y)
        # A slope needs a graph, also where only the loss is looked at.
        with torch.set_grad_enabled(c.penalised or torch.is_grad_enabled()):
            real, fake = self.seen(batch.x), self.seen(x)
            classes = self.fitting(batch.y), self.fitting(y)
            loss, penalty, verdicts = self.objective(real, fake, *classes)
        right = rules.accuracies(*verdicts, c.discriminator_loss)
        terms = {"loss": loss, "accuracy_real": right[0], "accuracy_generated": right[1]}
        return terms | ({"penalty": penalty} if c.penalised else {})

    def objective(
        self,
        real: Tensor,
        fake: Tensor,
        y: Tensor | None,
        fake_y: Tensor | None,
        weights: Weights | None = None,
    ) -> tuple[Tensor, Tensor | float, tuple[Tensor, Tensor]]:
        """What D minimises of what it is shown, the penalties within it, and its verdicts on real and generated."""
        c, penalty = self.config, 0.0
        if c.r1 or c.r2:
            real, fake = (
                x if x.requires_grad else x.detach().requires_grad_() for x in (real, fake)
            )
        verdicts = self.both(real, fake, y, fake_y, weights)
        weighed = [(weight, x) for weight, x in ((c.r1, real), (c.r2, fake)) if weight]
        if weighed:
            found = rules.slopes(torch.cat(verdicts), *(x for _, x in weighed))
            for (weight, _), slope in zip(weighed, found, strict=True):
                lengths = rules.squared_lengths(slope, c.packing)
                penalty = penalty + weight * rules.zero_slope_penalty(lengths)
        if c.gradient_penalty:
            between = rules.interpolated(real.detach(), fake.detach(), c.packing).requires_grad_()
            (slope,) = rules.slopes(self.verdicts(between, y, weights), between)
            lengths = rules.squared_lengths(slope, c.packing)
            penalty = penalty + c.gradient_penalty * rules.unit_slope_penalty(lengths)
        loss = rules.discriminator_loss(*verdicts, c.discriminator_loss, c.label_smoothing)
        return (loss + penalty if c.penalised else loss), penalty, verdicts

    def generator_losses(self, batch: Batch) -> dict[str, Tensor]:
        """G's turn: new noise, judged by D."""
        x = self.generate(self.noise(len(batch.x)), batch.y)
        return {"loss": self.missed(x, batch, self.training)}

    def missed(self, x: Tensor, batch: Batch, ahead: bool) -> Tensor:
        """What G minimises of its examples ``x`` (B, *shape), of the classes of ``batch``, whose own are real.

        They are judged by D as it is, or, ``ahead``, as it will be after ``unrolled_steps`` of its own.
        """
        c, y = self.config, self.fitting(batch.y)
        fake = self.seen(x)
        weights = None
        if c.unrolled_steps and ahead:
            real = self.seen(batch.x)
            weights = rules.unrolled(
                lambda theta: self.objective(real, fake, y, y, theta)[0],
                dict(self.discriminator.named_parameters()),
                c.unrolled_steps,
                c.unrolled_rate,
            )
        if c.generator_loss != "relativistic":
            return rules.generator_loss(self.verdicts(fake, y, weights), c.generator_loss)
        real, fake = self.both(self.seen(batch.x), fake, y, y, weights)
        return rules.generator_loss(fake, c.generator_loss, real)

    def after_discriminator(self) -> None:
        """Clip D's weights and count its update, where a setting asks for it."""
        if self.config.weight_clip:
            for parameter in self.discriminator.parameters():
                parameter.clamp_(-self.config.weight_clip, self.config.weight_clip)
        if self.config.instance_noise_steps:
            self.turns += 1

    def after_generator(self) -> None:
        """Take G's new weights into their average, where one is kept."""
        if self.config.average:
            self.average.update()

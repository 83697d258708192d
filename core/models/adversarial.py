"""What generator and discriminator minimise, what holds the discriminator back, and some cures, as functions.

Verdicts (B,) are D's last numbers before any range: large means "real". Losses of D are sums of a part for real and a
part for generated examples, each a mean over the batch.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = [
    "DiscriminatorLoss",
    "GeneratorLoss",
    "accuracies",
    "discriminator_loss",
    "generator_loss",
    "interpolated",
    "noise_share",
    "packed",
    "realness",
    "slopes",
    "squared_lengths",
    "unit_slope_penalty",
    "unrolled",
    "zero_slope_penalty",
]

DiscriminatorLoss = Literal["logistic", "least_squares", "hinge", "wasserstein", "relativistic"]
GeneratorLoss = Literal["non_saturating", "minimax", "least_squares", "wasserstein", "relativistic"]
SMOOTHABLE = ("logistic", "least_squares")
PAIRED = ("wasserstein", "relativistic")  # their verdicts have no zero of their own
TINY = 1e-12  # under a root, whose slope at 0 is infinite


def discriminator_loss(
    real: Tensor, fake: Tensor, kind: DiscriminatorLoss = "logistic", smoothing: float = 0.0
) -> Tensor:
    """What D minimises, from its verdicts on real and on generated examples, (B,) each.

    ``logistic``: -E ln D(x) - E ln(1 - D(G(z))) in nats, D = σ(verdict) (Goodfellow et al. 2014, "Generative
    adversarial nets", eq. 1). ``least_squares``: ½E(D(x) - 1)² + ½E(D(G(z)) + 1)² (Mao et al. 2017, "Least squares
    generative adversarial networks", eq. 8). ``hinge``: E max(0, 1 - D(x)) + E max(0, 1 + D(G(z))) (Lim & Ye 2017,
    "Geometric GAN", section 3; Miyato et al. 2018, eq. 16). ``wasserstein``: E D(G(z)) - E D(x) (Arjovsky, Chintala &
    Bottou 2017, "Wasserstein GAN", eq. 3). ``relativistic``: E softplus(D(G(z)) - D(x)), real and generated in pairs
    (Jolicoeur-Martineau 2019, "The relativistic discriminator", section 4; Huang et al. 2024, "The GAN is dead; long
    live the GAN!", eq. 2).

    ``smoothing`` s moves the target of the real examples, and theirs alone, from 1 to 1 - s, in the logistic loss and
    the least squares (Salimans et al. 2016, "Improved techniques for training GANs", section 3.4).
    """
    if kind == "logistic":
        # -(1 - s) ln D - s ln(1 - D) = softplus(-v) + s v.
        loss = F.softplus(-real).mean() + F.softplus(fake).mean()
        return loss + smoothing * real.mean() if smoothing else loss
    if kind == "least_squares":
        target = 1 - 2 * smoothing  # the labels lie at -1 and 1, not at 0 and 1
        return 0.5 * (real - target).square().mean() + 0.5 * (fake + 1).square().mean()
    if kind == "hinge":
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
    if kind == "wasserstein":
        return fake.mean() - real.mean()
    return F.softplus(fake - real).mean()


def generator_loss(fake: Tensor, kind: GeneratorLoss, real: Tensor | None = None) -> Tensor:
    """What G minimises, from D's verdicts (B,) on its examples, and of ``relativistic`` on as many real ones.

    ``minimax``: E ln(1 - D(G(z))) in nats, which hardly moves G once D is sure; ``non_saturating``: -E ln D(G(z))
    (Goodfellow et al. 2014, section 3). ``least_squares``: ½E D(G(z))² (Mao et al. 2017, eq. 8). ``wasserstein``:
    -E D(G(z)), which belongs to the hinge too. ``relativistic``: E softplus(D(x) - D(G(z))).
    """
    if kind == "minimax":
        return -F.softplus(fake).mean()
    if kind == "non_saturating":
        return F.softplus(-fake).mean()
    if kind == "least_squares":
        return 0.5 * fake.square().mean()
    if kind == "wasserstein":
        return -fake.mean()
    return F.softplus(real - fake).mean()


def accuracies(real: Tensor, fake: Tensor, kind: DiscriminatorLoss) -> tuple[Tensor, Tensor]:
    """The shares of real and of generated examples that D takes for what they are, scalars in [0, 1].

    The line between them is 0, and where verdicts are only compared with each other (``wasserstein``,
    ``relativistic``) the middle between their two means.
    """
    line = 0.5 * (real.mean() + fake.mean()) if kind in PAIRED else 0.0
    return (real > line).mean(dtype=torch.float32), (fake < line).mean(dtype=torch.float32)


def realness(
    verdict: Tensor, kind: DiscriminatorLoss, real: Tensor | None = None, fake: Tensor | None = None
) -> Tensor:
    """How real verdicts (n,) mean something to be, (n,) in [0, 1], rising with the verdict; ½ where D cannot tell.

    ``logistic``: σ(v), the share p / (p + q) of real ones there, if D is at its best (Goodfellow et al. 2014,
    proposition 1). ``least_squares``: (v + 1) / 2 within [0, 1], at its best the same share (Mao et al. 2017, eq. 5).
    ``hinge``: σ(2v), whose margins ±1 lie at 0.88 and 0.12. ``relativistic``: σ(v - m), where m is the middle between
    the means of D's verdicts on ``real`` and on ``fake`` examples, (k,) each, which only these two need.
    ``wasserstein``, whose verdicts have neither a zero nor a unit: σ(2 (v - m) / s), where s is the standard deviation
    of both together.
    """
    if kind == "logistic":
        return verdict.sigmoid()
    if kind == "least_squares":
        return ((verdict + 1) / 2).clamp(0, 1)
    if kind == "hinge":
        return (2 * verdict).sigmoid()
    centred = verdict - 0.5 * (real.mean() + fake.mean())
    if kind == "relativistic":
        return centred.sigmoid()
    return (2 * centred / (torch.cat([real, fake]).std() + TINY)).sigmoid()


# -- penalties on D's slope --------------------------------------------------------------------------------------------


def slopes(verdict: Tensor, *places: Tensor) -> tuple[Tensor, ...]:
    """∂D/∂x at each of the ``places``, (n, d) each, from the verdicts on all of them; itself differentiable."""
    return torch.autograd.grad(verdict.sum(), places, create_graph=True)


def squared_lengths(slope: Tensor, pack: int = 1) -> Tensor:
    """‖∂D/∂x‖² of each verdict: slopes (n, d) of rows that were judged ``pack`` at a time -> (n / pack,)."""
    return slope.square().sum(1).view(-1, pack).sum(1)


def zero_slope_penalty(squares: Tensor) -> Tensor:
    """½E‖∇D‖², of squared lengths (B,): R₁ at real examples, R₂ at generated ones.

    Mescheder, Geiger & Nowozin 2018, "Which training methods for GANs do actually converge?", eq. 9 and 10; both
    together: Huang et al. 2024, eq. 5 and 6.
    """
    return 0.5 * squares.mean()


def unit_slope_penalty(squares: Tensor) -> Tensor:
    """E(‖∇D‖ - 1)², of squared lengths (B,) at points between real and generated ones.

    Gulrajani et al. 2017, "Improved training of Wasserstein GANs", eq. 3.
    """
    return ((squares + TINY).sqrt() - 1).square().mean()


def interpolated(real: Tensor, fake: Tensor, pack: int = 1) -> Tensor:
    """A point of each line from a real to a generated example, (n, d) each, evenly drawn (Gulrajani et al., alg. 1).

    Rows that are judged together, ``pack`` at a time, share their place along the line.
    """
    share = torch.rand(len(real) // pack, 1, device=real.device).repeat_interleave(pack, 0)
    return real + share * (fake - real)


# -- cures -------------------------------------------------------------------------------------------------------------


def packed(x: Tensor, pack: int) -> Tensor:
    """``pack`` examples side by side for one verdict: (n · pack, d) -> (n, pack · d).

    Lin, Khetan, Fanti & Oh 2018, "PacGAN: the power of two samples in generative adversarial networks", section 2.
    """
    return x.view(len(x) // pack, -1)


def noise_share(done: Tensor, steps: int) -> Tensor:
    """How much of the instance noise is left when ``done`` () of ``steps`` are over: evenly from 1 to 0.

    Sønderby et al. 2017, "Amortised MAP inference for image super-resolution", section 3.3; Arjovsky & Bottou 2017,
    "Towards principled methods for training generative adversarial networks", section 3.
    """
    return (1 - done / steps).clamp(min=0.0)


def unrolled(
    loss: Callable[[dict[str, Tensor]], Tensor],
    parameters: dict[str, Tensor],
    steps: int,
    rate: float,
) -> dict[str, Tensor]:
    """D's parameters after ``steps`` of gradient descent on its own ``loss``, as a function of all that made it.

    θₖ₊₁ = θₖ - η ∇loss(θₖ), and the gradient flows through every update: G learns what D will answer to its move
    (Metz et al. 2017, "Unrolled generative adversarial networks", eq. 6 to 12). ``parameters`` themselves stay as they
    are. Memory grows with ``steps``.
    """
    theta = {name: value.detach().requires_grad_() for name, value in parameters.items()}
    for _ in range(steps):
        gradients: Sequence[Tensor] = torch.autograd.grad(
            loss(theta), list(theta.values()), create_graph=True
        )
        theta = {
            name: value - rate * gradient
            for (name, value), gradient in zip(theta.items(), gradients, strict=True)
        }
    return theta

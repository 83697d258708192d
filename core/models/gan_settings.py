"""The settings of the GAN family, and which of them contradict each other or the data."""

from typing import Literal

from pydantic import Field

from core.fields import counting
from core.models.adversarial import SMOOTHABLE, DiscriminatorLoss, GeneratorLoss
from core.models.base import DataSpec, ModelConfig, live

__all__ = ["Config", "problems"]

Activation = Literal["relu", "leaky_relu", "elu", "selu", "gelu", "tanh"]


class Config(ModelConfig):
    """Two dense networks, the noise that feeds one, how their turns go, and what keeps them in balance."""

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
    batch_norm: Literal["none", "generator", "both"] = Field(
        "none", description="Normalise hidden layers over the batch: of G, or of both networks."
    )
    conditional: bool = Field(
        False, description="Give the class to G and D, so that one can ask for it."
    )
    discriminator_loss: DiscriminatorLoss = live(
        "logistic",
        json_schema_extra=counting({"D/loss": dict.fromkeys(("logistic", "relativistic"), "nats")}),
        description="What D minimises: how it tells real from generated.",
    )
    generator_loss: GeneratorLoss = live(
        "non_saturating",
        json_schema_extra=counting(
            {"G/loss": dict.fromkeys(("minimax", "non_saturating", "relativistic"), "nats")}
        ),
        description="What G minimises; wasserstein, the plain -D(G(z)), belongs to the hinge too.",
    )
    discriminator_updates: int = live(1, ge=0, le=20, description="Updates of D in one step.")
    generator_updates: int = live(1, ge=0, le=20, description="Updates of G in one step.")
    discriminator_rate: float = live(
        1.0, ge=0, le=100, description="D's learning rate as a multiple of the run's."
    )
    generator_rate: float = live(
        1.0, ge=0, le=100, description="G's learning rate as a multiple of the run's."
    )
    freeze_discriminator: bool = Field(
        True, description="D stands still in G's turn; unfrozen, G bribes its judge."
    )
    r1: float = live(
        0.0, ge=0, le=1e4, description="Weight of ½‖∇D‖² at real examples; 0 = no penalty."
    )
    r2: float = live(0.0, ge=0, le=1e4, description="Weight of ½‖∇D‖² at generated examples.")
    gradient_penalty: float = live(
        0.0, ge=0, le=1e4, description="Weight of (‖∇D‖ - 1)² between them; WGAN-GP takes 10."
    )
    weight_clip: float = live(
        0.0, ge=0, le=10, description="D's weights stay within ± this; WGAN takes 0.01, 0 = free."
    )
    spectral_norm: bool = Field(
        False, description="Divide each layer of D by its largest singular value."
    )
    label_smoothing: float = live(
        0.0, ge=0, lt=0.5, description="D's target for real examples falls from 1 by this much."
    )
    instance_noise: float = live(
        0.0, ge=0, le=10, description="Standard deviation of noise on all that D sees."
    )
    instance_noise_steps: int = Field(
        0, ge=0, le=10_000_000, description="Updates of D until that noise is gone; 0 = it stays."
    )
    minibatch: Literal["none", "discrimination", "deviation"] = Field(
        "none", description="Let D compare the examples of a batch: each pair, or their spread."
    )
    packing: int = Field(1, ge=1, le=16, description="Examples that D judges at once (PacGAN).")
    replay: int = Field(
        0, ge=0, le=100_000, description="Earlier generated examples kept to remind D; 0 = none."
    )
    replay_share: float = live(
        0.5,
        ge=0,
        le=1,
        description="Share of D's generated examples that come from that store.",
    )
    unrolled_steps: int = live(
        0, ge=0, le=20, description="Updates of D that G looks ahead, with the gradient through."
    )
    unrolled_rate: float = live(
        0.1, gt=0, le=10, description="Length of those steps of gradient descent."
    )
    average: float = Field(
        0.0, ge=0, lt=1, description="Memory of the average of G's weights that samples come from."
    )

    @property
    def penalised(self) -> bool:
        """Whether D's slope costs it anything."""
        return bool(self.r1 or self.r2 or self.gradient_penalty)


SIZES = "Every layer needs between 1 and 4096 units."
NO_ZERO = "These verdicts have no target to smooth: only the logistic loss and least squares do."
BATCHED = (
    "Batch normalisation mixes the examples of a batch, and the penalty is on the slope at each alone: "
    "keep it out of D, or set the penalty to 0."
)


def problems(config: Config, spec: DataSpec) -> dict[str, str]:
    """A sentence for each setting that contradicts another or the data."""
    found = {}
    for name in ("generator_sizes", "discriminator_sizes"):
        if any(not 1 <= size <= 4096 for size in getattr(config, name)):
            found[name] = SIZES
    if config.conditional and not spec.classes:
        found["conditional"] = "These data have no classes to give."
    if config.batch_norm == "both" and config.penalised:
        found["batch_norm"] = BATCHED
    if config.label_smoothing and config.discriminator_loss not in SMOOTHABLE:
        found["label_smoothing"] = NO_ZERO
    return found

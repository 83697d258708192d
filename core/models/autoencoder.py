r"""The dense autoencoder: a network squeezes an example into a code, another restores it.

$$z = f(x), \qquad \hat x = g(z), \qquad
  \mathcal L = \lVert x - \hat x \rVert^2 \;\text{ or }\; -\sum_i x_i \ln \hat x_i + (1 - x_i) \ln (1 - \hat x_i)$$

Rumelhart, Hinton & Williams 1986, "Learning internal representations by error propagation"; deep ones and tied
weights: Hinton & Salakhutdinov 2006, "Reducing the dimensionality of data with neural networks", Science 313; one
layer after the other: Bengio et al. 2007, "Greedy layer-wise training of deep networks". To the error may be added

$$\lambda_1 \textstyle\sum_j |z_j| \;+\; \lambda_{KL} \sum_j KL(\rho \,\|\, \hat\rho_j)
  \;+\; \lambda_c \lVert \partial z / \partial x \rVert_F^2$$

the first two for sparse codes (Ng 2011, "Sparse autoencoder"; ρ̂ is a unit's mean activity over the batch), the third
for codes that stand still when x moves (Rifai et al. 2011, "Contractive auto-encoders"). A denoising autoencoder sees a
damaged x and is asked for the clean one (Vincent et al. 2010, "Stacked denoising autoencoders").
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from core.datasets.base import only_when
from core.models.autoencoder_presets import PRESETS
from core.models.base import Batch, Code, DataSpec, EncoderDecoder, ModelConfig, Stage, live
from core.models.blocks import (
    ERROR_UNITS,
    REDUCTION_UNITS,
    Transposed,
    coded,
    dense,
    initialise,
    kl_to_activity,
    mean_cross_entropy,
    mirrored,
    output_of,
    reconstruction_terms,
    squared_error,
)
from core.models.corruption import KINDS, Corruption, corrupt, problem

Activation = Literal["relu", "leaky_relu", "elu", "selu", "gelu", "tanh", "sigmoid", "linear"]


class Config(ModelConfig):
    """Sizes from the input inwards; the decoder mirrors the encoder. The settings combine freely."""

    encoder_sizes: list[int] = Field(
        [100, 30],
        min_length=1,
        max_length=8,
        description="Units of each encoder layer, from the input inwards; the last one is the code.",
    )
    latent_dim: int | None = Field(
        None, ge=1, le=4096, description="If set, one more layer of this size becomes the code."
    )
    activation: Activation = Field("relu", description="The bend after each hidden layer.")
    code_activation: Activation = Field("linear", description="The bend after the code layer.")
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
    output: Literal["auto", "sigmoid", "linear"] = Field(
        "auto", description="The last layer's range; auto: sigmoid for images, linear for points."
    )
    tied: bool = Field(
        False,
        description="The decoder uses the encoder's weights, transposed; its biases are its own.",
    )
    corruption: Corruption = Field(
        "none", description="Damage to the input while training; the loss asks for the clean one."
    )
    noise_level: float = live(
        0.3,
        ge=0,
        le=1,
        json_schema_extra=only_when(corruption=KINDS[1:]),
        description="Gaussian: the noise's standard deviation; else the share of numbers hit.",
    )
    l1: float = live(
        0.0, ge=0, le=10, description="Weight of Σ|z|, which empties the code; 0 = off."
    )
    kl_sparsity: float = live(
        0.0,
        ge=0,
        le=100,
        description="Weight of the KL from a target activity to each code unit's mean; 0 = off.",
    )
    target_activity: float = live(
        0.1, gt=0, lt=1, description="The share of the time that KL sparsity wants a unit active."
    )
    contractive: float = live(
        0.0, ge=0, le=100, description="Weight of the squared slope of the code in x; 0 = off."
    )
    greedy_steps: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Steps for each pair of layers alone, before all train together; 0 = all at once.",
    )
    initialisation: Literal["glorot", "torch", "normal"] = Field(
        "glorot",
        description="Glorot-uniform weights and zero biases, torch's own, or all from N(0, 0.1²).",
    )


class Autoencoder(EncoderDecoder):
    """``encoder`` (B, *shape) -> (B, code), ``decoder`` (B, code) -> (B, size) before the output's range.

    The buffer ``depth`` () int64, only there if layers are trained one by one, counts the layers in use on each side.
    """

    Config = Config
    title = "Autoencoder"
    presets = PRESETS

    def __init__(self, config: Config, spec: DataSpec):
        super().__init__(config, spec)
        sizes = [spec.size, *config.encoder_sizes]
        if config.latent_dim is not None:
            sizes.append(config.latent_dim)
        self.latents = {"z": (sizes[-1],)}
        self.output = self.output_range(config, spec)
        self.encoder = nn.Sequential(
            nn.Flatten(), *dense(sizes, config.activation, last=config.code_activation)
        )
        linear = [layer for layer in self.encoder if isinstance(layer, nn.Linear)]
        self.decoder = nn.Sequential(
            *mirrored(linear, config.activation)
            if config.tied
            else dense(sizes[::-1], config.activation)
        )
        # Where the weighted layers stand among the activations.
        self.layers, self.mirror = _weighted(self.encoder), _weighted(self.decoder)
        if config.greedy_steps:
            self.stages = self._stages()
            self.register_buffer("depth", torch.tensor(len(self.layers)))
        initialise(self, config.initialisation)

    @staticmethod
    def output_range(config: Config, spec: DataSpec) -> str:
        """``sigmoid`` or ``linear``: what ``auto`` means for these data."""
        if config.output == "auto":
            return "sigmoid" if spec.kind == "images" else "linear"
        return config.output

    @classmethod
    def check(cls, config: Config, spec: DataSpec) -> dict[str, str]:
        problems = super().check(config, spec)
        if config.loss == "bce" and cls.output_range(config, spec) != "sigmoid":
            problems["loss"] = (
                "Cross-entropy needs outputs in [0, 1]: choose mse or output sigmoid."
            )
        if any(not 1 <= size <= 4096 for size in config.encoder_sizes):
            problems["encoder_sizes"] = "Every layer needs between 1 and 4096 units."
        if config.kl_sparsity > 0 and config.code_activation != "sigmoid":
            problems["kl_sparsity"] = (
                "An activity is a number between 0 and 1: KL sparsity needs a sigmoid code."
            )
        points = spec.kind == "points"
        if wrong := problem(config.corruption, 0.0, points):
            problems["corruption"] = wrong
        elif wrong := problem(config.corruption, config.noise_level, points):
            problems["noise_level"] = wrong
        return problems

    # -- stages -------------------------------------------------------------------------------------------------------

    def _stages(self) -> list[Stage]:
        """The k-th trains the k-th encoder layer and the decoder layer that mirrors it, the last one everything."""
        count = len(self.layers)
        pairs = zip(self.layers, reversed(self.mirror), strict=True)
        return [
            *(
                Stage(f"layer {k} of {count}", (f"encoder.{i}.", f"decoder.{j}."))
                for k, (i, j) in enumerate(pairs, 1)
            ),
            Stage("fine-tuning"),
        ]

    def stage(self, step: int) -> Stage:
        if not self.config.greedy_steps:
            return super().stage(step)
        return self.stages[min(step // self.config.greedy_steps, len(self.layers))]

    def enter(self, stage: Stage) -> None:
        if self.config.greedy_steps:
            self.depth.fill_(min(self.stages.index(stage) + 1, len(self.layers)))

    def in_use(self) -> tuple[nn.Sequential, nn.Sequential]:
        """Encoder and decoder, of both only the outer layers that have had their turn."""
        depth = int(self.depth) if self.config.greedy_steps else len(self.layers)
        if depth == len(self.layers):
            return self.encoder, self.decoder
        return self.encoder[: self.layers[depth]], self.decoder[self.mirror[-depth] :]

    # -- what it can --------------------------------------------------------------------------------------------------

    def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
        """(B, *shape) -> the code (B, latent_dim), through every layer, also one that has not yet learnt."""
        del y
        return Code(self.encoder(x))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """(B, latent_dim) -> (B, *shape)."""
        del y
        return output_of(self.output, self.decoder(z)).unflatten(1, self.spec.shape)

    def reconstruct(
        self, x: Tensor, generator: torch.Generator | None = None, y: Tensor | None = None
    ) -> Tensor:
        """(B, *shape) -> (B, *shape), in data units, by the layers in use."""
        del generator, y
        encoder, decoder = self.in_use()
        return output_of(self.output, decoder(encoder(x))).unflatten(1, self.spec.shape)

    def filters(self) -> dict[str, Tensor]:
        """What each unit of the outermost hidden layer looks for and what it paints: two of (units, *shape)."""
        weights = {"input": self.encoder[1].weight, "output": self.decoder[-1].weight.t()}
        return {name: w.detach().unflatten(1, self.spec.shape) for name, w in weights.items()}

    # -- what it minimises --------------------------------------------------------------------------------------------

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """The error of the reconstruction and, under their own names and unweighted, the penalties that are on."""
        c, x = self.config, batch.x.flatten(1)
        shown = corrupt(x, c.corruption, c.noise_level) if self.training else x
        encoder, decoder = self.in_use()
        whole = encoder is self.encoder
        slopes = None
        if whole and c.contractive > 0:
            z, slopes = coded(encoder, shown)
        else:
            z = encoder(shown)
        logits = decoder(z)
        terms = reconstruction_terms(self.error(logits, x), self.spec.size, c.reduction)
        if whole:
            # Penalties concern the code; before its layer has had its turn there is none.
            self._penalise(terms, z, slopes)
        if not self.training:
            terms |= self._inspected(logits, x)
        return terms

    def error(self, logits: Tensor, x: Tensor) -> Tensor:
        """The reconstruction error of (B, size) as a mean over every number of the batch."""
        if self.config.loss == "bce":
            return mean_cross_entropy(logits, x)
        return squared_error(self.output, logits, x)

    def _penalise(self, terms: dict[str, Tensor], z: Tensor, slopes: Tensor | None) -> None:
        """Add to ``terms`` the penalties on the codes ``z`` (B, d), and to its loss their weighted sum."""
        c = self.config
        if c.l1 > 0:
            terms["l1"] = z.abs().sum(1).mean()
            terms["loss"] = terms["loss"] + c.l1 * terms["l1"]
        if c.kl_sparsity > 0:
            terms["kl_sparsity"] = kl_to_activity(z, c.target_activity)
            terms["loss"] = terms["loss"] + c.kl_sparsity * terms["kl_sparsity"]
        if slopes is not None:
            terms["contractive"] = slopes.mean()
            terms["loss"] = terms["loss"] + c.contractive * terms["contractive"]

    def _inspected(self, logits: Tensor, x: Tensor) -> dict[str, Tensor]:
        """What is worth knowing but not worth its time in every step.

        ``rounded_accuracy``: the share of pixels that, rounded, equal the rounded input. ``restored_mean``: the error
        of what the model makes of a damaged input, against the clean one.
        """
        c, terms = self.config, {}
        if c.loss == "bce":
            terms["rounded_accuracy"] = ((logits > 0) == (x > 0.5)).float().mean()
        if c.corruption != "none":
            encoder, decoder = self.in_use()
            restored = decoder(encoder(corrupt(x, c.corruption, c.noise_level)))
            terms["restored_mean"] = self.error(restored, x)
        return terms


def _weighted(network: nn.Sequential) -> list[int]:
    """The places of the layers that have weights."""
    return [i for i, layer in enumerate(network) if isinstance(layer, nn.Linear | Transposed)]

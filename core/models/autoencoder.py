r"""The stacked autoencoder: a network squeezes an example into a code, another restores it.

$$z = f(x), \qquad \hat x = g(z), \qquad
  \mathcal L = \lVert x - \hat x \rVert^2 \;\text{ or }\; -\sum_i x_i \ln \hat x_i + (1 - x_i) \ln (1 - \hat x_i)$$

Rumelhart, Hinton & Williams 1986, "Learning internal representations by error propagation"; deep ones:
Hinton & Salakhutdinov 2006, "Reducing the dimensionality of data with neural networks", Science 313.
"""

from typing import Literal

from pydantic import Field
from torch import Tensor, nn

from core.models.base import Batch, Code, DataSpec, EncoderDecoder, ModelConfig, Preset
from core.models.blocks import (
    cross_entropy,
    dense,
    initialise,
    output_of,
    reconstruction_terms,
    squared_error,
)

Activation = Literal["relu", "leaky_relu", "elu", "selu", "gelu", "tanh", "sigmoid", "linear"]


class Config(ModelConfig):
    """Sizes from the input inwards; the decoder mirrors the encoder."""

    encoder_sizes: list[int] = Field(
        [100, 30],
        min_length=1,
        max_length=8,
        description="Units of each encoder layer, from the input inwards; the last one is the code.",
    )
    latent_dim: int | None = Field(
        None, ge=1, le=1024, description="If set, one more layer of this size becomes the code."
    )
    activation: Activation = Field("relu", description="The bend after each hidden layer.")
    code_activation: Activation = Field("linear", description="The bend after the code layer.")
    loss: Literal["mse", "bce"] = Field(
        "mse", description="Squared error, or binary cross-entropy (for numbers in [0, 1])."
    )
    reduction: Literal["mean", "sum"] = Field(
        "mean", description="Mean over pixels, as Keras does, or sum over each example."
    )
    output: Literal["auto", "sigmoid", "linear"] = Field(
        "auto", description="The last layer's range; auto: sigmoid for images, linear for points."
    )
    initialisation: Literal["glorot", "torch"] = Field(
        "glorot", description="Glorot-uniform weights and zero biases, or torch's own default."
    )


class Autoencoder(EncoderDecoder):
    """``encoder`` (B, *shape) -> (B, code), ``decoder`` (B, code) -> (B, size) before the output's range."""

    Config = Config
    title = "Autoencoder"
    presets = {
        "stacked": Preset(
            "Stacked 100-30",
            "Thirty numbers hold a digit well: look at the strokes that get lost.",
        ),
        "two numbers": Preset(
            "Code of two numbers",
            "The code can be drawn as a map: watch the classes drift apart.",
            config={"encoder_sizes": [128, 32], "latent_dim": 2, "activation": "elu"},
        ),
        "deep": Preset(
            "Deep (Hinton & Salakhutdinov 2006)",
            "784-1000-500-250-30: slower steps, sharper digits.",
            dataset="mnist",
            config={"encoder_sizes": [1000, 500, 250, 30]},
        ),
    }

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
        self.decoder = nn.Sequential(*dense(sizes[::-1], config.activation))
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
        return problems

    def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
        """(B, *shape) -> the code (B, latent_dim)."""
        del y
        return Code(self.encoder(x))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """(B, latent_dim) -> (B, *shape)."""
        del y
        return output_of(self.output, self.decoder(z)).unflatten(1, self.spec.shape)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        x = batch.x.flatten(1)
        logits = self.decoder(self.encoder(batch.x))
        if self.config.loss == "bce":
            error = cross_entropy(logits, x).mean() / self.spec.size
        else:
            error = squared_error(self.output, logits, x)
        return reconstruction_terms(error, self.spec.size, self.config.reduction)

r"""The vector-quantised autoencoder: a code of a few words, each one of K vectors that are learnt with it.

The encoder gives vectors $e(x)_i$; each is replaced by the nearest of the codebook's, $q_i = c_{k_i}$ with
$k_i = \arg\min_k \lVert e(x)_i - c_k \rVert$, and the decoder sees those only. Per example, summed over pixels and
codes,

$$\mathcal L(x) = E\bigl(x, g(q)\bigr) + \lVert \mathrm{sg}[e(x)] - q \rVert^2
  + \beta\, \lVert e(x) - \mathrm{sg}[q] \rVert^2$$

with sg, the stopped gradient: the second term draws the codebook to the codes, the third (the commitment) the codes to
the codebook. Choosing the nearest has no slope, so the decoder's gradient at q is handed to e(x) as it is (straight
through). The error E is the squared error or the Bernoulli cross-entropy. Van den Oord, Vinyals & Kavukcuoglu 2017,
"Neural discrete representation learning", eq. 1 to 3.

Instead of the second term the codebook may follow the mean of the codes that chose each vector (ibid., appendix A.1),
here with the vector's own count as the weight:

$$n_k \leftarrow \gamma n_k + (1 - \gamma)\, |\{i : k_i = k\}|, \qquad
  m_k \leftarrow \gamma m_k + (1 - \gamma) \sum_{i : k_i = k} e(x)_i, \qquad c_k = m_k / n_k$$
"""

import math
from typing import Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from core.models.base import Batch, Code, DataSpec, EncoderDecoder, ModelConfig, Preset, live
from core.models.blocks import (
    ACTIVATIONS,
    ERROR_UNITS,
    REDUCTION_UNITS,
    dense,
    initialise,
    output_of,
    reconstruction_terms,
    squared_error,
)
from core.models.convolutions import halvings, levels, transposed, unfit

SELDOM = 0.01  # of an even share: a vector chosen less often than this is dead
MEMORY = 0.99  # γ


class Config(ModelConfig):
    """A codebook between an encoder and the decoder that mirrors it, both dense or convolutional."""

    codes: int = Field(64, ge=2, le=4096, description="Vectors in the codebook.")
    code_size: int = Field(8, ge=1, le=256, description="Numbers in each of these vectors.")
    words: int = Field(
        4,
        ge=1,
        le=64,
        description="Vectors that make up one code; with convolutions, one for each place of the last maps.",
    )
    encoder_sizes: list[int] = Field(
        [400],
        min_length=0,
        max_length=8,
        description="Units of each hidden layer of a dense encoder, from the input inwards.",
    )
    channels: list[int] = Field(
        [],
        max_length=5,
        description="Filters of each convolution, each halving the image; empty = a dense encoder.",
    )
    activation: Literal["relu", "leaky_relu", "elu", "selu", "gelu", "tanh", "sigmoid"] = Field(
        "relu", description="The bend after each hidden layer."
    )
    codebook: Literal["average", "gradient"] = Field(
        "average", description="The codebook follows the codes' running means, or the loss."
    )
    revive: bool = Field(
        True, description="Put vectors that nobody chooses any more where codes are."
    )
    commitment: float = live(
        0.25, ge=0, le=100, description="β: how strongly the codes are drawn to their vectors."
    )
    loss: Literal["mse", "bce"] = Field(
        "mse",
        json_schema_extra=ERROR_UNITS,
        description="Squared error, or binary cross-entropy (for numbers in [0, 1]).",
    )
    reduction: Literal["sum", "mean"] = Field(
        "sum",
        json_schema_extra=REDUCTION_UNITS,
        description="Summed over each example, or the whole objective per pixel.",
    )


class Codebook(nn.Module):
    """K vectors; each code is replaced by the nearest.

    ``vectors`` (K, D), a parameter or, where they follow the codes' means, a buffer. Buffers ``counts`` (K,), how often
    each was chosen of late, and ``sums`` (K, D), of the codes that chose it: n and m above.
    """

    def __init__(self, count: int, size: int, average: bool, revive: bool):
        super().__init__()
        start = torch.randn(count, size)
        if average:
            self.register_buffer("vectors", start)
        else:
            self.vectors = nn.Parameter(start)
        self.average, self.revive = average, revive
        self.register_buffer("counts", torch.ones(count))
        self.register_buffer("sums", start.clone())

    def nearest(self, codes: Tensor) -> Tensor:
        """(N, D) -> which vector is nearest to each, (N,) int64."""
        with torch.no_grad():
            squares = self.vectors.square().sum(1) - 2 * codes.float() @ self.vectors.t()
        return squares.argmin(1)

    def forward(self, codes: Tensor) -> tuple[Tensor, Tensor]:
        """(N, D) -> the nearest vectors (N, D), and which they are (N,). In training the codebook learns from it."""
        if self.training and self.revive:
            self.move_the_dead(codes.detach())
        indices = self.nearest(codes)
        quantised = F.embedding(indices, self.vectors)
        if self.training:
            self.follow(codes.detach().float(), indices)
        return quantised, indices

    @torch.no_grad()
    def follow(self, codes: Tensor, indices: Tensor) -> None:
        """Count what was chosen and, if the codebook goes by means, move each chosen vector to its mean."""
        chosen = F.one_hot(indices, len(self.counts)).to(codes.dtype)
        self.counts.lerp_(chosen.sum(0), 1 - MEMORY)
        self.sums.lerp_(chosen.t() @ codes, 1 - MEMORY)
        if self.average:
            # A vector that was hardly ever chosen has no mean to speak of: it stays.
            known = self.counts > SELDOM
            means = self.sums / self.counts.clamp_min(SELDOM).unsqueeze(1)
            # A new tensor: the old one is what the decoder has seen in this step.
            self.vectors = torch.where(known.unsqueeze(1), means, self.vectors)

    @torch.no_grad()
    def move_the_dead(self, codes: Tensor) -> None:
        """Put every vector that is chosen too seldom upon a code (N, D) drawn from the batch, with an even share."""
        share = self.counts.sum() / len(self.counts)
        dead = (self.counts < SELDOM * share).unsqueeze(1)
        drawn = codes[torch.randint(len(codes), (len(self.counts),), device=codes.device)].float()
        self.vectors.copy_(torch.where(dead, drawn, self.vectors))
        self.sums.copy_(torch.where(dead, share * drawn, self.sums))
        self.counts.copy_(torch.where(dead.squeeze(1), share, self.counts))


class VQVAE(EncoderDecoder):
    """``encoder`` (B, *shape) -> (B, …), ``codebook`` its vectors, ``decoder`` (B, …) -> logits (B, …).

    A code is ``words`` vectors of ``code_size`` numbers, flattened: (B, words·code_size), all numbers of the first
    vector first. With convolutions a word is a place of the last maps, row by row.
    """

    Config = Config
    title = "Vector-quantised autoencoder (VQ-VAE)"
    presets = {
        "four words": Preset(
            "Four words of 64",
            "24 bits in all. Watch the perplexity: how many of the 64 vectors are really in use.",
        ),
        "one word": Preset(
            "One word of 64",
            "A single vector for each image: the decoder learns 64 pictures, as k-means would.",
            config={"words": 1, "code_size": 16},
        ),
        "convolutional": Preset(
            "A small map of words",
            "Every patch of the image has a word of its own, as in the paper; strokes stay sharp.",
            config={"channels": [16, 32], "code_size": 8},
        ),
        "gradient": Preset(
            "The codebook by gradient",
            "No running means, no revival: many vectors are never chosen, and the perplexity stays low.",
            config={"codebook": "gradient", "revive": False},
        ),
    }

    def __init__(self, config: Config, spec: DataSpec):
        super().__init__(config, spec)
        self.output = "sigmoid" if spec.kind == "images" else "linear"
        size = config.code_size
        if config.channels:
            sides = levels(spec.shape[1:], len(config.channels))
            channels = [spec.shape[0], *config.channels]
            words = math.prod(sides[-1])
            down = halvings(channels, sides, config.activation)
            # One place of the maps is a word: its numbers must come to lie side by side.
            down += [nn.Conv2d(channels[-1], size, 1), nn.Flatten(2), Turned()]
            up = [Turned(), nn.Unflatten(2, sides[-1]), nn.Conv2d(size, channels[-1], 1)]
            up += [
                ACTIVATIONS[config.activation](),
                *transposed(channels, sides, config.activation),
            ]
        else:
            words = config.words
            sizes = [spec.size, *config.encoder_sizes, words * size]
            down = [nn.Flatten(), *dense(sizes, config.activation), nn.Unflatten(1, (words, size))]
            up = [nn.Flatten(), *dense(sizes[::-1], config.activation)]
        self.words = words
        self.latents = {"z": (words * size,)}
        self.encoder, self.decoder = nn.Sequential(*down), nn.Sequential(*up)
        self.codebook = Codebook(config.codes, size, config.codebook == "average", config.revive)
        initialise(self, "glorot")

    @classmethod
    def check(cls, config: Config, spec: DataSpec) -> dict[str, str]:
        problems = super().check(config, spec)
        if config.loss == "bce" and spec.kind != "images":
            problems["loss"] = "Cross-entropy needs numbers in [0, 1]: choose mse."
        if any(not 1 <= size <= 4096 for size in config.encoder_sizes):
            problems["encoder_sizes"] = "Every layer needs between 1 and 4096 units."
        if wrong := unfit(config.channels, spec.shape):
            problems["channels"] = wrong
        return problems

    def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
        """(B, *shape) -> the vectors chosen, flattened (B, words·code_size), and ``indices`` (B, words)."""
        del y
        codes = self.encoder(x)
        indices = self.codebook.nearest(codes.flatten(0, 1)).unflatten(0, codes.shape[:2])
        return Code(F.embedding(indices, self.codebook.vectors).flatten(1), indices=indices)

    def logits(self, z: Tensor) -> Tensor:
        """Words (B, words, code_size) -> what the decoder says before its range, (B, size)."""
        return self.decoder(z).flatten(1)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """(B, words·code_size) -> (B, *shape): of any numbers, also such as lie between the codebook's vectors."""
        del y
        logits = self.logits(z.unflatten(1, (self.words, -1)))
        return output_of(self.output, logits).unflatten(1, self.spec.shape)

    def sample(self, n: int, generator: torch.Generator, y: Tensor | None = None) -> Tensor:
        """``n`` times words drawn evenly and apart, the prior of training (ibid., section 3.1), decoded: (n, *shape).

        A poor one, for words go together: the paper fits a second model to them.
        """
        indices = torch.randint(self.config.codes, (n, self.words), generator=generator)
        vectors = self.codebook.vectors
        return self.decode(F.embedding(indices.to(vectors.device), vectors).flatten(1), y)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """The error, ``codebook`` and ``commitment`` unweighted, ``perplexity``: how many vectors are in even use."""
        c, x = self.config, batch.x.flatten(1)
        codes = self.encoder(batch.x)
        quantised, indices = self.codebook(codes.flatten(0, 1))
        quantised = quantised.view_as(codes)
        logits = self.logits(straight_through(codes, quantised))
        if c.loss == "bce":
            error = F.binary_cross_entropy_with_logits(logits, x)
        else:
            error = squared_error(self.output, logits, x)
        terms = reconstruction_terms(error, self.spec.size, c.reduction)
        terms["commitment"] = (codes - quantised.detach()).square().flatten(1).sum(1).mean()
        objective = terms["reconstruction_sum"] + c.commitment * terms["commitment"]
        if c.codebook == "gradient":
            terms["codebook"] = (codes.detach() - quantised).square().flatten(1).sum(1).mean()
            objective = objective + terms["codebook"]
        terms["loss"] = objective / self.spec.size if c.reduction == "mean" else objective
        terms["perplexity"] = perplexity(indices, c.codes)
        return terms


class Turned(nn.Module):
    """Rows become columns: (B, n, m) -> (B, m, n)."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, n, m) -> (B, m, n)."""
        return x.transpose(1, 2)


def straight_through(codes: Tensor, quantised: Tensor) -> Tensor:
    """``quantised`` in value; its gradient goes to ``codes`` as it is. All of one shape."""
    return codes + (quantised - codes).detach()


def perplexity(indices: Tensor, count: int) -> Tensor:
    """e to the entropy of how often each of ``count`` vectors was chosen: from 1 (always the same) to ``count``."""
    share = torch.bincount(indices, minlength=count) / len(indices)
    return torch.special.entr(share).sum().exp()

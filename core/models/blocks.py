"""The few layers and losses that several families share."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.fields import counting
from core.models.linear import Linear, linear

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "linear": nn.Identity,
}


def dense(sizes: Sequence[int], activation: str, last: str = "linear") -> list[nn.Module]:
    """Linear layers from ``sizes[0]`` to ``sizes[-1]``, ``activation`` between them and ``last`` at the end."""
    layers: list[nn.Module] = []
    for i in range(len(sizes) - 1):
        layers.append(Linear(sizes[i], sizes[i + 1]))
        kind = last if i == len(sizes) - 2 else activation
        if kind != "linear":
            layers.append(ACTIVATIONS[kind]())
    return layers


class Transposed(nn.Module):
    """The mirror of a Linear layer (d -> k): its transposed weight, (B, k) -> (B, d), and a bias (d,) of its own.

    The weight stays the Linear's: it is trained, saved and counted there.
    """

    def __init__(self, source: nn.Linear):
        super().__init__()
        # Within a tuple the layer is no submodule of this one.
        self.source = (source,)
        self.bias = nn.Parameter(torch.zeros(source.in_features))

    @property
    def weight(self) -> Tensor:
        """(d, k), as a Linear of the same sizes would have it."""
        return self.source[0].weight.t()

    def forward(self, z: Tensor) -> Tensor:
        """(B, k) -> (B, d)."""
        return linear(z, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Its sizes, as a Linear prints them."""
        d, k = self.weight.shape
        return f"in_features={k}, out_features={d}"


def mirrored(layers: Sequence[nn.Linear], activation: str) -> list[nn.Module]:
    """The transposed ``layers`` from the last to the first, ``activation`` between them."""
    mirror: list[nn.Module] = [Transposed(layers[-1])]
    for layer in reversed(layers[:-1]):
        if activation != "linear":
            mirror.append(ACTIVATIONS[activation]())
        mirror.append(Transposed(layer))
    return mirror


@torch.no_grad()
def initialise(module: nn.Module, scheme: str) -> None:
    """Draw the weights: ``glorot`` (uniform, zero biases; Glorot & Bengio 2010, eq. 16) or ``torch`` (as built).

    ``normal`` draws weights and biases from N(0, 0.1²).
    """
    if scheme == "torch":
        return
    if scheme == "normal":
        for parameter in module.parameters():
            nn.init.normal_(parameter, std=0.1)
        return
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def output_of(kind: str, logits: Tensor) -> Tensor:
    """What the last layer's numbers stand for: ``sigmoid`` squeezes them into [0, 1], ``linear`` leaves them."""
    return torch.sigmoid(logits) if kind == "sigmoid" else logits


def squared_error(output: str, logits: Tensor, x: Tensor) -> Tensor:
    """The squared error (x̂ᵢ - xᵢ)², its mean over every number of the batch: a scalar."""
    return F.mse_loss(output_of(output, logits), x)


def cross_entropy(logits: Tensor, x: Tensor) -> Tensor:
    """The Bernoulli cross-entropy summed over each example: -Σᵢ xᵢ ln pᵢ + (1 - xᵢ) ln(1 - pᵢ), p = σ(logits), (B,)."""
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)


def mean_cross_entropy(logits: Tensor, x: Tensor) -> Tensor:
    """The same, its mean over every number of the batch: a scalar.

    Written as ln(1 + eˡ) - x l, the second sum as a dot product: faster than torch's own kernel.
    """
    logits = logits.float()
    total = F.softplus(logits).sum() - torch.dot(logits.flatten(), x.flatten())
    return total / logits.numel()


def kl_to_activity(z: Tensor, target: float) -> Tensor:
    """Σⱼ KL(ρ ‖ ρ̂ⱼ) in nats between Bernoulli activities: ρ = ``target``, ρ̂ⱼ the mean of column j of ``z`` (B, d).

    A. Ng 2011, "Sparse autoencoder", CS294A lecture notes.
    """
    # A unit that is always 0 or 1 would cost infinitely much.
    mean = z.float().mean(0).clamp(1e-7, 1 - 1e-7)
    nats = target * (target / mean).log() + (1 - target) * ((1 - target) / (1 - mean)).log()
    return nats.sum()


def slope(bend: nn.Module, a: Tensor) -> Tensor:
    """φ'(a) of an activation at the pre-activations ``a``, of the same shape; itself differentiable while training."""
    graph = torch.is_grad_enabled() and a.requires_grad
    with torch.enable_grad():
        a = a if graph else a.detach().requires_grad_()
        return torch.autograd.grad(bend(a).sum(), a, create_graph=graph)[0]


def squared_jacobian(weights: Sequence[Tensor], slopes: Sequence[Tensor | None]) -> Tensor:
    """‖∂z/∂x‖² (Frobenius) of z = φₙ(Wₙ … φ₁(W₁x)), (B,), from Wₗ (dₗ, dₗ₋₁) and the slopes φ'ₗ (B, dₗ).

    ``None`` is the slope of a linear layer; where none bends, the answer is one for all, (1,). The product is taken
    from the code's side and W₁ enters through W₁W₁ᵀ, so that nothing as large as (B, d, pixels) is ever built. Exact,
    for any depth (Rifai et al. 2011, eq. 2 and 6).
    """
    if len(weights) == 1:
        rows = weights[0].square().sum(1)
        return rows.sum()[None] if slopes[0] is None else slopes[0].square() @ rows
    m = weights[-1] if slopes[-1] is None else slopes[-1].unsqueeze(2) * weights[-1]
    for weight, bend in zip(weights[-2:0:-1], slopes[-2:0:-1], strict=True):
        m = (m if bend is None else m * bend.unsqueeze(-2)) @ weight
    if slopes[0] is not None:
        m = m * slopes[0].unsqueeze(-2)
    gram = weights[0] @ weights[0].t()
    return ((m @ gram) * m).sum((-2, -1)).reshape(-1)


def coded(encoder: nn.Sequential, x: Tensor) -> tuple[Tensor, Tensor]:
    """The code z (B, d) of a dense encoder and the ``squared_jacobian`` of each example."""
    weights: list[Tensor] = []
    slopes: list[Tensor | None] = []
    for layer in encoder:
        if isinstance(layer, nn.Linear):
            weights.append(layer.weight)
            slopes.append(None)
        elif weights:
            slopes[-1] = slope(layer, x)
        x = layer(x)
    return x, squared_jacobian(weights, slopes)


# In what a reconstruction's error is counted, by the settings ``loss`` and ``reduction``.
ERROR_UNITS = counting(
    {
        term: {"mse": f"squared error{each}", "bce": f"nats{each}"}
        for term, each in (
            ("loss", ""),
            ("reconstruction_mean", " per number"),
            ("reconstruction_sum", " per example"),
        )
    }
)
REDUCTION_UNITS = counting({"loss": {"mean": "per number", "sum": "per example"}})


def counted_in(unit: str, **others: str) -> dict[str, Any]:
    """Schema extra for the ``reduction`` of a model whose error is always counted in ``unit``; ``others`` by term."""
    each = {"mean": f"{unit} per number", "sum": f"{unit} per example"}
    always = {f"reconstruction_{how}": said for how, said in each.items()} | others
    return counting(
        {"loss": each} | {term: dict.fromkeys(each, said) for term, said in always.items()}
    )


def reconstruction_terms(mean: Tensor, size: int, reduction: str) -> dict[str, Tensor]:
    """One reconstruction error under its fixed names, and as the ``loss`` that ``reduction`` asks for.

    ``reconstruction_mean`` is per number, ``reconstruction_sum`` summed over the ``size`` numbers of an example; both
    are averaged over the batch, and logged whichever of them is minimised.
    """
    total = mean * size
    return {
        "loss": total if reduction == "sum" else mean,
        "reconstruction_sum": total,
        "reconstruction_mean": mean,
    }

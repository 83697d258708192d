"""The parts of adversarial networks that remember something or look at a whole batch.

What they remember lies in buffers: a run that goes on from its last state goes on to the bit.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from core.models.linear import Linear, linear

__all__ = [
    "Averaged",
    "MinibatchDeviation",
    "MinibatchDiscrimination",
    "Replay",
    "SpectralLinear",
]

GROUP = 64  # examples of a batch that are compared with each other: more would need memory by its square
KEPT_SHARE = 16  # one in so many examples of a batch is put by


class SpectralLinear(Linear):
    """A linear layer whose weight is divided by its largest singular value σ: its slope is at most 1.

    σ ≈ uᵀWv; u (out,) and v (in,) are sharpened by one power iteration at every use in training, and left alone in
    evaluation. Miyato, Kataoka, Koyama & Yoshida 2018, "Spectral normalization for generative adversarial networks",
    eq. 8 and algorithm 1.
    """

    def __init__(self, inputs: int, outputs: int):
        super().__init__(inputs, outputs)
        self.register_buffer("u", F.normalize(torch.randn(outputs), dim=0))
        self.register_buffer("v", F.normalize(torch.randn(inputs), dim=0))

    @torch.no_grad()
    def sharpen(self, times: int = 1) -> None:
        """So many power iterations: v ← Wᵀu, u ← Wv, each to length 1."""
        for _ in range(times):
            self.v.copy_(F.normalize((self.weight * self.u[:, None]).sum(0), dim=0))
            self.u.copy_(F.normalize((self.weight * self.v).sum(1), dim=0))

    def normalised(self) -> Tensor:
        """W / σ, (out, in)."""
        # Copies: the next use moves the vectors on, and this one's gradient needs them as they were.
        u, v = self.u.clone(), self.v.clone()
        # Sums of products, not matrix products: those would be rounded under bfloat16.
        return self.weight / (u[:, None] * self.weight * v).sum()

    def forward(self, x: Tensor) -> Tensor:
        """(B, in) -> (B, out)."""
        if self.training:
            self.sharpen()
        return linear(x, self.normalised(), self.bias)


class MinibatchDiscrimination(nn.Module):
    """Tells D how close each example lies to the others of its batch: (B, d) -> (B, d + kernels).

    o(xᵢ)_b = mean over j ≠ i of exp(-‖Mᵢ_b - Mⱼ_b‖₁), M = T f(x) with T (d, kernels · width). Salimans et al. 2016,
    section 3.2, where it is a sum: a mean means the same in batches of any size. Others are those of its 64.
    """

    def __init__(self, inputs: int, kernels: int = 8, width: int = 4):
        super().__init__()
        self.kernels, self.extra = kernels, kernels
        self.project = Linear(inputs, kernels * width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, d) -> (B, d + kernels)."""
        return torch.cat([x, torch.cat([self.closeness(part) for part in x.split(GROUP)])], 1)

    def among(self, x: Tensor, others: Tensor) -> Tensor:
        """The same as if each of ``x`` (n, d) stood alone among ``others`` (m, d): (n, d + kernels)."""
        own, their = (
            self.project(part).view(len(part), -1, self.kernels).permute(2, 0, 1)
            for part in (x, others[: GROUP - 1])
        )
        closeness = (-torch.cdist(own, their, p=1)).exp().mean(2)
        return torch.cat([x, closeness.t()], 1)

    def closeness(self, x: Tensor) -> Tensor:
        """Of one group (n, d): (n, kernels), each within [0, 1]."""
        # Pairs lie innermost: three times faster than outermost.
        m = self.project(x).t().reshape(-1, self.kernels, len(x))
        apart = (m.unsqueeze(2) - m.unsqueeze(3)).abs().sum(0)
        return (((-apart).exp().sum(2) - 1) / max(len(x) - 1, 1)).t()


class MinibatchDeviation(nn.Module):
    """Tells D how much its batch varies: (B, d) -> (B, d + 1), the last the same for all.

    The standard deviation of each feature over the batch, averaged over the features. Karras et al. 2018, "Progressive
    growing of GANs", section 3.
    """

    extra = 1

    def forward(self, x: Tensor) -> Tensor:
        """(B, d) -> (B, d + 1)."""
        return self.among(x, x)

    def among(self, x: Tensor, others: Tensor) -> Tensor:
        """The same for ``x`` (n, d) in a batch that varies as ``others`` (m, d) do."""
        deviation = (others.var(0, correction=0) + 1e-8).sqrt().mean()
        return torch.cat([x, deviation.expand(len(x), 1)], 1)


class Replay(nn.Module):
    """A store of generated examples from which D is reminded of what G did before.

    Shrivastava et al. 2017, "Learning from simulated and unsupervised images through adversarial training", section
    2.3; Pfau & Vinyals 2016, "Connecting generative adversarial networks and actor-critic methods". One in sixteen of
    each batch is put by, where the store is full in the place of a random one, so that it reaches back over about
    16 · ``size`` examples.
    """

    def __init__(self, size: int, shape: tuple[int, ...]):
        super().__init__()
        self.size = size
        self.register_buffer("store", torch.zeros(size, *shape))
        self.register_buffer("labels", torch.zeros(size, dtype=torch.int64))
        self.register_buffer("count", torch.tensor(0))

    @torch.no_grad()
    def mixed(self, x: Tensor, y: Tensor | None, share: float) -> tuple[Tensor, Tensor | None]:
        """A batch (B, …) of which about ``share`` came from the store, with its classes (B,) where it has any."""
        n, device = len(x), x.device
        held = self.count.clamp(max=self.size)
        old = (torch.rand(n, device=device) < share) & (held > 0)
        drawn = (torch.rand(n, device=device) * held).long().clamp(max=self.size - 1)
        mixed = torch.where(old.view(n, *[1] * (x.dim() - 1)), self.store[drawn], x)
        return mixed, None if y is None else torch.where(old, self.labels[drawn], y)

    @torch.no_grad()
    def keep(self, x: Tensor, y: Tensor | None) -> None:
        """Put a part of a new batch (B, …) by."""
        n = max(len(x) // KEPT_SHARE, 1)
        place = self.count + torch.arange(n, device=x.device)
        anywhere = torch.randint(self.size, (n,), device=x.device)
        place = torch.where(place < self.size, place, anywhere)
        self.store[place] = x[:n]
        if y is not None:
            self.labels[place] = y[:n]
        self.count += n


class Averaged(nn.Module):
    """The running average of a network's weights: w̄ ← w̄ + (1 - d)(w - w̄) after each of its updates.

    d is ``decay``, and at first (1 + t) / (10 + t) if that is less: the random start is soon forgotten. Yazıcı et al.
    2019, "The unusual effectiveness of averaging in GAN training", eq. 5.
    """

    def __init__(self, network: nn.Module, decay: float):
        super().__init__()
        self.decay = decay
        self.sources = dict(network.named_parameters())
        for name, value in self.sources.items():
            self.register_buffer(_flat(name), value.detach().clone())
        self.register_buffer("count", torch.tensor(0.0))

    @torch.no_grad()
    def update(self) -> None:
        """Take in the network's weights as they are now."""
        self.count += 1
        step = 1 - ((1 + self.count) / (10 + self.count)).clamp(max=self.decay)
        for name, value in self.sources.items():
            self.get_buffer(_flat(name)).lerp_(value, step)

    def weights(self) -> dict[str, Tensor]:
        """The averages under the names that the network's parameters have."""
        return {name: self.get_buffer(_flat(name)) for name in self.sources}

    def through(self, network: nn.Module, x: Tensor) -> Tensor:
        """What ``network`` gives for ``x`` with the averaged weights."""
        return functional_call(network, self.weights(), (x,))


def _flat(name: str) -> str:
    """A parameter's name as a buffer may have it: without dots."""
    return name.replace(".", "_")

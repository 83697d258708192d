"""The linear layer, multiplied by whichever of torch's two libraries is the quicker on this processor.

torch multiplies matrices of float32 by MKL, which keeps its widest instructions for the processors of its own maker.
oneDNN, which torch brings along for its convolutions, uses them on any: twice as fast on an AMD processor with
AVX-512. Weights, names and numbers are those of ``torch.nn.Linear``, but for rounding.
"""

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd import Function

__all__ = ["Linear", "linear", "product"]

WORTHWHILE = 1_500_000  # multiplications in a product; below it, oneDNN's preparations cost more than they save


@lru_cache(maxsize=1)
def _foreign_avx512() -> bool:
    """Whether this processor has instructions that MKL leaves unused. What cannot be found out is no."""
    if (
        torch.backends.cpu.get_cpu_capability() != "AVX512"
        or not torch.backends.mkldnn.is_available()
    ):
        return False
    with suppress(OSError):
        return "GenuineIntel" not in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return False


def _gains(a: Tensor, b: Tensor) -> bool:
    """Whether oneDNN multiplies these matrices the quicker."""
    return (
        a.numel() * len(b) >= WORTHWHILE
        and _foreign_avx512()
        and a.dim() == 2
        and a.dtype == b.dtype == torch.float32
        and a.device.type == "cpu"
    )


def _quicker(x: Tensor, weight: Tensor) -> bool:
    """Whether a training step gains by oneDNN: elsewhere (pages, exports) torch's own layer serves."""
    return _gains(x, weight) and torch.is_grad_enabled() and not torch.is_autocast_enabled("cpu")


def _product(a: Tensor, b: Tensor, bias: Tensor | None = None) -> Tensor:
    """a bᵀ + bias by oneDNN: (M, K), (N, K), (N,) -> (M, N)."""
    return torch.ops.mkldnn._linear_pointwise(a, b, bias, "none", [], "")


def product(a: Tensor, b: Tensor) -> Tensor:
    """a bᵀ, (M, K), (N, K) -> (M, N), by the quicker library; for those who see to the derivatives themselves."""
    return _product(a, b) if _gains(a, b) else a @ b.t()


class Product(Function):
    """a bᵀ + bias with its derivatives; they are products too, so that it can be differentiated again and again."""

    @staticmethod
    def forward(ctx, a: Tensor, b: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(a, b)
        return _product(a, b, bias)

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        a, b = ctx.saved_tensors
        needs_a, needs_b, needs_bias = ctx.needs_input_grad
        return (
            Product.apply(grad, b.t(), None) if needs_a else None,
            Product.apply(grad.t(), a.t(), None) if needs_b else None,
            grad.sum(0) if needs_bias else None,
        )


def linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """x Wᵀ + b: (B, K), (N, K), (N,) -> (B, N); leading dimensions as ``torch.nn.functional.linear`` takes them."""
    if _quicker(x, weight):
        return Product.apply(x, weight, bias)
    return F.linear(x, weight, bias)


class Linear(nn.Linear):
    """``torch.nn.Linear`` in all but speed: (…, K) -> (…, N)."""

    def forward(self, x: Tensor) -> Tensor:
        """(…, in_features) -> (…, out_features)."""
        if x.numel() * self.out_features < WORTHWHILE:
            # Asked here once more: in small networks each call is felt.
            return F.linear(x, self.weight, self.bias)
        return linear(x, self.weight, self.bias)

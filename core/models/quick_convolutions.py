"""Steps of convolutional networks written as products of tall matrices and sums of large slices.

torch's own kernels take longer than their arithmetic where channels are few, where a transposed convolution leaves
gaps, and in pooling. The numbers are torch's, but for rounding, and so are the derivatives. All of it is for float
images in the memory of a CPU; that the channels of a pixel lie side by side ("channels last") makes it quick.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from core.models.linear import product

__all__ = ["FEW", "doubled", "here", "largest", "poolable"]

FEW = 4  # at most so many channels are few
LANES = 16  # numbers in the widest registers: shorter runs of memory are no gain
LARGE = 1_000_000  # numbers; of fewer, torch finds the largest as quickly
Sides = tuple[int, int]


def here(x: Tensor) -> bool:
    """Whether these are plain numbers on a CPU, so that the quick ways apply."""
    return x.device.type == "cpu" and not torch.is_autocast_enabled("cpu")


# -- the largest of four ---------------------------------------------------------------------------------------------


def poolable(x: Tensor) -> bool:
    """Whether ``largest`` takes these maps (B, C, H, W), and is the quicker."""
    channels, *sides = x.shape[1:]
    return (
        x.numel() >= LARGE
        and channels % LANES == 0
        and not any(side % 2 for side in sides)
        and x.is_contiguous(memory_format=torch.channels_last)
    )


class Largest(Function):
    """The largest of each 2×2 pixels; equal ones pass their gradient to the first, as torch's do."""

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        b, c, height, width = x.shape
        left, right = x.permute(0, 2, 3, 1).view(b, height // 2, 2, width // 2, 2, c).unbind(4)
        top, bottom = torch.maximum(left, right).unbind(2)
        # Differences rather than comparisons: torch is slow to make booleans, and to choose by them.
        ctx.save_for_backward(right - left, bottom - top)
        out = _image(x, b, c, height // 2, width // 2)
        torch.maximum(top, bottom, out=out.permute(0, 2, 3, 1))
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor) -> Tensor:
        across, down = ctx.saved_tensors
        rows = torch.empty_like(across)
        _share(grad.permute(0, 2, 3, 1), down, *rows.unbind(2))
        pixels = across.new_empty(*across.shape[:-1], 2, across.shape[-1])
        _share(rows, across, *pixels.unbind(4))
        return pixels.flatten(3, 4).flatten(1, 2).permute(0, 3, 1, 2)


def _share(grad: Tensor, difference: Tensor, first: Tensor, second: Tensor) -> None:
    """Write ``grad`` to the ``second`` where the difference is positive, else to the ``first``; 0 to the other."""
    torch.ops.aten.threshold_backward.grad_input(grad, difference, 0, grad_input=second)
    torch.sub(grad, second, out=first)


def largest(x: Tensor) -> Tensor:
    """The largest of each 2×2 pixels of ``poolable`` maps: (B, C, H, W) -> (B, C, H/2, W/2)."""
    return Largest.apply(x)


# -- transposed convolutions -----------------------------------------------------------------------------------------


def doubled(x: Tensor, weight: Tensor, bias: Tensor, sides: Sides, padding: Sides) -> Tensor:
    """A transposed convolution of stride 2: (B, F, h, w), (F, C, k, k), (C,) -> (B, C, *``sides``)."""
    return Doubled.apply(x, weight, bias, sides, padding)


class Doubled(Function):
    """One product gives what every pixel adds to the k×k pixels that it touches; then slices are summed."""

    @staticmethod
    def forward(
        ctx, x: Tensor, weight: Tensor, bias: Tensor, sides: Sides, padding: Sides
    ) -> Tensor:
        x = x.contiguous(memory_format=torch.channels_last)
        ctx.save_for_backward(x, weight)
        ctx.padding = padding
        (b, _, h, w), (c, k) = x.shape, weight.shape[1:3]
        pairs = tuple((side + 1) // 2 for side in sides)
        image = _image(x, b, c, 2 * pairs[0], 2 * pairs[1])
        pixels = image.permute(0, 2, 3, 1).view(b, pairs[0], 2, pairs[1], 2, c)
        pixels.copy_(bias.expand_as(pixels))
        if c > FEW:
            tiles = product(_rows(x), _taps(weight)).view(b, h, w, k, k, c)
            _add(tiles.permute(0, 1, 3, 2, 4, 5), pixels, padding)
        else:  # as planes: a pixel's few make no run of memory
            tiles = (_taps(weight) @ _rows(x).t()).view(k, k, c, b, h, w)
            planes = x.new_zeros(2, 2, c, b, *pairs).permute(3, 4, 0, 5, 1, 2)
            _add(tiles.permute(3, 4, 0, 5, 1, 2), planes, padding)
            for y in (0, 1):
                for z in (0, 1):
                    pixels[:, :, y, :, z] += planes[:, :, y, :, z]
        if image.shape[2:] == sides:
            return image
        cropped = image[:, :, : sides[0], : sides[1]]
        return cropped.clone(memory_format=torch.channels_last)

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        needs = ctx.needs_input_grad
        ways = _few_gradients if weight.shape[1] <= FEW else _gradients
        into = ways(grad, x, weight, ctx.padding, needs[:2])
        return *into, grad.sum((0, 2, 3)) if needs[2] else None, None, None


def _rows(x: Tensor) -> Tensor:
    """Every pixel a row: (B, F, h, w) -> (B·h·w, F)."""
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


def _taps(weight: Tensor) -> Tensor:
    """(F, C, k, k) -> (k·k·C, F)."""
    return weight.permute(2, 3, 1, 0).reshape(-1, len(weight))


def _image(like: Tensor, *shape: int) -> Tensor:
    """An image to write to, its channels side by side. (What autograd is given must be no view of another shape.)"""
    return torch.empty(shape, dtype=like.dtype, memory_format=torch.channels_last)


def _add(tiles: Tensor, pixels: Tensor, padding: Sides) -> None:
    """Add what each input gives, (B, h, k, w, k, C), to the pairs of pixels, (B, H/2, 2, W/2, 2, C)."""
    k = tiles.shape[2]
    for taps_y, odd_y, from_y, to_y in _shifts(k, padding[0], tiles.shape[1], pixels.shape[1]):
        for taps_x, odd_x, from_x, to_x in _shifts(k, padding[1], tiles.shape[3], pixels.shape[3]):
            pixels[:, to_y, odd_y, to_x, odd_x] += tiles[:, from_y, taps_y, from_x, taps_x]


def _shifts(
    kernel: int, padding: int, size: int, halves: int
) -> Iterator[tuple[slice, slice, slice, slice]]:
    """Along one axis: which taps go together, to the even or odd pixel of a pair, from which inputs to which pairs.

    Tap k of input i goes to pixel 2 i + k - padding, which is one of the pair i + (k - padding) // 2.
    """
    for shift in range(-padding // 2, (kernel - 1 - padding) // 2 + 1):
        even = padding + 2 * shift
        first, last = max(0, even), min(kernel, even + 2)
        start, stop = max(0, -shift), min(size, halves - shift)
        yield (
            slice(first, last),
            slice(first - even, last - even),
            slice(start, stop),
            slice(start + shift, stop + shift),
        )


def _few_gradients(
    grad: Tensor, x: Tensor, weight: Tensor, padding: Sides, needs: tuple[bool, bool]
) -> tuple[Tensor | None, Tensor | None]:
    """The gradients of ``x`` and ``weight``, each a product with the pixels that each input touched."""
    b, f, h, w = x.shape
    c, k = weight.shape[1:3]
    over = [
        2 * (n - 1) + k - p - side
        for n, p, side in zip((h, w), padding, grad.shape[2:], strict=True)
    ]
    padded = F.pad(grad, (padding[1], over[1], padding[0], over[0]))
    touched = (
        padded.unfold(2, k, 2).unfold(3, k, 2).permute(4, 5, 1, 0, 2, 3).reshape(k * k * c, -1)
    )
    into_x = touched.t() @ _taps(weight) if needs[0] else None
    into_weight = product(touched, _rows(x).t()) if needs[1] else None
    return (
        None if into_x is None else into_x.view(b, h, w, f).permute(0, 3, 1, 2),
        None if into_weight is None else into_weight.view(k, k, c, f).permute(3, 2, 0, 1),
    )


def _gradients(
    grad: Tensor, x: Tensor, weight: Tensor, padding: Sides, needs: tuple[bool, bool]
) -> tuple[Tensor | None, Tensor | None]:
    """The same by torch, for many channels. (Asked for the bias's too, it takes a third longer.)"""
    more = [
        side + 2 * p - 2 * (n - 1) - weight.shape[2]
        for n, p, side in zip(x.shape[2:], padding, grad.shape[2:], strict=True)
    ]
    both = torch.ops.aten.convolution_backward(
        grad, x, weight, None, [2, 2], padding, [1, 1], True, more, 1, [*needs, False]
    )
    return both[0], both[1]

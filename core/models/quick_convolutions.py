"""Steps of convolutional networks, computed in other ways where torch's own take longer than their arithmetic.

That is so where channels are few, where a transposed convolution leaves gaps, and in pooling. The numbers are torch's,
but for rounding, and so are the derivatives. All of it is for images in the memory of a CPU.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd import Function

from core.models.linear import product

__all__ = ["FEW", "Sides", "blocked", "doubled", "here", "lies_last", "pooled"]

FEW = 4  # at most so many channels are few
Sides = tuple[int, int]


def here(x: Tensor) -> bool:
    """Whether these are plain numbers on a CPU, so that the quick ways apply."""
    return x.device.type == "cpu" and not torch.is_autocast_enabled("cpu")


def lies_last(weight: Tensor) -> bool:
    """Whether a model keeps the channels of a pixel side by side ("channels last"), told by a layer's kernels."""
    return weight.stride(1) == 1


# -- convolutions and the largest of four ----------------------------------------------------------------------------


def blocked(x: Tensor, weight: Tensor) -> bool:
    """Whether ``pooled`` is quicker in oneDNN's own order of memory: blocks of as many channels as registers hold."""
    able = x.dtype == torch.float32 and torch.backends.mkldnn.is_available()
    return able and (x.shape[1] <= FEW or not lies_last(weight))


def pooled(x: Tensor, weight: Tensor, bias: Tensor, up: bool) -> Tensor:
    """A 3×3 convolution and the largest of 2×2 pixels: (B, F, H, W), (C, F, 3, 3), (C,) -> (B, C, H/2, W/2).

    Half of an odd side is rounded ``up`` or down.
    """
    if not blocked(x, weight):
        # The bias last, to a quarter of the numbers.
        maps = F.max_pool2d(F.conv2d(x, weight, padding=1), 2, ceil_mode=up)
        return maps.add_(bias.view(-1, 1, 1))
    maps = F.conv2d(x.to_mkldnn(), weight, bias, padding=1)
    maps = F.max_pool2d(maps, 2, 2, ceil_mode=up).to_dense()
    return maps.contiguous(memory_format=torch.channels_last) if lies_last(weight) else maps


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

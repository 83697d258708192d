"""3×3 convolutions that halve or double an image, computed the quick way where the usual one is slow on a CPU.

The weights are those of torch's layers, and so are the numbers, but for rounding; ``quick_convolutions`` has the ways.
"""

import inspect
from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.models.blocks import ACTIVATIONS
from core.models.quick_convolutions import FEW, Sides, doubled, here, lies_last, pooled

__all__ = [
    "DoublingConv",
    "PooledConv",
    "Sides",
    "TransposedConv",
    "bend",
    "halved",
    "halvings",
    "levels",
    "strided",
    "transposed",
    "unfit",
    "unpadded",
    "upsampled",
]


def halved(side: int, up: bool) -> int:
    """Half of ``side`` pixels, rounded down or up."""
    return (side + up) // 2


def unpadded(code: int, side: int, doublings: int) -> tuple[bool, ...] | None:
    """After which doublings a convolution goes without padding, so that ``code`` pixels arrive at ``side``.

    One convolution follows each doubling. Without padding it takes 2 pixels away, and the doublings after it double
    that: the surplus in binary is the answer. None if there is none.
    """
    surplus = code * 2**doublings - side
    if surplus % 2 or not 0 <= surplus < 2 ** (doublings + 1):
        return None
    return tuple(bool(surplus & 2 ** (doublings - i)) for i in range(doublings))


def strided(inputs: int, outputs: int, before: Sides, after: Sides) -> nn.Conv2d:
    """A 3×3 convolution of stride 2 that halves exactly to ``after``: without padding it rounds down."""
    padding = tuple(int(2 * a >= b) for b, a in zip(before, after, strict=True))
    return nn.Conv2d(inputs, outputs, 3, stride=2, padding=padding)


class TransposedConv(nn.ConvTranspose2d):
    """A transposed 3×3 convolution of stride 2 that undoes a halving exactly: (B, F, h, w) -> (B, C, *``sides``)."""

    def __init__(self, inputs: int, outputs: int, before: Sides, sides: Sides):
        # With no padding at all it would arrive at 2·h + 1.
        extra = [2 * b + 1 - side for b, side in zip(before, sides, strict=True)]
        padding = tuple((e + 1) // 2 for e in extra)
        more = tuple(2 * p - e for p, e in zip(padding, extra, strict=True))
        super().__init__(inputs, outputs, 3, stride=2, padding=padding, output_padding=more)
        self.sides = sides

    def _get_name(self) -> str:
        return "ConvTranspose2d"

    def forward(self, x: Tensor) -> Tensor:
        """(B, F, h, w) -> (B, C, *sides)."""
        quicker = self.out_channels <= FEW or (self.training and lies_last(self.weight))
        if not (quicker and here(x)):
            return super().forward(x)
        return doubled(x, self.weight, self.bias, self.sides, self.padding)


class Joined(nn.Sequential, ABC):
    """Layers that in training are one computation where that is quicker, and several for whoever looks at them."""

    joins = True  # whether one computation is quicker, and gives the same

    def forward(self, x: Tensor) -> Tensor:
        """What the layers give one after the other."""
        if not (self.training and self.joins and here(x)):
            return super().forward(x)
        if any(layer._forward_hooks for layer in self):
            with torch.no_grad():
                super().forward(x)  # for the watchers alone: watching must not move a number
        return self.joined(x)

    @abstractmethod
    def joined(self, x: Tensor) -> Tensor:
        """The same at once."""


class PooledConv(Joined):
    """A 3×3 convolution and the largest of 2×2 pixels, rounded ``up`` or down: (B, F, H, W) -> (B, C, H/2, W/2)."""

    def __init__(self, inputs: int, outputs: int, up: bool):
        super().__init__(nn.Conv2d(inputs, outputs, 3, padding=1), nn.MaxPool2d(2, ceil_mode=up))

    def joined(self, x: Tensor) -> Tensor:
        """(B, F, H, W) -> (B, C, H/2, W/2)."""
        conv, pool = self
        return pooled(x, conv.weight, conv.bias, pool.ceil_mode)


class DoublingConv(Joined):
    """Nearest upsampling and a 3×3 convolution, (B, F, h, w) -> (B, C, 2h, 2w), or to ``sides`` where they differ.

    ``padding`` is the convolution's, for each axis: without it the image comes out 2 pixels smaller.
    """

    def __init__(self, inputs: int, outputs: int, before: Sides, sides: Sides, padding: Sides):
        doubles = sides == (2 * before[0], 2 * before[1])
        stretch = nn.Upsample(scale_factor=2) if doubles else nn.Upsample(size=sides)
        super().__init__(stretch, nn.Conv2d(inputs, outputs, 3, padding=padding))
        self.doubles = doubles
        self.arrives = tuple(side - 2 + 2 * p for side, p in zip(sides, padding, strict=True))

    @property
    def joins(self) -> bool:
        """Whether one computation is quicker, and gives the same."""
        return self.doubles and self[1].out_channels <= FEW

    def joined(self, x: Tensor) -> Tensor:
        """(B, F, h, w) -> (B, C, *arrives)."""
        # Together they are a transposed convolution of stride 2, whose 4×4 kernel is the 3×3 one over a 2×2 box.
        weight = self[1].weight
        box = weight.new_ones(1, 1, 2, 2)
        kernel = F.conv2d(weight.flip(2, 3).flatten(0, 1).unsqueeze(1), box, padding=1)
        kernel = kernel.view(*weight.shape[:2], 4, 4).transpose(0, 1)
        crop = tuple(2 - p for p in self[1].padding)
        return doubled(x, kernel, self[1].bias, self.arrives, crop)


def halvings(
    channels: list[int],
    sides: list[Sides],
    activation: str,
    stride: bool = False,
    up: bool = False,
) -> list[nn.Module]:
    """Levels that halve from ``sides[0]`` to ``sides[-1]``: pooled and rounded ``up`` or down, or by a ``stride``."""
    layers: list[nn.Module] = []
    for level in range(len(channels) - 1):
        inputs, outputs = channels[level : level + 2]
        if stride:
            layers.append(strided(inputs, outputs, sides[level], sides[level + 1]))
        else:
            layers.append(PooledConv(inputs, outputs, up))
        # A rising bend and a maximum may change places; bending a quarter of the numbers is quicker.
        layers.append(bend(activation))
    return layers


def transposed(channels: list[int], sides: list[Sides], activation: str) -> list[nn.Module]:
    """A transposed convolution for each level, to the very sides that the encoder halved."""
    layers: list[nn.Module] = []
    for level in reversed(range(len(channels) - 1)):
        inputs, outputs = channels[level + 1], channels[level]
        undoing = TransposedConv(inputs, outputs, sides[level + 1], sides[level])
        layers += [undoing, bend(activation)]
    return layers[:-1]


def upsampled(channels: list[int], sides: list[Sides], activation: str) -> list[nn.Module]:
    """A convolution over the code, then for each level a doubling and a convolution."""
    ways = [way_up([side[axis] for side in sides]) for axis in (0, 1)]
    layers: list[nn.Module] = [nn.Conv2d(channels[-1], channels[-1], 3, padding=1)]
    before, inputs = sides[-1], channels[-1]
    for (tall, pad_y), (wide, pad_x), outputs in zip(*ways, channels[-2::-1], strict=True):
        doubling = DoublingConv(inputs, outputs, before, (tall, wide), (pad_y, pad_x))
        layers += [bend(activation), doubling]
        before, inputs = doubling.arrives, outputs
    return layers


def way_up(sides: list[int]) -> list[tuple[int, int]]:
    """For each level from the code outwards the side to stretch to, and the padding of the convolution after it.

    Where plain doubling overshoots, some convolution goes without padding (Keras's 4→8→16→14→28). Where no choice
    of them arrives at the image's side, the pixels are stretched to the sides that the encoder had.
    """
    cuts = unpadded(sides[-1], sides[0], len(sides) - 1)
    if cuts is None:
        return [(side, 1) for side in sides[-2::-1]]
    way, side = [], sides[-1]
    for cut in cuts:
        way.append((2 * side, 1 - cut))
        side = 2 * side - 2 * cut
    return way


def bend(activation: str) -> nn.Module:
    """The activation, in the memory of its input where it can be: large maps are costly to copy."""
    kind = ACTIVATIONS[activation]
    return kind(inplace=True) if "inplace" in inspect.signature(kind).parameters else kind()


def levels(sides: Sides, count: int, up: bool = False) -> list[Sides]:
    """The sides of an image before and after each of ``count`` halvings: count + 1 of them."""
    found = [sides]
    for _ in range(count):
        found.append(tuple(halved(side, up) for side in found[-1]))
    return found


def unfit(channels: list[int], shape: tuple[int, ...], up: bool = False) -> str:
    """Why examples of this shape cannot go through such levels, a sentence; empty if they can."""
    if not channels:
        return ""
    if len(shape) != 3:
        return "Convolutions need images: leave channels empty for points."
    if any(not 1 <= size <= 512 for size in channels):
        return "Every level needs between 1 and 512 filters."
    side = min(shape[1:])
    # Rounded up, a single pixel stays one for ever: the last halving must begin with two.
    most = (side - up).bit_length() - (not up)
    if len(channels) > most:
        return f"An image {side} pixels wide can be halved {most} times: take fewer levels."
    return ""

"""Decoders that are nothing but dense layers, as lists of arrays: what a page can evaluate by itself."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.models.blocks import ACTIVATIONS, Transposed

__all__ = ["DenseLayer", "chain_of", "evaluated"]

BENDS = {kind: name for name, kind in ACTIVATIONS.items()}
LAST = ("linear", "sigmoid")  # what an output's range can be
PROBES = 4
CLOSE = 1e-4  # data units; between two orders of the same float32 sums


class DenseLayer(NamedTuple):
    """h -> φ(W h + b): ``weight`` (out, in), ``bias`` (out,), and the name of φ in ``core.models.blocks``."""

    weight: Tensor
    bias: Tensor
    bend: str


def evaluated(layers: Sequence[DenseLayer], z: Tensor) -> Tensor:
    """(B, in) -> (B, out), one layer after the other."""
    for weight, bias, bend in layers:
        z = ACTIVATIONS[bend]()(F.linear(z, weight, bias))
    return z


@torch.no_grad()
def chain_of(decoder: nn.Module | None, decode: Callable, width: int, classes: int) -> list:
    """The layers of ``decoder`` with the bend that ``decode`` puts behind them; empty where it is no such chain.

    ``decode(z, y)`` is asked of a few codes (B, ``width``): only layers that give its very answer are given away. A
    decoder whose input is wider by the number of ``classes`` gets the class one-hot behind the code.
    """
    layers = _layers(decoder)
    if not layers:
        return []
    given = layers[0].weight.shape[1] - width
    if given not in (0, classes):
        return []
    z = torch.sin(torch.arange(1.0, PROBES * width + 1)).reshape(PROBES, width)
    z = z.to(layers[0].weight.device)
    y = torch.arange(PROBES, device=z.device) % max(classes, 1)
    wanted = decode(z, y).flatten(1)
    if given:
        z = torch.cat([z, F.one_hot(y, classes).to(z.dtype)], 1)
    for last in LAST:
        chain = layers if last == "linear" else [*layers[:-1], layers[-1]._replace(bend=last)]
        got = evaluated(chain, z)
        if got.shape == wanted.shape and torch.allclose(got, wanted, rtol=CLOSE, atol=CLOSE):
            return chain
    return []


def _layers(decoder: nn.Module | None) -> list[DenseLayer]:
    """The weights and bends in order; empty if anything else stands among them."""
    layers: list[DenseLayer] = []
    for module in decoder if isinstance(decoder, nn.Sequential) else [decoder]:
        if isinstance(module, nn.Linear | Transposed):
            weight = module.weight.detach()
            bias = weight.new_zeros(len(weight)) if module.bias is None else module.bias.detach()
            layers.append(DenseLayer(weight, bias, "linear"))
        elif layers and layers[-1].bend == "linear" and type(module) in BENDS:
            layers[-1] = layers[-1]._replace(bend=BENDS[type(module)])
        else:
            return []
    return layers

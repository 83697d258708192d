"""The quick ways of convolutions give torch's own values and gradients, at every size, and the same bits again."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core.models import convolutions, quick_convolutions
from core.models.convolutions import PooledConv, TransposedConv, halved
from core.models.quick_convolutions import doubled, largest, poolable

LAST = torch.channels_last


def last(x: torch.Tensor) -> torch.Tensor:
    """The same numbers in double precision, the channels of a pixel side by side, with a gradient."""
    return x.double().contiguous(memory_format=LAST).requires_grad_()


def same(ways: list, inputs: list[torch.Tensor]) -> None:
    """All ways give the first's values and, for the same gradient of them, its gradients."""
    found = []
    for way in ways:
        out = way()
        grad = torch.linspace(-1, 2, out.numel(), dtype=out.dtype).view(out.shape)
        found.append((out, *torch.autograd.grad(out, inputs, grad)))
    for other in found[1:]:
        for expected, got in zip(found[0], other, strict=True):
            torch.testing.assert_close(got, expected)


@pytest.mark.parametrize("channels", [1, 3, 5, 16])
@pytest.mark.parametrize("sides", [(5, 7), (6, 8), (7, 6), (2, 1), (3, 3)])
@pytest.mark.parametrize("memory", [LAST, torch.contiguous_format])
def test_transposed_convolutions_have_torch_s_gradients(channels, sides, memory) -> None:
    torch.manual_seed(0)
    before = tuple(halved(side, up=side < 6) for side in sides)
    layer = TransposedConv(6, channels, before, sides).double().to(memory_format=memory)
    for batch in (1, 3):
        x = last(torch.randn(batch, 6, *before))
        ways = [
            partial(nn.ConvTranspose2d.forward, layer, x),
            partial(doubled, x, layer.weight, layer.bias, layer.sides, layer.padding),
            lambda x=x: layer.train()(x),
            lambda x=x: layer.eval()(x),
        ]
        assert ways[1]().shape == (batch, channels, *sides)
        same(ways, [x, layer.weight, layer.bias])


@pytest.mark.parametrize(
    ("channels", "kernel", "padding", "side"),
    [(2, 3, 0, 9), (2, 3, 1, 8), (2, 4, 1, 8), (2, 4, 2, 6), (5, 3, 0, 9), (5, 3, 1, 7)],
)
def test_transposed_convolutions_can_be_differentiated_twice(
    channels: int, kernel: int, padding: int, side: int
) -> None:
    torch.manual_seed(0)
    x, weight = last(torch.randn(2, 3, 4, 4)), last(torch.randn(3, channels, kernel, kernel))
    bias = torch.randn(channels).double().requires_grad_()

    def way(*given: torch.Tensor) -> torch.Tensor:
        return doubled(*given, (side, side), (padding, padding))

    assert torch.autograd.gradcheck(way, (x, weight, bias))
    assert torch.autograd.gradgradcheck(way, (x, weight, bias))


def test_gradients_that_nobody_needs_are_not_computed() -> None:
    for channels in (2, 8):
        layer = TransposedConv(3, channels, (4, 4), (8, 8)).to(memory_format=LAST)
        x = torch.randn(2, 3, 4, 4)
        layer.weight.requires_grad = False
        layer(x).sum().backward()
        assert layer.weight.grad is None
        assert layer.bias.grad.eq(2 * 8 * 8).all()


@pytest.fixture
def pooling(monkeypatch):
    """Small maps take the quick way too."""
    monkeypatch.setattr(quick_convolutions, "LARGE", 0)


@pytest.mark.parametrize("sides", [(2, 2), (4, 8), (6, 2)])
@pytest.mark.parametrize("batch", [1, 3])
def test_of_equal_pixels_the_first_is_the_largest(pooling, sides: tuple, batch: int) -> None:
    torch.manual_seed(0)
    # Of three values, most windows hold one twice: at every pair of places, and next to a smaller or larger one.
    for x in (torch.randint(-1, 2, (batch, 32, *sides)), torch.zeros(batch, 16, *sides)):
        x = last(x)
        assert poolable(x)
        same([lambda x=x: F.max_pool2d(x, 2), lambda x=x: largest(x)], [x])


def test_only_large_even_maps_of_whole_registers_are_pooled_quickly() -> None:
    def fits(*shape: int) -> bool:
        return poolable(torch.empty(shape).contiguous(memory_format=LAST))

    assert fits(128, 16, 28, 28)
    assert not fits(128, 16, 14, 14)
    assert not fits(128, 16, 29, 28)
    assert not fits(128, 24, 28, 28)
    assert not poolable(torch.empty(128, 16, 28, 28))


@pytest.mark.parametrize("up", [False, True])
@pytest.mark.parametrize("sides", [(8, 6), (7, 8), (5, 5), (2, 3)])
@pytest.mark.parametrize("memory", [LAST, torch.contiguous_format])
def test_convolving_and_pooling_at_once_changes_nothing(pooling, up, sides, memory) -> None:
    torch.manual_seed(0)
    layer = PooledConv(3, 16, up).double().to(memory_format=memory)
    nn.init.normal_(layer[0].bias)
    x = torch.randint(0, 2, (3, 3, *sides)).double().contiguous(memory_format=memory)
    x.requires_grad_()
    ways = [
        lambda: nn.Sequential.forward(layer, x),
        lambda: layer.train()(x),
        lambda: layer.eval()(x),
    ]
    same(ways, [x, *layer.parameters()])


def test_watchers_see_every_layer_and_eval_runs_one_by_one(pooling, monkeypatch) -> None:
    layer, x = PooledConv(1, 16, False).to(memory_format=LAST), torch.rand(2, 1, 8, 8)
    plain = nn.Sequential.forward(layer, x)
    seen = []
    hook = layer[0].register_forward_hook(lambda *given: seen.append(given[2].shape))
    for mode in (True, False):
        torch.testing.assert_close(layer.train(mode)(x), plain)
    assert seen == [(2, 16, 8, 8)] * 2
    hook.remove()
    monkeypatch.setattr(convolutions, "largest", None)
    layer.eval()(x)
    with pytest.raises(TypeError):
        layer.train()(x)


def test_under_autocast_the_layers_are_torch_s(pooling) -> None:
    x = torch.rand(2, 16, 8, 8).contiguous(memory_format=LAST)
    with torch.autocast("cpu", torch.bfloat16):
        for layer in (PooledConv(16, 16, False), TransposedConv(16, 1, (8, 8), (16, 16))):
            assert layer.to(memory_format=LAST)(x).dtype == torch.bfloat16


def test_the_same_again_to_the_bit(pooling) -> None:
    torch.manual_seed(0)
    layers = nn.Sequential(
        PooledConv(1, 16, False), TransposedConv(16, 16, (14, 14), (28, 28)), nn.ReLU(inplace=True)
    )
    layers.append(TransposedConv(16, 1, (28, 28), (56, 56)))
    layers.to(memory_format=LAST)
    x = torch.rand(16, 1, 28, 28)
    found = []
    for _ in range(3):
        out = layers(x)
        found.append((out, *torch.autograd.grad(out.square().sum(), layers.parameters())))
    for first, *others in zip(*found, strict=True):
        assert all(torch.equal(first, other) for other in others)

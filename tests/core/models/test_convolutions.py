"""The quick ways of convolutions give torch's own values and gradients, at every size, and the same bits again."""

from functools import partial

import pytest
import torch
from torch import nn

from core.models.convolutions import PooledConv, TransposedConv, halved
from core.models.quick_convolutions import blocked, doubled

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


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("memory", [LAST, torch.contiguous_format])
@pytest.mark.parametrize("inputs", [1, 3, 6])
@pytest.mark.parametrize("up", [False, True])
def test_convolving_and_pooling_at_once_changes_nothing(dtype, memory, inputs, up) -> None:
    torch.manual_seed(0)
    layer = PooledConv(inputs, 20, up).to(dtype).to(memory_format=memory)
    nn.init.normal_(layer[0].bias)
    for batch, sides in [(1, (8, 6)), (3, (7, 8)), (2, (5, 5)), (2, (2, 3))]:
        # Of few values, many windows have equal largest pixels; of a dark image all are equal.
        for x in (torch.randint(0, 2, (batch, inputs, *sides)), torch.zeros(batch, inputs, *sides)):
            x = x.to(dtype).contiguous(memory_format=memory).requires_grad_()
            ways = [
                partial(nn.Sequential.forward, layer, x),
                lambda x=x: layer.train()(x),
                lambda x=x: layer.eval()(x),
            ]
            same(ways, [x, *layer.parameters()])


def test_the_blocks_of_onednn_are_for_few_channels_or_a_model_in_planes() -> None:
    def taken(inputs: int, memory: torch.memory_format, dtype: torch.dtype) -> bool:
        layer = PooledConv(inputs, 16, False).to(dtype).to(memory_format=memory)
        return blocked(torch.rand(2, inputs, 8, 8, dtype=dtype), layer[0].weight)

    if torch.backends.mkldnn.is_available():
        assert taken(1, LAST, torch.float32)
        assert not taken(16, LAST, torch.float32)
        assert taken(16, torch.contiguous_format, torch.float32)
    assert not taken(1, LAST, torch.float64)


@pytest.mark.parametrize("inputs", [1, 8])
def test_watchers_see_every_layer_and_eval_runs_them_one_by_one(inputs: int) -> None:
    layer, x = PooledConv(inputs, 16, False).to(memory_format=LAST), torch.rand(2, inputs, 8, 8)
    plain = nn.Sequential.forward(layer, x)
    seen = []
    for part in layer:
        part.register_forward_hook(lambda *given: seen.append(given[2].shape))
    for mode in (True, False):
        torch.testing.assert_close(layer.train(mode)(x), plain)
    assert seen == [(2, 16, 8, 8), (2, 16, 4, 4)] * 2


def test_under_autocast_the_layers_are_torch_s() -> None:
    x = torch.rand(2, 16, 8, 8).contiguous(memory_format=LAST)
    with torch.autocast("cpu", torch.bfloat16):
        for layer in (PooledConv(16, 16, False), TransposedConv(16, 1, (8, 8), (16, 16))):
            assert layer.to(memory_format=LAST)(x).dtype == torch.bfloat16


def test_the_same_again_to_the_bit() -> None:
    torch.manual_seed(0)
    layers = nn.Sequential(
        *(PooledConv(1, 16, False), nn.ReLU(inplace=True)),
        *(TransposedConv(16, 16, (14, 14), (28, 28)), nn.ReLU(inplace=True)),
        TransposedConv(16, 1, (28, 28), (56, 56)),
    ).to(memory_format=LAST)
    x = torch.rand(16, 1, 28, 28)
    found = []
    for _ in range(3):
        out = layers(x)
        found.append((out, *torch.autograd.grad(out.square().sum(), layers.parameters())))
    for first, *others in zip(*found, strict=True):
        assert all(torch.equal(first, other) for other in others)

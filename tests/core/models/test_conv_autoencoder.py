"""Convolutions: textbook counts and shapes, every size of image, and the quick ways against torch's own layers."""

import pytest
import torch
from torch import nn

from core import datasets, models
from core.errors import BadInput
from core.models.base import DataSpec, build, summary
from core.models.convolutions import (
    DoublingConv,
    TransposedConv,
    halved,
    strided,
    unpadded,
)
from core.training.specs import resolve
from core.training.trainer import Trainer

FAMILY = models.get("conv_autoencoder")
MNIST = DataSpec((1, 28, 28), "images", 10)


def counts(preset: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in summary(build(FAMILY, FAMILY.presets[preset].config, MNIST, 0)):
        found[row["group"]] = found.get(row["group"], 0) + row["parameters"]
    return found


@pytest.mark.parametrize(
    ("preset", "encoder", "decoder"),
    [("16-8-8", 1904, 2481), ("16-32-64", 23_296, 23_233), ("strided", 23_296, 23_233)],
)
def test_presets_have_the_textbook_s_counts(preset: str, encoder: int, decoder: int) -> None:
    assert counts(preset) == {"encoder": encoder, "decoder": decoder}


def test_keras_s_example_has_keras_s_shapes() -> None:
    rows = summary(build(FAMILY, FAMILY.presets["16-8-8"].config, MNIST, 0))
    weighted = ("Conv2d", "MaxPool2d", "Upsample")
    shapes = [tuple(r["output_shape"]) for r in rows if r["kind"].startswith(weighted)]
    assert shapes == [
        *((16, 28, 28), (16, 14, 14), (8, 14, 14), (8, 7, 7), (8, 7, 7), (8, 4, 4)),
        *((8, 4, 4), (8, 8, 8), (8, 8, 8), (8, 16, 16), (16, 14, 14), (16, 28, 28), (1, 28, 28)),
    ]


def test_doubling_arrives_by_leaving_out_padding_or_says_that_it_cannot() -> None:
    assert unpadded(4, 28, 3) == (False, True, False)
    assert unpadded(4, 30, 3) == (False, False, True)
    assert unpadded(4, 32, 3) == (False, False, False)
    assert unpadded(4, 31, 3) is None  # odd
    assert unpadded(3, 28, 3) is None  # doubling falls short
    for side in range(2, 200, 2):
        code = -(-side // 8)
        reached = code
        for cut in unpadded(code, side, 3):
            reached = 2 * reached - 2 * cut
        assert reached == side


@pytest.mark.parametrize("halving", ["max_pool", "stride"])
@pytest.mark.parametrize("rounding", ["down", "up"])
@pytest.mark.parametrize("doubling", ["transposed", "upsample"])
def test_every_size_comes_back_or_is_refused(halving: str, rounding: str, doubling: str) -> None:
    settings = {"halving": halving, "rounding": rounding, "doubling": doubling}
    sizes = [(8, 8), (28, 28), (63, 47), (13, 64), (9, 10), (5, 31), (2, 3), (1, 9)]
    refused = 0
    for sides in sizes:
        for levels in (1, 2, 3):
            spec, config = DataSpec((2, *sides), "images"), {**settings, "channels": [2] * levels}
            shortest = min(sides)
            for _ in range(levels):
                # Below one pixel, or one that stays one, there is nothing to halve.
                shortest = halved(shortest, rounding == "up") if shortest > 1 else 0
            if not shortest:
                refused += 1
                with pytest.raises(BadInput) as caught:
                    build(FAMILY, config, spec, 0)
                assert "take fewer levels" in caught.value.fields["channels"]
                continue
            model, x = build(FAMILY, config, spec, 0), torch.rand(2, 2, *sides)
            for mode in (True, False):
                assert model.train(mode).reconstruct(x).shape == x.shape
            assert model.encode(x).mean.shape == (2, *model.latents["z"])
    assert refused > 3


def both_ways(layer: nn.Module, x: torch.Tensor) -> None:
    """The layer in training equals itself in eval mode, where torch's layers run one by one; its gradients too."""
    found = []
    for mode in (True, False):
        out = layer.train(mode)(x)
        grad = torch.linspace(-1, 2, out.numel(), dtype=x.dtype).view(out.shape)
        inputs = [*layer.parameters(), *([x] if x.requires_grad else [])]
        found.append((out, *torch.autograd.grad(out, inputs, grad)))
    for quick, plain in zip(*found, strict=True):
        assert torch.allclose(quick, plain)


@pytest.mark.parametrize("padding", [(1, 1), (0, 1), (0, 0)])
def test_doubling_and_convolving_at_once_changes_nothing(padding: tuple) -> None:
    torch.manual_seed(0)
    layer = DoublingConv(5, 2, (4, 6), (8, 12), padding).double()
    x = torch.randn(3, 5, 4, 6).double().requires_grad_()
    assert layer.joins
    both_ways(layer, x)
    assert layer(x).shape[2:] == layer.arrives


@pytest.mark.parametrize("sides", [(5, 7), (6, 8), (7, 9)])
def test_transposed_convolutions_are_torch_s(sides: tuple) -> None:
    torch.manual_seed(0)
    before = tuple(halved(side, sides == (5, 7)) for side in sides)
    layer, x = TransposedConv(6, 2, before, sides).double(), torch.randn(3, 6, *before).double()
    assert layer(x).shape == (3, 2, *sides)
    assert torch.allclose(layer(x), nn.ConvTranspose2d.forward(layer, x))
    after = strided(2, 6, sides, before).double()(layer(x))
    assert after.shape == x.shape


def test_watching_the_layers_moves_no_number() -> None:
    found = []
    for watched in (False, True):
        spec = resolve("conv_autoencoder", "digits", {"steps": 6, "layer_stats": watched})
        trainer = Trainer(spec, datasets.load("digits", spec.data))
        for _ in trainer.events():
            pass
        found.append((trainer.state()[0], {s.name for s in trainer.drain()}))
    assert "activation/encoder.0.0" in found[1][1] - found[0][1]
    assert all((found[0][0][name] == found[1][0][name]).all() for name in found[0][0])


@pytest.mark.parametrize("doubling", ["transposed", "upsample"])
def test_filters_are_the_kernels_of_each_unit(doubling: str) -> None:
    config = {"channels": [4, 6], "doubling": doubling}
    model = build(FAMILY, config, DataSpec((3, 8, 8), "images"), 0)
    found = model.filters()
    assert found["input"].shape == found["output"].shape == (4, 3, 3, 3)
    # A single bright pixel in map 2 is drawn as that map's kernel, be it transposed or not.
    last = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)][-1]
    point = torch.zeros(1, 4, 4, 4)
    point[0, 2, 2, 2] = 1
    drawn = (last(point) - last(torch.zeros_like(point))).abs().sum((2, 3))[0]
    assert torch.allclose(drawn, found["output"][2].abs().sum((1, 2)), atol=1e-5)

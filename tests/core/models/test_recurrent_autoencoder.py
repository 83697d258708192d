"""Images as sequences of rows: counts as torch and as Keras have them, what each step sees, how weights begin."""

import pytest
import torch
from torch import nn

from core import models
from core.errors import BadInput
from core.models.base import Batch, DataSpec, build, summary

FAMILY = models.get("recurrent_autoencoder")


def test_counts_and_the_note_on_keras_s() -> None:
    model = build(FAMILY, {}, DataSpec((1, 28, 28), "images", 10), 0)
    found: dict[str, int] = {}
    for row in summary(model):
        found[row["group"]] = found.get(row["group"], 0) + row["parameters"]
    assert found == {"encoder": 67_840, "decoder": 55_628}
    assert "67,320 + 55,228" in model.count_note()
    smaller = build(FAMILY, {"encoder_sizes": []}, DataSpec((1, 4, 5), "images"), 0)
    # One LSTM 5→30 and one 30→30 with a layer 30→5 behind it, by Keras's formula 4·h·(in + h + 1).
    assert f"{4 * 30 * 36:,} + {4 * 30 * 61 + 31 * 5:,}" in smaller.count_note()


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 7, 5), (1, 1, 4)])
@pytest.mark.parametrize("sizes", [[], [9], [9, 6]])
def test_any_image_is_rows(shape: tuple, sizes: list[int]) -> None:
    config = {"encoder_sizes": sizes, "latent_dim": 4}
    model, x = build(FAMILY, config, DataSpec(shape, "images"), 0), torch.rand(2, *shape)
    assert model.encode(x).mean.shape == (2, 4)
    assert model.reconstruct(x).shape == x.shape
    assert model.encoder[0].input_size == shape[0] * shape[2]


def test_rows_go_in_from_the_top_and_come_out_in_place() -> None:
    """The last state is the code; the loss compares each pixel with itself, also of colour images."""
    model = build(FAMILY, {"loss": "mse"}, DataSpec((3, 6, 5), "images"), 0)
    torch.manual_seed(0)
    x = torch.rand(4, 3, 6, 5)
    expected = (model.reconstruct(x) - x).square().mean()
    assert model.losses(Batch(x))["reconstruction_mean"].item() == pytest.approx(
        expected.item(), rel=1e-5
    )
    # By hand: the same LSTM cell, row after row.
    states = [(torch.zeros(4, layer.hidden_size),) * 2 for layer in model.encoder]
    for t in range(6):
        row = x[:, :, t].flatten(1)
        for i, layer in enumerate(model.encoder):
            cell = nn.LSTMCell(layer.input_size, layer.hidden_size)
            cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
            states[i] = cell(row, states[i])
            row = states[i][0]
    assert torch.allclose(model.encode(x).mean, states[-1][0], atol=1e-5)


def test_cross_entropy_is_of_the_reconstruction() -> None:
    model, x = build(FAMILY, {}, DataSpec((1, 6, 5), "images"), 0), torch.rand(4, 1, 6, 5)
    p = model.reconstruct(x)
    expected = -(x * p.log() + (1 - x) * (1 - p).log()).mean()
    assert model.losses(Batch(x))["loss"].item() == pytest.approx(expected.item(), rel=1e-5)


def test_weights_begin_as_keras_s_do() -> None:
    model = build(FAMILY, {}, DataSpec((1, 28, 28), "images"), 0)
    layer = model.encoder[0]
    h = layer.hidden_size
    assert torch.equal(layer.bias_ih_l0.nonzero().flatten(), torch.arange(h, 2 * h))
    assert torch.equal(layer.bias_ih_l0[h : 2 * h], torch.ones(h))
    assert not layer.bias_hh_l0.any()
    recurrent = layer.weight_hh_l0
    assert torch.allclose(recurrent.T @ recurrent, torch.eye(h), atol=1e-5)
    limit = (6 / (28 + 4 * h)) ** 0.5
    assert 0.98 * limit < layer.weight_ih_l0.abs().max() <= limit


def test_what_cannot_work_is_refused() -> None:
    for config, spec, field in [
        ({"encoder_sizes": [0]}, DataSpec((1, 8, 8), "images"), "encoder_sizes"),
        ({}, DataSpec((2,), "points"), "dataset"),
    ]:
        with pytest.raises(BadInput) as caught:
            build(FAMILY, config, spec, 0)
        assert field in caught.value.fields

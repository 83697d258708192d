"""What is projected: codes, pixels and layers, each a row for an example, whatever the batches."""

import numpy as np
import pytest
import torch

from core.analysis import vectors as projected
from core.analysis.activations import followed
from core.analysis.codes import encoded
from core.analysis.vectors import layers, vectors
from core.datasets.base import Data
from core.errors import BadInput
from core.models.base import Batch, DataSpec, build
from core.models.gan import GAN
from core.training.feed import to_float
from tests.core.analysis.made_models import Layered, Mute, Shrinking, noise

DATA = noise(1203, (1, 4, 6))
ROWS = DATA.splits["test"][::-1]


class Deaf(Mute):
    """Learns, and reads no example."""

    def __init__(self, data):
        super().__init__(data)
        self.ear = self.judge
        del self.judge


def pixels(rows: np.ndarray) -> np.ndarray:
    return DATA.x[rows].reshape(len(rows), -1).astype(np.float32) / 255


def test_pixels_are_in_0_to_1_and_in_the_order_asked_for():
    found = vectors(Shrinking(DATA), DATA, ROWS, "pixels")
    assert found.dtype == np.float32
    assert np.array_equal(found, pixels(ROWS))


def test_points_are_taken_as_they_are():
    x = np.random.default_rng(0).normal(size=(9, 2)).astype(np.float32)
    splits = {"train": np.arange(9), "validation": np.arange(0), "test": np.arange(0)}
    data = Data("made", "points", x, splits, np.arange(9))
    assert np.array_equal(vectors(Shrinking(data), data, np.array([4, 2]), "pixels"), x[[4, 2]])


def test_codes_are_the_flattened_means():
    model = Layered(DATA)
    found = vectors(model, DATA, ROWS)
    assert found.shape == (len(ROWS), 4 * 5)
    assert np.array_equal(found, encoded(model, DATA, ROWS))


def test_layers_are_listed_in_the_order_of_the_data_and_give_what_one_example_gives():
    model = Layered(DATA)
    known = layers(model, DATA)
    assert [layer["name"] for layer in known] == ["encoder", "decoder.0", "decoder.1", "twice"]
    assert [layer["shape"] for layer in known] == [[4, 5], [4, 6], [4, 6], [4, 6]]
    x = to_float(torch.from_numpy(DATA.x[ROWS[600:601]]))
    for layer, one in zip(known, followed(model, Batch(x))[0], strict=True):
        found = vectors(model, DATA, ROWS, f"layer:{layer['name']}")
        assert found.shape == (len(ROWS), np.prod(layer["shape"]))
        assert found[600] == pytest.approx(one["values"].ravel(), abs=1e-6)
    # What is overwritten in place was kept before.
    assert (vectors(model, DATA, ROWS, "layer:decoder.0") < 0).any()


def test_a_discriminator_reads_examples_and_a_generator_does_not():
    model = build(GAN, {}, DataSpec.of(DATA), 0)
    names = [layer["name"] for layer in layers(model, DATA)]
    assert names
    assert all(name.startswith("discriminator.") for name in names)
    found = vectors(model, DATA, ROWS, f"layer:{names[-1]}")
    x = to_float(torch.from_numpy(DATA.x[ROWS]))
    assert found[:, 0] == pytest.approx(model.judge(x).detach().numpy(), abs=1e-6)
    with pytest.raises(BadInput, match="no layer"):
        vectors(model, DATA, ROWS, "layer:generator.0")
    with pytest.raises(BadInput, match="no codes"):
        vectors(model, DATA, ROWS, "codes")


def test_the_model_is_left_as_it_was():
    model = Layered(DATA).train()
    state = torch.get_rng_state()
    vectors(model, DATA, ROWS[:3], "layer:twice")
    assert model.training
    assert torch.equal(state, torch.get_rng_state())
    assert not any(module._forward_hooks for module in model.modules())


def test_progress_counts_the_examples():
    seen = []
    vectors(Shrinking(DATA), DATA, ROWS, "codes", lambda share, text: seen.append((share, text)))
    assert len(seen) == 3
    assert seen[-1] == (1, "Read 1,200 of 1,200 examples")


def test_what_cannot_be_projected_is_a_sentence(monkeypatch):
    with pytest.raises(BadInput, match="codes, pixels or layer:NAME"):
        vectors(Shrinking(DATA), DATA, ROWS, "colours")
    with pytest.raises(BadInput, match=r"one of encoder, decoder\.0, decoder\.1, twice"):
        vectors(Layered(DATA), DATA, ROWS, "layer:middle")
    with pytest.raises(BadInput, match="reads no examples"):
        vectors(Deaf(DATA), DATA, ROWS, "layer:ear")
    assert layers(Shrinking(DATA), DATA) == []
    with pytest.raises(BadInput, match="no examples"):
        vectors(Shrinking(DATA), DATA, ROWS[:0], "pixels")
    assert layers(Deaf(DATA), DATA) == []
    monkeypatch.setattr(projected, "MOST", 1000)
    with pytest.raises(BadInput, match="at most 41 examples or a smaller layer"):
        vectors(model := Layered(DATA), DATA, ROWS, "layer:twice")
    assert torch.is_grad_enabled()
    assert not any(module._forward_hooks for module in model.modules())
    assert len(vectors(Layered(DATA), DATA, ROWS[:41], "layer:twice")) == 41

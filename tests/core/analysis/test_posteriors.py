"""What units say, and codes of any shape decoded, with classes where a model takes them."""

import numpy as np
import pytest
import torch

from core.analysis import posteriors
from core.models.base import Code
from core.training.feed import to_float
from tests.core.analysis.made_models import Shrinking, noise


class Told(Shrinking):
    """Decodes a code to itself and a tenth of the class."""

    conditional = True

    def encode(self, x, y=None):
        return Code(x.flatten(1), x.flatten(1) - 2)

    def decode(self, z, y=None):
        own = 9 if y is None else y.view(-1, 1, 1, 1)
        return z.unflatten(1, self.spec.shape) + 0.1 * own


class Blocks(Shrinking):
    """Its code has a shape of its own."""

    def __init__(self, data):
        super().__init__(data)
        self.latents = {"z": (2, 2, 1)}

    def decode(self, z, y=None):
        assert z.shape[1:] == (2, 2, 1)
        return z.reshape(-1, *self.spec.shape)


class Chosen(Shrinking):
    """Its code is a choice."""

    def encode(self, x, y=None):
        return Code(x.flatten(1), None, torch.zeros(len(x), 1, dtype=torch.int64))


def test_posteriors_come_in_the_order_of_the_rows():
    data = noise()
    rows = data.splits["test"][::-1]
    mean, log_var = posteriors.posteriors(Told(data), data, rows)
    x = to_float(torch.from_numpy(data.x[rows])).flatten(1).numpy()
    assert np.array_equal(mean, x)
    assert np.array_equal(log_var, x - 2)
    assert posteriors.posteriors(Shrinking(data), data, rows[:3])[1] is None


def test_a_discrete_code_is_known_by_its_indices():
    data = noise(20)
    assert posteriors.is_discrete(Chosen(data), data)
    assert not posteriors.is_discrete(Shrinking(data), data)


def test_the_class_of_each_is_handed_on_and_only_where_it_is_taken():
    data = noise(20)
    z = np.random.default_rng(0).normal(size=(1201, 4)).astype(np.float32)
    y = np.arange(1201) % 7
    found = posteriors.decoded(Told(data), z, y).flatten(1).numpy()
    assert found == pytest.approx(z + 0.1 * y[:, None], abs=1e-6)
    assert posteriors.decoded(Told(data), z).flatten(1).numpy() == pytest.approx(z + 0.9, abs=1e-6)
    all_of_one = posteriors.decoded(Told(data), z, np.broadcast_to(3, 1201)).flatten(1).numpy()
    assert all_of_one == pytest.approx(z + 0.3, abs=1e-6)
    assert posteriors.decoded(Shrinking(data), z, y).flatten(1).numpy() == pytest.approx(0.5 * z)


def test_a_code_has_the_shape_that_the_decoder_wants():
    data = noise(20)
    z = np.arange(8, dtype=np.float32).reshape(2, 4)
    assert posteriors.decoded(Blocks(data), z).flatten(1).tolist() == z.tolist()
    narrow = Shrinking(data)
    narrow.latents = {"z": (99,)}
    assert posteriors.decoded(narrow, z).flatten(1).tolist() == (0.5 * z).tolist()


def test_units_are_measured_in_nats():
    mean = np.array([[0.0, 1, 0], [0, -1, 0]])
    log_var = np.log(np.array([[1.0, 1, 0.25]] * 2))
    nats, collapsed = posteriors.unit_interest(mean, log_var)
    assert nats == pytest.approx([0, 0.5, -0.5 * (1 + np.log(0.25) - 0.25)])
    assert collapsed.tolist() == [True, False, False]


def test_without_variances_a_still_unit_is_collapsed():
    mean = np.random.default_rng(0).normal(size=(100, 3)) * [1, 0.005, 0.5]
    variance, collapsed = posteriors.unit_interest(mean, None)
    assert variance == pytest.approx(mean.var(0))
    assert collapsed.tolist() == [False, True, False]


def test_the_prior_is_as_wide_as_the_model_says():
    model = Shrinking(noise(20))
    assert posteriors.prior_std(model) == 1
    model.prior_deviation = None
    assert posteriors.prior_std(model) == 1
    model.prior_deviation = 2.5
    assert posteriors.prior_std(model) == 2.5

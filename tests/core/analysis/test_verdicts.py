"""The discriminator's surface and the pull on each generated point."""

import numpy as np
import pytest
import torch

from core.analysis.verdicts import pulls, surface
from tests.core.models.gans import gan

PLACES = np.random.default_rng(0).standard_normal((30, 2)).astype(np.float32)


def linear(model, direction=(3.0, -4.0)):
    """D(x) = 3x - 4y far from every bend, of the first of a pack alone."""
    first, last = model.discriminator[1], model.discriminator[-1]
    with torch.no_grad():
        for parameter in model.discriminator.parameters():
            parameter.zero_()
        first.weight[0, :2] = torch.tensor(direction)
        first.bias[0] = 1000.0
        last.weight[0, 0] = 1.0
        last.bias[0] = -1000.0
    return model


@pytest.mark.parametrize(
    "settings", [{}, {"packing": 3}, {"minibatch": "deviation"}, {"instance_noise": 5.0}]
)
def test_the_surface_is_the_verdict_on_each_place(settings):
    model = linear(gan(activation="relu", **settings))
    state = torch.get_rng_state()
    found = surface(model, PLACES)
    assert found == pytest.approx(PLACES @ [3.0, -4.0], abs=1e-3)
    assert torch.equal(torch.get_rng_state(), state)
    assert model.training


def test_a_conditional_surface_depends_on_the_class():
    model = gan(conditional=True)
    assert not np.allclose(surface(model, PLACES, y=1), surface(model, PLACES, y=2))
    assert np.array_equal(surface(model, PLACES, y=1), surface(model, PLACES, y=1))


def test_each_point_is_pulled_up_the_slope():
    """Of -D(x) the pull is D's slope itself; of the others it has that direction and their own length."""
    z = np.random.default_rng(1).standard_normal((30, 2)).astype(np.float32)
    model = linear(gan(activation="relu", generator_loss="wasserstein"))
    x, pull = pulls(model, z, PLACES)
    assert x == pytest.approx(model.generate(torch.from_numpy(z)).detach().numpy(), abs=1e-6)
    assert pull == pytest.approx(np.tile([3.0, -4.0], (30, 1)), rel=1e-4)
    verdict = x @ [3.0, -4.0]
    for kind, length in (
        ("non_saturating", 1 / (1 + np.exp(verdict))),
        ("minimax", 1 / (1 + np.exp(-verdict))),
    ):
        model.config.generator_loss = kind
        assert pulls(model, z, PLACES)[1] == pytest.approx(
            length[:, None] * [3.0, -4.0], rel=1e-2, abs=1e-3
        )

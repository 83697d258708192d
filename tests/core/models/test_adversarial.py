"""Adversarial losses, penalties and cures against what can be worked out by hand."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call

from core.models import adversarial as rules
from core.models.adversarial_layers import (
    Averaged,
    MinibatchDeviation,
    MinibatchDiscrimination,
    Replay,
    SpectralLinear,
)

REAL, FAKE = torch.tensor([1.5, -0.3, 0.0]), torch.tensor([0.4, -2.0, 3.0])
SIGMOID = torch.sigmoid


def slope_of(loss, *verdicts: torch.Tensor) -> list[torch.Tensor]:
    leaves = [v.double().requires_grad_() for v in verdicts]
    return list(torch.autograd.grad(loss(*leaves), leaves))


# For each loss of D: dL/d real and dL/d fake of one verdict, times the three that are averaged.
BY_HAND = {
    "logistic": (lambda r, f: -SIGMOID(-r), lambda r, f: SIGMOID(f)),
    "least_squares": (lambda r, f: r - 1, lambda r, f: f + 1),
    "hinge": (lambda r, f: -(r < 1).double(), lambda r, f: (f > -1).double()),
    "wasserstein": (lambda r, f: -torch.ones_like(r), lambda r, f: torch.ones_like(f)),
    "relativistic": (lambda r, f: -SIGMOID(f - r), lambda r, f: SIGMOID(f - r)),
}


@pytest.mark.parametrize("kind", BY_HAND)
def test_slopes_of_the_losses_of_d(kind):
    found = slope_of(lambda r, f: rules.discriminator_loss(r, f, kind), REAL, FAKE)
    for slope, by_hand in zip(found, BY_HAND[kind], strict=True):
        assert torch.allclose(slope, by_hand(REAL.double(), FAKE.double()) / 3, atol=1e-12)


@pytest.mark.parametrize(
    ("kind", "by_hand"),
    [
        ("minimax", lambda r, f: -SIGMOID(f)),
        ("non_saturating", lambda r, f: -SIGMOID(-f)),
        ("least_squares", lambda r, f: f),
        ("wasserstein", lambda r, f: -torch.ones_like(f)),
        ("relativistic", lambda r, f: -SIGMOID(r - f)),
    ],
)
def test_slopes_of_the_losses_of_g(kind, by_hand):
    (found,) = slope_of(lambda f: rules.generator_loss(f, kind, REAL.double()), FAKE)
    assert torch.allclose(found, by_hand(REAL.double(), FAKE.double()) / 3, atol=1e-12)


def test_values_of_the_losses():
    one = torch.ones(2)
    assert rules.discriminator_loss(one, -one, "least_squares") == 0
    assert rules.discriminator_loss(one, -one, "hinge") == 0
    assert rules.discriminator_loss(2 * one, -one, "wasserstein") == -3
    assert rules.discriminator_loss(one, one, "relativistic").item() == pytest.approx(math.log(2))
    assert rules.generator_loss(2 * one, "least_squares") == 2


def test_one_sided_smoothing_moves_the_target_of_the_real_alone():
    """The logistic loss is least where σ(v) = 1 - s, the least squares where v = 1 - 2s."""
    for kind, best in (("logistic", math.log(0.9 / 0.1)), ("least_squares", 0.8)):
        found = slope_of(
            lambda r, f, kind=kind: rules.discriminator_loss(r, f, kind, 0.1),
            torch.full((3,), best),
            FAKE,
        )
        assert found[0].abs().max() < 1e-7
        plain = slope_of(lambda r, f, kind=kind: rules.discriminator_loss(r, f, kind), REAL, FAKE)
        assert torch.allclose(found[1], plain[1])
    p = SIGMOID(REAL)
    by_hand = -(0.9 * p.log() + 0.1 * (1 - p).log()).mean() - (1 - SIGMOID(FAKE)).log().mean()
    assert rules.discriminator_loss(REAL, FAKE, "logistic", 0.1).item() == pytest.approx(
        by_hand.item(), rel=1e-6
    )


def test_accuracies_know_which_verdicts_have_a_zero():
    real, fake = torch.tensor([5.0, 7.0]), torch.tensor([3.0, 9.0])
    assert [a.item() for a in rules.accuracies(real, fake, "logistic")] == [1.0, 0.0]
    # The middle of the means is 6.
    assert [a.item() for a in rules.accuracies(real, fake, "wasserstein")] == [0.5, 0.5]


# -- penalties ---------------------------------------------------------------------------------------------------------


def test_r1_of_a_linear_d_is_half_its_squared_weights():
    weight = torch.tensor([[3.0, -4.0]])
    x = torch.randn(6, 2, requires_grad=True)
    (slope,) = rules.slopes(F.linear(x, weight).squeeze(1), x)
    assert rules.zero_slope_penalty(rules.squared_lengths(slope)).item() == pytest.approx(12.5)
    # Judged in pairs, a verdict has the slopes of both.
    (slope,) = rules.slopes(
        F.linear(rules.packed(x, 2), torch.cat([weight, weight], 1)).squeeze(1), x
    )
    lengths = rules.squared_lengths(slope, 2)
    assert lengths.shape == (3,)
    assert torch.allclose(lengths, torch.full((3,), 50.0))


def test_r1_reaches_the_weights_through_the_slope():
    """½‖w‖² has the slope w."""
    weight = torch.tensor([[3.0, -4.0]], requires_grad=True)
    x = torch.randn(6, 2, requires_grad=True)
    (slope,) = rules.slopes(F.linear(x, weight).squeeze(1), x)
    (found,) = torch.autograd.grad(rules.zero_slope_penalty(rules.squared_lengths(slope)), weight)
    assert torch.allclose(found, weight)


@pytest.mark.parametrize(("length", "penalty"), [(1.0, 0.0), (3.0, 4.0), (0.0, 1.0)])
def test_the_critic_of_unit_slope_costs_nothing(length, penalty):
    weight = length * torch.tensor([[0.6, 0.8]])
    x = torch.randn(6, 2, requires_grad=True)
    (slope,) = rules.slopes(F.linear(x, weight).squeeze(1), x)
    found = rules.unit_slope_penalty(rules.squared_lengths(slope))
    assert found.item() == pytest.approx(penalty, abs=1e-5)


def test_points_between_lie_on_the_lines_and_packs_share_their_place():
    real, fake = torch.zeros(400, 2), torch.tensor([1.0, 2.0]).expand(400, 2)
    x = rules.interpolated(real, fake, 2)
    assert torch.allclose(x[:, 1], 2 * x[:, 0])
    assert torch.equal(x[::2], x[1::2])
    assert x[:, 0].min() >= 0
    assert x[:, 0].max() <= 1
    assert x[:, 0].mean().item() == pytest.approx(0.5, abs=0.1)


# -- cures -------------------------------------------------------------------------------------------------------------


def test_packs_hold_different_samples_each_once():
    x = torch.arange(12.0).view(6, 2)
    assert rules.packed(x, 3).tolist() == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]
    assert torch.equal(rules.packed(x, 1), x)


def test_instance_noise_falls_evenly_and_stays_gone():
    done = torch.tensor([0, 25, 100, 300])
    assert rules.noise_share(done, 100).tolist() == [1.0, 0.75, 0.0, 0.0]


def test_unrolling_is_gradient_descent_and_its_gradient_passes_a_numerical_check():
    """Of G's parameter g and D's d: f = ½d²g - d sin(g), so that d' = d - η (d g - sin g) and so on."""

    def loss_of(g):
        return lambda theta: 0.5 * theta["d"] ** 2 * g - theta["d"] * torch.sin(g)

    def last(g, steps):
        start = {"d": torch.tensor(0.7, dtype=torch.float64)}
        return rules.unrolled(loss_of(g), start, steps, 0.3)["d"]

    g = torch.tensor(0.9, dtype=torch.float64, requires_grad=True)
    one = 0.7 - 0.3 * (0.7 * 0.9 - math.sin(0.9))
    assert last(g, 1).item() == pytest.approx(one, rel=1e-12)
    assert last(g, 2).item() == pytest.approx(one - 0.3 * (one * 0.9 - math.sin(0.9)), rel=1e-12)
    (slope,) = torch.autograd.grad(last(g, 1), g)
    assert slope.item() == pytest.approx(-0.3 * (0.7 - math.cos(0.9)), rel=1e-12)
    assert torch.autograd.gradcheck(lambda value: last(value, 4), g)


def test_a_spectral_layer_has_the_largest_singular_value_one():
    torch.manual_seed(0)
    layer = SpectralLinear(7, 5)
    layer.sharpen(500)
    values = torch.linalg.svdvals(layer.normalised())
    assert values[0].item() == pytest.approx(1, abs=1e-5)
    ratios = values / torch.linalg.svdvals(layer.weight)
    assert torch.allclose(ratios, ratios[0].expand(5), atol=1e-5)


def test_a_spectral_layer_learns_through_the_weight_and_its_norm():
    torch.manual_seed(0)
    layer, x = SpectralLinear(4, 3).double().eval(), torch.randn(2, 4).double()
    weight = layer.weight.detach().clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda w: functional_call(layer, {"weight": w}, (x,)), weight)


def test_a_spectral_layer_sharpens_in_training_and_never_in_evaluation():
    layer, x = SpectralLinear(7, 5), torch.randn(3, 7)
    before = layer.u.clone()
    layer.eval()(x)
    assert torch.equal(layer.u, before)
    layer.train()
    first, second = layer(x), layer(2 * x)
    assert not torch.equal(layer.u, before)
    # Both uses can be differentiated, though the second moved the vectors on.
    (first.sum() + second.sum()).backward()
    assert layer.weight.grad.abs().sum() > 0


def test_minibatch_discrimination_is_the_formula_within_each_group():
    torch.manual_seed(0)
    layer = MinibatchDiscrimination(3, kernels=2, width=4)
    x = torch.randn(5, 3)
    found = layer(x)
    assert torch.equal(found[:, :3], x)
    m = layer.project(x).detach().view(5, 4, 2)
    for i in range(5):
        for b in range(2):
            near = [math.exp(-(m[i, :, b] - m[j, :, b]).abs().sum()) for j in range(5) if j != i]
            assert found[i, 3 + b].item() == pytest.approx(sum(near) / 4, rel=1e-4)
    same = layer(torch.ones(200, 3))
    assert torch.allclose(same[:, 3:], torch.ones(200, 2))
    assert torch.allclose(layer(torch.ones(1, 3))[:, 3:], torch.zeros(1, 2))


def test_minibatch_deviation_says_how_much_a_batch_varies():
    x = torch.tensor([[0.0, 5.0], [2.0, 5.0]])
    assert torch.allclose(MinibatchDeviation()(x)[:, 2], torch.full((2,), 0.5), atol=1e-3)


def test_the_store_fills_and_then_forgets_at_random():
    torch.manual_seed(0)
    store = Replay(4, (2,))
    batch = torch.ones(32, 2)
    mixed, _ = store.mixed(batch, None, 1.0)
    assert torch.equal(mixed, batch)  # nothing is held yet
    for value in (1.0, 2.0, 3.0):
        store.keep(torch.full((32, 2), value), torch.full((32,), int(value)))
    assert store.count == 6
    assert set(store.store[:, 0].tolist()) <= {1.0, 2.0, 3.0}
    assert 3.0 in store.store
    mixed, y = store.mixed(torch.full((500, 2), 9.0), torch.full((500,), 9), 0.5)
    assert torch.equal(mixed[:, 0], y.float())
    assert (y == 9).float().mean().item() == pytest.approx(0.5, abs=0.1)
    assert torch.equal(store.mixed(batch, None, 0.0)[0], batch)


def test_an_average_follows_its_network_by_its_decay():
    network = nn.Linear(2, 1)
    average = Averaged(network, 0.5)
    x = torch.randn(4, 2)
    assert torch.equal(average.through(network, x), network(x))
    start = network.weight.detach().clone()
    with torch.no_grad():
        network.weight += 1
    average.update()
    # The first decay is (1 + 1) / (10 + 1), less than a half.
    assert torch.allclose(average.weights()["weight"], start + 9 / 11)
    for _ in range(50):
        average.update()
    assert torch.allclose(average.through(network, x), network(x), atol=1e-5)
    with torch.no_grad():
        network.weight += 1
    average.update()  # from now on it forgets half of the past
    assert torch.allclose(
        network.weight - average.weights()["weight"], torch.tensor(0.5), atol=1e-5
    )
    assert {name for name, _ in average.named_parameters()} == set()

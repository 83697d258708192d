"""How real D takes a place for, where it sends G, and what a turn comes by."""

import math

import pytest
import torch

from core.models import adversarial as rules
from core.models.adversarial_layers import MinibatchDeviation, MinibatchDiscrimination
from core.models.base import Batch
from tests.core.models.gans import batch, gan, trainer_of

VERDICTS = torch.tensor([-3.0, -1.0, -0.2, 0.0, 0.2, 1.0, 3.0])


def looked_at(**config):
    model = gan(**config)
    model.eval()
    return model


def generated(n: int = 24) -> Batch:
    x = torch.randn(n, 2, generator=torch.Generator().manual_seed(5))
    return Batch(x, torch.arange(n) % 8)


def test_realness_is_the_share_of_real_ones_where_d_is_at_its_best():
    """p = 3q: the logistic loss is least at v = ln 3, least squares at (p - q) / (p + q)."""
    logistic = rules.realness(torch.tensor([math.log(3)]), "logistic")
    squares = rules.realness(torch.tensor([0.5]), "least_squares")
    assert logistic.item() == pytest.approx(0.75)
    assert squares.item() == pytest.approx(0.75)


@pytest.mark.parametrize(
    "kind", ["logistic", "least_squares", "hinge", "wasserstein", "relativistic"]
)
def test_realness_rises_with_the_verdict_and_is_half_in_the_middle(kind):
    real, fake = torch.tensor([1.0, 3.0]), torch.tensor([-3.0, -1.0])
    found = rules.realness(VERDICTS, kind, real, fake)
    assert (found.diff() >= 0).all()
    assert (found.diff()[1:-1] > 0).all()
    assert found[3].item() == pytest.approx(0.5)
    assert found.min() >= 0
    assert found.max() <= 1


def test_a_critic_s_realness_knows_neither_zero_nor_unit():
    real, fake = torch.tensor([1.0, 3.0]), torch.tensor([-2.0, 0.0])
    one = rules.realness(VERDICTS, "wasserstein", real, fake)
    other = rules.realness(7 * VERDICTS - 40, "wasserstein", 7 * real - 40, 7 * fake - 40)
    assert torch.allclose(one, other, atol=1e-5)
    assert not torch.allclose(rules.realness(VERDICTS, "wasserstein", 7 * real, fake), one)


def test_a_plain_d_is_asked_for_each_place_by_itself():
    model, places = looked_at(instance_noise=2.0), batch(9).x
    found = model.realness(places, batch(), generated())
    clean = model.discriminator(places).squeeze(1).sigmoid()
    assert torch.allclose(found, clean)
    assert torch.allclose(model.realness(places[:1], batch(), generated(8)), clean[:1])


@pytest.mark.parametrize(
    "config",
    [
        {"packing": 3},
        {"minibatch": "discrimination"},
        {"minibatch": "deviation", "packing": 2},
        {"packing": 2, "conditional": True},
    ],
)
def test_a_place_is_judged_among_generated_ones_whatever_other_places_are_asked_for(config):
    model, places = looked_at(**config), batch(9).x
    together = model.realness(places, batch(), generated())
    alone = torch.cat([model.realness(x[None], batch(), generated()) for x in places])
    assert torch.allclose(together, alone, atol=1e-6)
    moved = Batch(generated().x + 3, generated().y)
    assert not torch.allclose(model.realness(places, batch(), moved), together, atol=1e-4)


def test_a_layer_that_compares_sees_one_example_among_the_others():
    torch.manual_seed(0)
    x, others = torch.randn(5, 6), torch.randn(63, 6)
    layer = MinibatchDiscrimination(6)
    one_by_one = torch.stack([layer(torch.cat([row[None], others]))[0] for row in x])
    assert torch.allclose(layer.among(x, others), one_by_one, atol=1e-6)
    spread = others.var(0, correction=0).sqrt().mean().item()
    assert MinibatchDeviation().among(x, others)[:, -1].tolist() == pytest.approx([spread] * 5)


def test_a_conditional_d_is_asked_for_every_class():
    model, places = looked_at(conditional=True), batch(9).x
    classes = [torch.full((9,), k) for k in range(8)]
    best = torch.stack([model.judge(places, y) for y in classes]).amax(0).sigmoid()
    assert torch.allclose(model.realness(places, batch(), generated()), best, atol=1e-6)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"generator_loss": "minimax"},
        {"discriminator_loss": "wasserstein", "generator_loss": "wasserstein"},
        {"discriminator_loss": "relativistic", "generator_loss": "relativistic"},
        {"packing": 3},
        {"minibatch": "discrimination"},
        {"minibatch": "deviation"},
        {"conditional": True},
        {"instance_noise": 0.3},
        {"unrolled_steps": 2, "unrolled_rate": 0.5, "r1": 0.1},
    ],
    ids=str,
)
def test_the_push_is_the_slope_of_what_g_minimises(config):
    """Against central differences of the loss, in double precision."""
    model = looked_at(activation="tanh", **config).double()
    real, fake = batch(), generated()
    real, fake = Batch(real.x.double(), fake.y), Batch(fake.x.double(), fake.y)
    for parameter in model.parameters():
        parameter.requires_grad = False  # as in D's turn or G's

    def loss(x):
        torch.manual_seed(2)
        return model.missed(x, real, ahead=True).item()

    torch.manual_seed(2)
    with torch.no_grad():
        push = model.push(fake, real)
    assert push.shape == (24, 2)
    for row, column in ((0, 0), (7, 1), (23, 0)):
        step = torch.zeros_like(fake.x)
        step[row, column] = 1e-5
        slope = (loss(fake.x + step) - loss(fake.x - step)) / 2e-5
        verdicts = 24 / config.get("packing", 1)
        assert push[row, column].item() == pytest.approx(-verdicts * slope, rel=1e-4, abs=1e-7)


def test_looking_ahead_changes_the_push_and_no_weight():
    ahead, plain = looked_at(unrolled_steps=5, unrolled_rate=0.5), looked_at()
    before = {name: value.clone() for name, value in ahead.state_dict().items()}
    assert not torch.allclose(ahead.push(generated(), batch()), plain.push(generated(), batch()))
    assert all(torch.equal(value, before[name]) for name, value in ahead.state_dict().items())
    assert all(parameter.grad is None for parameter in ahead.parameters())


@pytest.mark.parametrize("phase", ["D", "G"])
@pytest.mark.parametrize("config", [{}, {"replay": 64}, {"packing": 2, "instance_noise": 0.1}])
def test_a_rehearsal_draws_the_noise_of_the_turn_itself(phase, config):
    trainer = trainer_of(until=3, **config)
    given = trainer.feed.batch(trainer.feed.split("train", 32), training=True)
    with trainer.looking(None) as model:
        found = model.rehearse(phase, given)
    drawn = []
    own = trainer.model.noise
    trainer.model.noise = lambda *args: drawn.append(own(*args)) or drawn[-1]
    trainer.single(phase)
    del trainer.model.noise
    assert torch.equal(found["sample noise"]["z"], drawn[0])
    assert found["generate"]["x"].shape == (32, 2)
    assert set(found["judge"]) == {"judged"} | ({"real", "judged_real"} if phase == "D" else set())


def test_the_prior_s_quantiles_are_where_its_draws_lie():
    shares = torch.tensor([0.1, 0.5, 0.9])
    for prior in ("gaussian", "uniform"):
        model = looked_at(prior=prior)
        z = model.noise(20_000, torch.Generator().manual_seed(0))
        found = [(z < q).float().mean().item() for q in model.quantile(shares)]
        assert found == pytest.approx(shares.tolist(), abs=0.01)
    assert looked_at(prior="uniform").quantile(torch.tensor([0.0, 1.0])).tolist() == [-1, 1]

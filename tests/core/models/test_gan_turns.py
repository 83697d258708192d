"""What each setting of a GAN does to D's turn and to G's."""

import copy

import pytest
import torch

from core.errors import BadInput
from core.models.base import Batch
from core.models.chains import evaluated
from tests.core.models.gans import batch, gan, trainer_of, turn


def test_unrolled_gradients_differ_from_plain_ones_and_match_a_numerical_check():
    """The slope of G's last bias against differences of the loss, with the same noise at each place."""
    given = batch()
    slopes = {}
    for steps in (0, 3):
        model = gan(unrolled_steps=steps, unrolled_rate=0.5, activation="tanh").double()
        given = Batch(given.x.double(), given.y)
        bias = model.generator[-1].bias

        def loss(model=model, given=given) -> torch.Tensor:
            torch.manual_seed(1)
            default = torch.get_default_dtype()
            torch.set_default_dtype(torch.float64)
            try:
                return model.generator_losses(given)["loss"]
            finally:
                torch.set_default_dtype(default)

        (found,) = torch.autograd.grad(loss(), bias)
        for i in range(2):
            sides = []
            for shift in (1e-5, -1e-5):
                with torch.no_grad():
                    bias[i] += shift
                sides.append(loss().item())
                with torch.no_grad():
                    bias[i] -= shift
            assert found[i].item() == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=1e-5)
        slopes[steps] = found
    assert (slopes[0] - slopes[3]).abs().max() > 0.05 * slopes[0].abs().max()


def test_g_looks_as_many_updates_ahead_as_it_says():
    model, given = gan(unrolled_steps=2, unrolled_rate=0.3), batch()
    found = turn(model, "G", given)["loss"]
    by_hand = copy.deepcopy(model)
    by_hand.config.unrolled_steps = 0
    torch.manual_seed(1)
    fake = model.generate(model.noise(24)).detach()
    descent = torch.optim.SGD(by_hand.discriminator.parameters(), lr=0.3)
    for _ in range(2):
        descent.zero_grad()
        by_hand.objective(given.x, fake, None, None)[0].backward()
        descent.step()
    assert found.item() == pytest.approx(turn(by_hand, "G", given)["loss"].item(), rel=1e-5)


def test_unrolling_leaves_d_as_it_is_and_plays_no_part_in_evaluation():
    model = gan(unrolled_steps=2)
    before = {n: p.clone() for n, p in model.discriminator.named_parameters()}
    turn(model, "G", batch())["loss"].backward()
    assert all(torch.equal(p, before[n]) for n, p in model.discriminator.named_parameters())
    seen = turn(model.eval(), "G", batch())["loss"]
    assert torch.equal(seen, turn(gan().eval(), "G", batch())["loss"])


def test_penalties_are_what_they_are_for_a_known_d():
    """D(x) = 3x - 4y: a slope of length 5 everywhere, in training and where gradients are off."""
    for settings, penalty in (
        ({"r1": 2.0}, 25.0),
        ({"r1": 2.0, "r2": 1.0}, 37.5),
        ({"gradient_penalty": 10.0}, 160.0),
        ({"r1": 2.0, "packing": 2}, 50.0),
    ):
        model = gan(activation="relu", **settings)
        first, last = model.discriminator[1], model.discriminator[3]
        with torch.no_grad():
            for parameter in model.discriminator.parameters():
                parameter.zero_()
            first.weight[0] = torch.tensor([3.0, -4.0]).repeat(settings.get("packing", 1))
            first.bias[0] = 1000.0  # the bend is far away
            last.weight[0, 0] = 1.0
        found = []
        for grad in (True, False):
            with torch.set_grad_enabled(grad):
                found.append(turn(model, "D", batch()))
            assert found[-1]["penalty"].item() == pytest.approx(penalty, rel=1e-4)
        for name in ("r1", "r2", "gradient_penalty"):
            setattr(model.config, name, 0.0)
        plain = turn(model, "D", batch())["loss"]
        for terms in found:
            assert (terms["loss"] - plain).item() == pytest.approx(penalty, rel=1e-3)


def test_d_sees_real_and_generated_at_one_go_only_where_that_changes_nothing():
    for settings in (
        {},
        {"packing": 2},
        {"conditional": True},
        {"packing": 3, "conditional": True},
    ):
        model, given = gan(**settings), batch(24)
        seen, other = model.seen(given.x), model.seen(torch.randn(24, 2))
        y = model.fitting(given.y)
        one = model.both(seen, other, y, y)
        model.together = False
        for a, b in zip(one, model.both(seen, other, y, y), strict=True):
            assert torch.allclose(a, b, atol=1e-6)
    assert not gan(minibatch="deviation").together
    assert not gan(batch_norm="both").together
    assert gan(batch_norm="generator").together


def test_packs_are_judged_whole_and_rows_left_over_are_not():
    model = gan(packing=3)
    x = batch(11).x
    assert model.judge(x).shape == (3,)
    changed = x.clone()
    changed[1] += 5
    moved = model.judge(x) != model.judge(changed)
    assert moved.tolist() == [True, False, False]
    assert model.judge(x[:2]).shape == (1,)
    assert turn(model, "D", Batch(x[:2]))["loss"].isfinite()


def test_a_conditional_gan_heeds_the_class_in_both_networks():
    model, given = gan(conditional=True), batch()
    z = torch.zeros(24, 2)
    drawn = model.decode(z, given.y)
    assert torch.equal(drawn[0], drawn[8])
    assert not torch.allclose(drawn[0], drawn[1], atol=1e-5)
    ones = torch.ones_like(given.y)
    assert not torch.allclose(model.judge(given.x, given.y)[:1], model.judge(given.x, ones)[:1])
    wanted = model.sample(6, torch.Generator().manual_seed(0), torch.full((6,), 3))
    assert not torch.equal(wanted, model.sample(6, torch.Generator().manual_seed(0)))


def test_d_is_shown_what_the_store_holds_and_the_store_gets_what_is_new(monkeypatch):
    model, shown = gan(replay=64, replay_share=1.0), []
    model.replay.store.fill_(7.0)
    model.replay.count.fill_(64)
    own = model.seen
    monkeypatch.setattr(model, "seen", lambda x: shown.append(x) or own(x))
    turn(model, "D", batch())
    real, fake = shown
    assert torch.equal(real, batch().x)
    assert (fake == 7).all()
    assert (model.replay.store != 7).all(1).sum() == 1
    turn(model.eval(), "D", batch())
    assert not (shown[-1] == 7).any()
    assert model.replay.count == 65


@pytest.mark.parametrize(
    ("held", "moves"), [("discriminator", "generator"), ("generator", "discriminator")]
)
def test_each_network_has_its_own_rate(held, moves):
    start, trained = (
        gan(),
        trainer_of(
            until=3, generator_sizes=[16], discriminator_sizes=[16], **{f"{held}_rate": 0.0}
        ).model,
    )
    for name, value in trained.named_parameters():
        assert torch.equal(value, start.get_parameter(name)) == name.startswith(held), name


def test_clipped_weights_stay_within_their_bound():
    trainer = trainer_of(until=5, discriminator_loss="wasserstein", weight_clip=0.02)
    largest = max(p.abs().max().item() for p in trainer.model.discriminator.parameters())
    assert largest <= 0.02
    trainer.set({"weight_clip": 0.0})
    trainer.single("D")
    assert max(p.abs().max().item() for p in trainer.model.discriminator.parameters()) > 0.02


def test_every_layer_of_a_spectral_d_stretches_by_one_from_the_first_use_on():
    model = gan(spectral_norm=True, discriminator_sizes=[16, 8])
    layers = [layer for layer in model.discriminator if isinstance(layer, torch.nn.Linear)]
    assert len(layers) == 3
    for layer in layers:
        assert torch.linalg.svdvals(layer.normalised())[0].item() == pytest.approx(1, abs=0.05)
    assert not any(hasattr(layer, "normalised") for layer in model.generator)


def test_instance_noise_fades_with_the_updates_of_d():
    trainer = trainer_of(
        until=5, instance_noise=1.0, instance_noise_steps=10, discriminator_updates=2
    )
    model = trainer.model
    assert model.turns == 10
    x = torch.zeros(4, 2)
    assert torch.equal(model.seen(x), x)
    model.turns.fill_(5)
    far = torch.zeros(20_000, 2)
    assert model.seen(far).std().item() == pytest.approx(0.5, rel=0.02)


def test_samples_come_from_the_averaged_weights_and_training_does_not():
    trainer = trainer_of(until=20, average=0.99, learning_rate=0.01)
    model = trainer.model
    z = torch.randn(5, 2)
    assert not torch.allclose(model.decode(z), model.generate(z), atol=1e-3)
    assert model.average.count == 20
    assert torch.equal(
        trainer_of(until=20, learning_rate=0.01).model.generate(z), model.generate(z)
    )


@pytest.mark.parametrize("settings", [{}, {"average": 0.99}, {"conditional": True}])
def test_the_generator_is_given_away_as_dense_layers(settings):
    model = trainer_of(until=5, **settings).model
    z = torch.randn(5, 2)
    y = torch.arange(5) if settings.get("conditional") else None
    layers = model.dense_decoder()
    assert layers
    given = model.beside(z, y)
    assert torch.allclose(evaluated(layers, given), model.decode(z, y), atol=1e-5)
    assert gan(batch_norm="generator").dense_decoder() == []


def test_losses_and_penalties_may_change_while_it_trains():
    trainer = trainer_of(until=3, packing=2)
    for name, value in (
        ("generator_loss", "wasserstein"),
        ("discriminator_loss", "hinge"),
        ("r1", 1.0),
        ("unrolled_steps", 2),
        ("discriminator_rate", 0.1),
        ("instance_noise", 0.3),
    ):
        trainer.set({name: value})
    trainer.single("D")
    trainer.single("G")
    with pytest.raises(BadInput) as refused:
        trainer.set({"label_smoothing": 0.1})
    assert set(refused.value.fields) == {"label_smoothing"}
    with pytest.raises(BadInput):
        trainer.set({"packing": 3})

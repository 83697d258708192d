"""L1, KL and the contractive term: each against its definition, and against what it is for."""

import math

import pytest
import torch

from core.models import blocks
from core.models.base import Batch
from tests.core.models.dense import ACTIVATIONS, images, model_of, trained


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", [[7], [9, 4], [11, 9, 4]])
def test_the_contractive_term_is_the_jacobian_of_the_whole_encoder(activation, sizes) -> None:
    model = model_of(
        encoder_sizes=sizes, activation=activation, code_activation="sigmoid", contractive=1.0
    )
    model = model.double().eval()
    x = images().x.double()
    each = torch.stack(
        [torch.autograd.functional.jacobian(model.encoder, one[None]).square().sum() for one in x]
    )
    assert torch.allclose(model.losses(Batch(x))["contractive"], each.mean(), rtol=1e-5)


def test_the_contractive_term_of_a_linear_encoder_is_one_for_all() -> None:
    model = model_of(encoder_sizes=[5, 3], activation="linear", contractive=1.0)
    product = model.encoder[2].weight @ model.encoder[1].weight
    found = model.losses(images())["contractive"]
    assert torch.allclose(found, product.square().sum(), rtol=1e-5)


@pytest.mark.parametrize("activation", ["tanh", "gelu", "selu"])
def test_the_contractive_term_can_be_descended(activation) -> None:
    """Its gradient agrees with differences, through every layer's weight, also in eval mode's absence of gradients."""
    model = model_of(encoder_sizes=[6, 3], activation=activation, contractive=1.0).double()
    batch = Batch(images().x.double())
    for weight in (model.encoder[1].weight, model.encoder[3].weight):
        model.zero_grad()
        model.losses(batch)["contractive"].backward()
        direction = torch.randn_like(weight)
        slope = (weight.grad * direction).sum()
        ends = []
        for sign in (1, -1):
            with torch.no_grad():
                weight += sign * 1e-5 * direction
                ends.append(model.losses(batch)["contractive"])
                weight -= sign * 1e-5 * direction
        assert slope.item() == pytest.approx((ends[0] - ends[1]).item() / 2e-5, rel=1e-4)


def test_kl_of_known_activities() -> None:
    z = torch.tensor([[0.1, 0.9], [0.1, 0.1]])  # mean activities 0.1 and 0.5
    far = 0.1 * math.log(0.1 / 0.5) + 0.9 * math.log(0.9 / 0.5)
    assert blocks.kl_to_activity(z, 0.1).item() == pytest.approx(far, rel=1e-5)
    assert torch.isfinite(blocks.kl_to_activity(torch.tensor([[0.0, 1.0]]), 0.1))


def test_l1_is_the_sum_over_the_code_and_the_mean_over_the_batch() -> None:
    model = model_of(l1=0.5)
    batch = images()
    by_hand = model.encode(batch.x).mean.abs().sum() / len(batch.x)
    assert torch.allclose(model.losses(batch)["l1"], by_hand)


def test_penalties_add_their_weight_times_themselves_and_are_off_at_zero() -> None:
    settings = {"encoder_sizes": [12], "code_activation": "sigmoid"}
    plain = model_of(**settings).losses(images())
    assert set(plain) == {"loss", "reconstruction_sum", "reconstruction_mean"}
    weights = {"l1": 0.01, "kl_sparsity": 0.2, "contractive": 0.3}
    terms = model_of(**settings, **weights).losses(images())
    assert set(terms) == {*plain, *weights}
    expected = plain["loss"] + sum(weight * terms[name] for name, weight in weights.items())
    assert terms["loss"].item() == pytest.approx(expected.item(), rel=1e-5)


def test_penalties_do_what_they_are_for() -> None:
    code = {"encoder_sizes": [40], "code_activation": "sigmoid", "steps": 300}
    codes = {}
    for name, more in (("plain", {}), ("l1", {"l1": 0.01}), ("kl", {"kl_sparsity": 0.5})):
        trainer = trained(**code, **more)
        with trainer.looking() as model:
            batch = trainer.feed.batch(trainer.feed.split("test"))
            codes[name] = model.encode(batch.x).mean
    assert codes["l1"].mean() < 0.3 * codes["plain"].mean()
    assert codes["kl"].mean(0).sub(0.1).abs().mean() < 0.05
    assert codes["plain"].mean(0).sub(0.1).abs().mean() > 0.2


def test_a_penalty_may_be_turned_on_while_it_trains() -> None:
    trainer = trained(until=5)
    trainer.set({"contractive": 0.1})
    for _ in trainer.events():
        pass
    found = {s.name: s.step for s in reversed(trainer.drain())}
    assert found["train/contractive"] == 6
    assert found["validation/contractive"] == 40

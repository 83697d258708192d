"""Optimisers and learning rates by hand."""

import math

import pytest
import torch

from core.training.config import TrainConfig
from core.training.schedules import make_optimizer, rate_factor, take_step


def test_sgd_with_nesterov_matches_torch_by_hand() -> None:
    config = TrainConfig(optimizer="sgd", learning_rate=0.1, momentum=0.9, nesterov=True)
    weight = torch.nn.Parameter(torch.tensor([1.0]))
    optimizer = make_optimizer(config, [weight])
    expected, velocity = 1.0, 0.0
    for _ in range(5):
        weight.grad = 2 * weight.detach()
        gradient = 2 * expected
        velocity = 0.9 * velocity + gradient
        expected -= 0.1 * (gradient + 0.9 * velocity)
        optimizer.step()
    assert weight.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("epsilon", [1e-7, 0.5])
def test_epsilon_and_rho_are_where_the_rules_have_them(epsilon: float) -> None:
    """The first step of RMSprop is g / (√((1 - ρ) g²) + ε) of the rate, Adam's g / (|g| + ε)."""
    gradient = 0.3
    first = {
        "rmsprop": gradient / (math.sqrt(0.1 * gradient**2) + epsilon),
        "adam": gradient / (gradient + epsilon),
        "adamw": gradient / (gradient + epsilon),
    }
    for name, expected in first.items():
        config = TrainConfig(optimizer=name, learning_rate=0.01, epsilon=epsilon, rho=0.9)
        weight = torch.nn.Parameter(torch.tensor([1.0]))
        optimizer = make_optimizer(config, [weight])
        weight.grad = torch.tensor([gradient])
        optimizer.step()
        assert 1 - weight.item() == pytest.approx(0.01 * expected, rel=1e-4)
    nadam = make_optimizer(TrainConfig(optimizer="nadam", epsilon=epsilon), [weight])
    assert nadam.param_groups[0]["eps"] == epsilon


def test_unless_told_otherwise_the_rules_are_torchs_own() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    for name, rule in (("adam", torch.optim.Adam), ("rmsprop", torch.optim.RMSprop)):
        ours = make_optimizer(TrainConfig(optimizer=name), [weight]).param_groups[0]
        torchs = rule([weight], lr=1e-3).param_groups[0]
        for key in ("eps", "betas", "alpha", "momentum", "weight_decay"):
            assert ours.get(key) == torchs.get(key)


@pytest.mark.parametrize("name", ["adam", "adamw", "nadam", "sgd", "rmsprop"])
def test_a_step_is_torchs_own_to_the_bit(name: str) -> None:
    """Whatever the optimiser remembers, with a parameter that gets a gradient late, and none in between."""
    config = TrainConfig(optimizer=name, weight_decay=0.01, beta1=0.5, epsilon=1e-6)
    first, second = (
        [torch.nn.Parameter(torch.linspace(-1, 1, n)) for n in (3, 64, 1000)] for _ in range(2)
    )
    ours, torchs = make_optimizer(config, first), make_optimizer(config, second)
    for step in range(8):
        for own, other in zip(first, second, strict=True):
            learns = len(own) != 64 or step not in (0, 1, 5)
            own.grad = torch.sin(own.detach() * (step + 1)) if learns else None
            other.grad = None if own.grad is None else own.grad.clone()
        for group in (*ours.param_groups, *torchs.param_groups):
            group["lr"] = 0.1 / (step + 1)
        take_step(ours)
        torchs.step()
        assert all(p.grad is None for p in first)
        assert all(torch.equal(*pair) for pair in zip(first, second, strict=True))
    left, right = ours.state_dict()["state"], torchs.state_dict()["state"]
    assert left.keys() == right.keys()
    for i, values in left.items():
        assert all(
            torch.equal(torch.as_tensor(v), right[i][k]) for k, v in values.items() if v is not None
        )


@pytest.mark.parametrize(
    ("schedule", "middle", "end"),
    [
        ("constant", 1, 1),
        ("linear", 0.55, 0.1),
        ("cosine", 0.55, 0.1),
        ("exponential", 10**-0.5, 0.1),
    ],
)
def test_schedules_at_their_ends(schedule: str, middle: float, end: float) -> None:
    config = TrainConfig(schedule=schedule, schedule_final=0.1, warmup_steps=10)
    assert rate_factor(config, 0, 110) == pytest.approx(0.1)  # the first of ten steps of warm-up
    assert rate_factor(config, 10, 110) == pytest.approx(1)
    assert rate_factor(config, 60, 110) == pytest.approx(middle)
    assert rate_factor(config, 110, 110) == pytest.approx(end)

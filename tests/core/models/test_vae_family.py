"""The VAE's relatives: each setting against what it must do, exactly where there is an exact answer."""

import math

import pytest
import torch

from core import datasets, models
from core.errors import BadInput
from core.models.base import Batch, DataSpec, Model, build, summary
from core.models.vae_parts import beta_share, kl_to_unit_gaussian, noise
from core.training.specs import resolve
from core.training.trainer import Trainer

IMAGES = DataSpec((1, 8, 8), "images", 10)
POINTS = DataSpec((2,), "points", 2)


def vae(spec: DataSpec = IMAGES, **config) -> Model:
    return build(models.get("vae"), {"encoder_sizes": [16], **config}, spec, 0)


def batch(n: int = 40, spec: DataSpec = IMAGES) -> Batch:
    generator = torch.Generator().manual_seed(3)
    x = torch.bernoulli(torch.full((n, *spec.shape), 0.3), generator=generator)
    return Batch(x, torch.arange(n) % spec.classes)


def losses(model: Model, given: Batch, seed: int = 5) -> dict[str, float]:
    torch.manual_seed(seed)
    return {name: value.item() for name, value in model.losses(given).items()}


def trainer_of(until: int = 10**9, **settings) -> Trainer:
    spec = resolve("vae", "digits", {"encoder_sizes": [16], "batch_size": 64, **settings})
    trainer = Trainer(spec, datasets.load("digits", spec.data))
    advance(trainer, until)
    return trainer


def advance(trainer: Trainer, until: int) -> None:
    for event in trainer.events():
        if event.kind == "step" and event.step == until:
            break


# -- the bound ---------------------------------------------------------------------------------------------------------


def test_the_kl_of_a_model_is_what_its_own_draws_estimate() -> None:
    model, given = vae(latent_dim=4), batch(3)
    code = model.encode(given.x)
    torch.manual_seed(0)
    with torch.no_grad():
        _, log_ratio = model.weighed(given.x.flatten(1), code, None, noise(code, 200_000))
    exact = kl_to_unit_gaussian(code.mean, code.log_var).sum(1)
    assert torch.allclose(-log_ratio.mean(1), exact, atol=0.02)


def test_one_importance_sample_is_the_elbo_and_more_are_tighter() -> None:
    """L₁ = ELBO ≤ L₅ ≤ L₅₀ (Burda et al. 2016, theorem 1), each a mean over many draws."""
    model, given = vae(latent_dim=4).eval(), batch(30)
    x, code = given.x.flatten(1), model.encode(given.x)
    with torch.no_grad():
        # A decoder that heeds z, so that the draws differ.
        model.decoder[-1].weight.mul_(4)
    means = {}
    torch.manual_seed(1)
    with torch.no_grad():
        elbo = model.log_prob(given.x.repeat(4000, 1, 1, 1)).nats.mean()
        for k, draws in ((1, 4000), (5, 400), (50, 100)):
            error, log_ratio = model.weighed(x, code, None, noise(code, draws * k))
            groups = (log_ratio - error).view(len(x), draws, k)
            means[k] = (torch.logsumexp(groups, 2) - math.log(k)).mean().item()
    assert means[1] == pytest.approx(elbo.item(), abs=0.1)
    assert means[1] + 0.5 < means[5]
    assert means[5] + 0.2 < means[50]


def test_an_importance_weighted_loss_is_minus_that_bound_and_has_its_slope() -> None:
    """The value exactly, of the same draws; the gradient, of one draw in k, on average."""
    model, given = vae(importance_samples=5), batch(20)
    found = losses(model, given)
    torch.manual_seed(5)
    nats = model.log_prob(given.x, samples=5).nats
    assert found["loss"] == pytest.approx(-nats.mean().item(), rel=1e-5)
    assert found["loss"] < found["reconstruction_sum"] + found["kl"]
    bias, slopes = model.encoder[-1].bias, []
    many = Batch(given.x.repeat(2000, 1, 1, 1))
    for loss in (
        lambda: model.losses(many)["loss"],
        lambda: -model.log_prob(many.x, samples=5).nats.mean(),
    ):
        torch.manual_seed(1)
        slopes.append(torch.autograd.grad(loss(), bias)[0])
    assert torch.allclose(*slopes, atol=0.06 * slopes[1].abs().max().item())


def test_weights_that_broke_break_the_loss_and_nothing_else() -> None:
    model, given = vae(importance_samples=5), batch(4)
    with torch.no_grad():
        model.encoder[-1].bias.fill_(math.inf)
    assert math.isnan(losses(model, given)["loss"])


def test_the_objective_is_the_same_in_training_and_in_evaluation() -> None:
    for settings in ({}, {"free_bits": 0.3}, {"importance_samples": 3}, {"conditional": True}):
        model, given = vae(**settings), batch()
        assert losses(model.train(), given) == losses(model.eval(), given)


def test_free_bits_price_the_batch_mean_of_each_unit() -> None:
    model, given = vae(latent_dim=3, free_bits=0.5), batch()
    with torch.no_grad():
        # One unit that says nothing, one that says something to half of the examples, one that says much.
        model.encoder[-1].weight.zero_()
        model.encoder[-1].bias.copy_(torch.tensor([0.0, 0.8, 3.0, 0.0, 0.0, 0.0]))
    found = losses(model, given)
    assert found["kl"] == pytest.approx(0.32 + 4.5, rel=1e-5)
    assert found["loss"] - found["reconstruction_sum"] == pytest.approx(0.5 + 0.5 + 4.5, rel=1e-4)
    # What is free has no slope, what is not has the usual one.
    model.losses(given)["loss"].backward()
    free = vae(latent_dim=3, beta=0.0)
    free.load_state_dict(model.state_dict())
    torch.manual_seed(5)
    free.losses(given)["loss"].backward()
    model.zero_grad()
    torch.manual_seed(5)
    model.losses(given)["loss"].backward()
    priced = model.encoder[-1].bias.grad - free.encoder[-1].bias.grad
    assert torch.allclose(priced[:3], torch.tensor([0.0, 0.0, 3.0]), atol=1e-4)


# -- β over the steps --------------------------------------------------------------------------------------------------


def test_the_schedules_as_functions_of_the_step() -> None:
    steps = torch.tensor([0, 25, 50, 75, 100, 125, 150])
    assert beta_share("warm_up", steps, 100).tolist() == [0, 0.25, 0.5, 0.75, 1, 1, 1]
    assert beta_share("cyclic", steps, 100).tolist() == [0, 0.5, 1, 1, 0, 0.5, 1]
    assert beta_share("constant", steps, 100).tolist() == [1] * 7


def test_beta_follows_the_training_steps_and_nobody_who_looks_moves_it() -> None:
    settings = {
        "steps": 20,
        "beta": 2.0,
        "beta_schedule": "warm_up",
        "beta_steps": 10,
        "log_every": 1,
    }
    trainer = trainer_of(**settings)
    logged = {s.step: s.value for s in trainer.drain() if s.name == "train/beta"}
    # The step that follows s done takes β·s/10.
    assert [logged[s] for s in (1, 6, 11, 20)] == pytest.approx([0.0, 1.0, 2.0, 2.0])
    before = trainer.model.steps.clone()
    rows = trainer.feed.batch(trainer.feed.split("validation"))
    with trainer.looking() as model:
        model.losses(rows)
        summary(model)
    assert trainer.model.steps == before == 20


def test_a_schedule_goes_on_to_the_bit_after_a_resume() -> None:
    settings = {"steps": 30, "beta_schedule": "cyclic", "beta_steps": 12, "log_every": 1}
    whole, first = trainer_of(**settings), trainer_of(until=13, **settings)
    second = Trainer(first.spec, first.feed.data)
    second.load_state(*first.state())
    assert second.model.steps == 13
    advance(second, 10**9)
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name


# -- likelihoods -------------------------------------------------------------------------------------------------------


def test_a_learnt_variance_comes_to_the_mean_squared_error() -> None:
    """σ² = mean (x - x̂)² is where the Gaussian likelihood is greatest (Rybkin et al. 2021, eq. 4)."""
    model = vae(POINTS, variance="learnt", sigma=1.0)
    x, z = torch.randn(500, 2) * 0.3, torch.randn(500, 2)
    optimizer = torch.optim.Adam(model.spread.parameters(), lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        model.reconstruction_nats(x, z).mean().backward()
        optimizer.step()
    best = (x - model.decode(z)).square().mean().log().item()
    assert model.spread(x)[0, 0].item() == pytest.approx(best, abs=0.01)


def test_a_learnt_variance_begins_as_the_fixed_one_and_stays_finite() -> None:
    x, z = torch.randn(9, 2), torch.randn(9, 2)
    nats = [vae(POINTS, variance=v).reconstruction_nats(x, z) for v in ("fixed", "learnt")]
    assert torch.allclose(*nats, rtol=1e-2)
    model = vae(POINTS, variance="learnt")
    with torch.no_grad():
        model.spread.log_var.fill_(-1000.0)
    assert model.spread(x).exp().sqrt().min().item() == pytest.approx(math.exp(-6), rel=1e-3)


# -- classes and convolutions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [[], [4, 6]])
def test_a_conditional_model_heeds_the_class(channels: list[int]) -> None:
    model, given = vae(conditional=True, channels=channels), batch()
    assert model.conditional
    sevens = torch.full((40,), 7)
    assert not torch.equal(model.encode(given.x, sevens).mean, model.encode(given.x, given.y).mean)
    z = torch.zeros(40, 2)
    assert torch.equal(model.decode(z, sevens)[0], model.decode(z, sevens)[1])
    assert not torch.allclose(model.decode(z, sevens)[0], model.decode(z, given.y)[0], atol=1e-4)
    # Without a class the first layer sees the mean of all classes, as a weighted sum of its columns.
    first = model.decoder[0]
    mean = torch.stack([first(model.beside(z[:1], torch.tensor([k]))) for k in range(10)]).mean(0)
    assert torch.allclose(first(model.beside(z[:1], None)), mean, atol=1e-5)
    drawn = model.sample(6, torch.Generator().manual_seed(0), torch.full((6,), 3))
    assert not torch.equal(drawn, model.sample(6, torch.Generator().manual_seed(0)))
    assert model.reconstruct(given.x, None, given.y).shape == given.x.shape


def test_classes_help_a_small_code() -> None:
    """With one number left to say the rest, knowing the digit is worth some nats."""
    bounds = {}
    for conditional in (False, True):
        trainer = trainer_of(steps=400, latent_dim=1, binarise="fixed", conditional=conditional)
        rows = trainer.feed.batch(trainer.feed.split("test"))
        with trainer.looking() as model:
            bounds[conditional] = model.log_prob(rows.x, rows.y).nats.mean().item()
    assert bounds[True] > bounds[False] + 1


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 13, 9)])
def test_a_convolutional_vae_gives_back_any_size(shape: tuple[int, ...]) -> None:
    spec = DataSpec(shape, "images", 10)
    model = vae(spec, channels=[4, 6], latent_dim=3, importance_samples=2)
    x = torch.rand(5, *shape)
    assert model.reconstruct(x).shape == x.shape
    assert model.encode(x).log_var.shape == (5, 3)
    assert math.isfinite(losses(model, Batch(x))["loss"])
    rows = summary(model)
    assert sum(r["parameters"] for r in rows) == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(
    ("config", "spec", "field"),
    [
        ({"channels": [4]}, POINTS, "channels"),
        ({"channels": [4] * 4}, IMAGES, "channels"),
        ({"channels": [0]}, IMAGES, "channels"),
        ({"conditional": True}, DataSpec((2,), "points"), "conditional"),
        ({"variance": "learnt"}, IMAGES, "variance"),
        ({"free_bits": 1.0, "importance_samples": 2}, IMAGES, "free_bits"),
        ({"beta_schedule": "sometimes"}, IMAGES, "beta_schedule"),
    ],
)
def test_what_cannot_work_together_is_named(config: dict, spec: DataSpec, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        vae(spec, **config)
    assert list(refused.value.fields) == [field]


def test_plain_steps_come_before_the_weighed_draws() -> None:
    """One draw before, k after; and a resume in between goes on to the bit."""
    settings = {"steps": 12, "importance_samples": 4, "plain_steps": 6, "log_every": 1}
    whole, first = trainer_of(**settings), trainer_of(until=6, **settings)
    plain = trainer_of(until=6, steps=12)
    for name, value in plain.model.state_dict().items():
        assert torch.equal(value, first.model.state_dict()[name]), name
    second = Trainer(first.spec, first.feed.data)
    second.load_state(*first.state())
    advance(second, 10**9)
    logged = {(s.step, s.name): s.value for s in whole.drain()}
    for step in range(1, 13):
        parts = logged[step, "train/reconstruction_sum"] + logged[step, "train/kl"]
        assert (logged[step, "train/loss"] < parts - 0.01) == (step > 6)
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name

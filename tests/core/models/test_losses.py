"""Known answers: each loss against the formula, a library, or a Monte-Carlo estimate."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA as SklearnPCA

from core import datasets, models
from core.errors import BadInput
from core.models import blocks
from core.models.adversarial import discriminator_loss, generator_loss
from core.models.base import Batch, DataSpec, build
from core.models.vae import kl_to_unit_gaussian
from core.training.specs import resolve
from core.training.trainer import Trainer

IMAGES = DataSpec((1, 8, 8), "images", 10)
POINTS = DataSpec((2,), "points")


def test_kl_against_monte_carlo() -> None:
    mu, log_var = torch.tensor([[0.7, -1.2, 0.0]]), torch.tensor([[-1.0, 0.5, 0.0]])
    q = torch.distributions.Normal(mu, (0.5 * log_var).exp())
    p = torch.distributions.Normal(0.0, 1.0)
    torch.manual_seed(0)
    z = q.sample((400_000,))
    estimate = (q.log_prob(z) - p.log_prob(z)).mean(0)
    assert torch.allclose(kl_to_unit_gaussian(mu, log_var), estimate, atol=0.01)
    assert kl_to_unit_gaussian(mu, log_var)[0, 2] == 0


def test_cross_entropy_sums_over_the_example_and_squared_error_is_a_mean() -> None:
    torch.manual_seed(0)
    logits, x = torch.randn(5, 1, 4, 4), torch.rand(5, 1, 4, 4)
    p = torch.sigmoid(logits)
    by_hand = -(x * p.log() + (1 - x) * (1 - p).log()).sum((1, 2, 3))
    assert torch.allclose(blocks.cross_entropy(logits, x), by_hand, atol=1e-4)
    assert torch.allclose(
        blocks.squared_error("sigmoid", logits, x), ((p - x) ** 2).mean(), atol=1e-5
    )


@pytest.mark.parametrize("name", ["autoencoder", "vae", "conv_autoencoder", "pca"])
def test_reduction_changes_the_loss_but_not_what_is_logged(name: str) -> None:
    terms = {}
    for reduction in ("mean", "sum"):
        model = build(models.get(name), {"reduction": reduction}, IMAGES, 0)
        torch.manual_seed(1)
        terms[reduction] = model.losses(Batch(torch.rand(6, 1, 8, 8)))
        torch.manual_seed(1)
    for key in ("reconstruction_mean", "reconstruction_sum"):
        assert torch.allclose(terms["mean"][key], terms["sum"][key])
    assert terms["sum"]["loss"].item() == pytest.approx(64 * terms["mean"]["loss"].item(), rel=1e-5)
    ratio = terms["sum"]["reconstruction_sum"] / terms["sum"]["reconstruction_mean"]
    assert ratio.item() == pytest.approx(64)


def test_gaussian_likelihood_is_the_density() -> None:
    model = build(models.get("vae"), {"sigma": 0.3}, POINTS, 0)
    z, x = torch.randn(7, 2), torch.randn(7, 2)
    density = torch.distributions.Normal(model.decode(z), 0.3).log_prob(x).sum(1)
    assert torch.allclose(-model.reconstruction_nats(x, z), density, atol=1e-3)


def test_more_samples_tighten_the_bound() -> None:
    """ELBO ≤ E[ln p̂_k] ≤ ln p(x), rising in k (Burda et al. 2016, theorem 1)."""
    spec = resolve("vae", "points", {"n": 2000, "steps": 400, "sigma": 0.3})
    data = datasets.load("points", spec.data)
    trainer = Trainer(spec, data)
    for _ in trainer.events():
        pass
    with trainer.looking() as model:
        x = trainer.feed.batch(trainer.feed.split("test")).x
        values = [model.log_prob(x, samples=k).nats.mean().item() for k in (1, 5, 200)]
        kinds = [model.log_prob(x[:2], samples=k).kind for k in (1, 5)]
        # ln p(x) itself, by a fine sum over z, is what many samples approach.
        axis = torch.linspace(-5, 5, 201)
        z = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
        prior = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(1) + 2 * math.log(10 / 200)
        picked = x[:40]
        exact = torch.stack(
            [
                torch.logsumexp(prior - model.reconstruction_nats(one.expand(len(z), 2), z), 0)
                for one in picked
            ]
        )
        many = model.log_prob(picked, samples=3000).nats
    assert values[0] < values[1] < values[2]
    assert kinds == ["bound", "estimate"]
    assert torch.allclose(exact, many, atol=0.15)


def test_beta_weighs_only_the_kl() -> None:
    losses = {}
    for beta in (0.0, 1.0, 4.0):
        model = build(models.get("vae"), {"beta": beta}, IMAGES, 0)
        torch.manual_seed(5)
        losses[beta] = model.losses(Batch(torch.full((3, 1, 8, 8), 0.5)))
    kl = losses[1.0]["kl"].item()
    assert losses[0.0]["loss"].item() == pytest.approx(losses[1.0]["reconstruction_sum"].item())
    assert losses[4.0]["loss"].item() - losses[1.0]["loss"].item() == pytest.approx(
        3 * kl, rel=1e-3
    )


def test_closed_form_is_pca_and_the_gradient_finds_it() -> None:
    spec = resolve("pca", "plane3d", {"steps": 2500, "learning_rate": 0.01})
    data = datasets.load("plane3d", spec.data)
    trainer = Trainer(spec, data)
    train = data.x[data.splits["train"]]
    library = SklearnPCA(2).fit(train)
    overlap = np.abs(np.sum(trainer.model.components.numpy() * library.components_, axis=1))
    assert np.allclose(overlap, 1, atol=1e-4)
    assert np.allclose(trainer.model.variances.numpy(), library.explained_variance_, rtol=1e-3)
    before = trainer.model.metrics(torch.zeros(0))["subspace_angle_deg"]
    for _ in trainer.events():
        pass
    after = trainer.model.metrics(torch.zeros(0))["subspace_angle_deg"]
    assert after < 3 < before
    last = {s.name: s.value for s in trainer.drain()}
    best = last["validation/closed_form_mean"]
    assert last["validation/reconstruction_mean"] == pytest.approx(best, rel=0.02)


def test_the_angle_is_logged_at_every_validation_also_for_a_wide_code() -> None:
    spec = resolve("pca", "digits", {"latent_dim": 30, "epochs": 3, "learning_rate": 0.01})
    trainer = Trainer(spec, datasets.load("digits", spec.data))
    for _ in trainer.events():
        pass
    angles = [
        (s.step, s.value) for s in trainer.drain() if s.name == "validation/subspace_angle_deg"
    ]
    per_epoch = trainer.feed.steps_per_epoch(trainer.batch_size)
    assert [step for step, _ in angles] == [per_epoch, 2 * per_epoch, 3 * per_epoch]
    learnt = trainer.model.decoder.weight.detach().double().numpy()
    closed = trainer.model.components.double().numpy().T
    assert angles[-1][1] == pytest.approx(np.rad2deg(subspace_angles(learnt, closed)[0]), abs=0.01)


def test_subspace_angle_of_known_planes() -> None:
    model = build(models.get("pca"), {"latent_dim": 1}, POINTS, 0)
    model.components.copy_(torch.tensor([[1.0, 0.0]]))
    for degrees in (0.0, 0.001, 30.0, 90.0):
        radians = math.radians(degrees)
        model.decoder.weight.data = torch.tensor([[math.cos(radians)], [math.sin(radians)]]) * 3
        found = model.metrics(torch.zeros(0))["subspace_angle_deg"]
        assert found == pytest.approx(degrees, abs=1e-4)


def test_adversarial_losses_at_indifference_and_their_slopes() -> None:
    unsure = torch.zeros(4)
    assert discriminator_loss(unsure, unsure).item() == pytest.approx(2 * math.log(2))
    assert generator_loss(unsure, "non_saturating").item() == pytest.approx(math.log(2))
    assert generator_loss(unsure, "minimax").item() == pytest.approx(-math.log(2))
    # A D that is sure of its fakes: minimax leaves G almost no slope, non-saturating almost all of it.
    slopes = {}
    for kind in ("minimax", "non_saturating"):
        verdict = torch.tensor([-8.0], requires_grad=True)
        generator_loss(verdict, kind).backward()
        slopes[kind] = abs(verdict.grad.item())
    assert slopes["minimax"] < 1e-3
    assert slopes["non_saturating"] > 0.99


def test_each_turn_moves_only_its_own_network() -> None:
    spec = resolve("gan", "points", {"n": 500})
    trainer = Trainer(spec, datasets.load("points", spec.data))
    for phase, own in (("D", "discriminator"), ("G", "generator")):
        before = {n: p.clone() for n, p in trainer.model.named_parameters()}
        trainer.single(phase)
        moved = {n for n, p in trainer.model.named_parameters() if not torch.equal(p, before[n])}
        assert moved == {n for n in before if n.startswith(own)}
    assert trainer.step == 0


@pytest.mark.parametrize(
    ("name", "config", "spec", "field"),
    [
        ("autoencoder", {"loss": "bce"}, POINTS, "loss"),
        ("autoencoder", {"encoder_sizes": [0]}, IMAGES, "encoder_sizes"),
        ("autoencoder", {"encoder_sizes": []}, IMAGES, "encoder_sizes"),
        ("vae", {"likelihood": "bernoulli"}, POINTS, "likelihood"),
        ("vae", {"latent_dim": 0}, IMAGES, "latent_dim"),
        ("vae", {"no_such": 1}, IMAGES, "no_such"),
        ("pca", {"latent_dim": 3}, POINTS, "latent_dim"),
        ("conv_autoencoder", {}, POINTS, "dataset"),
        ("conv_autoencoder", {"channels": [4, 4, 4, 4]}, IMAGES, "channels"),
        ("gan", {"generator_sizes": [9999]}, POINTS, "generator_sizes"),
    ],
)
def test_what_cannot_work_is_named_at_its_field(name, config, spec, field) -> None:
    with pytest.raises(BadInput) as refused:
        build(models.get(name), config, spec, 0)
    assert list(refused.value.fields) == [field]

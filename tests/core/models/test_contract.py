"""What every registered model must keep, whoever wrote it."""

import math

import numpy as np
import pytest
import torch

from core import datasets, models
from core.datasets.base import Data
from core.models.base import DataSpec, Model, abilities, build, summary
from core.training.config import RunSpec, TrainConfig
from core.training.specs import check_fit, resolve
from core.training.trainer import Trainer


def quick_data(family: type[Model]) -> tuple[str, dict]:
    """An embedded data set that the family can learn from."""
    return ("digits", {}) if "images" in family.kinds else ("points", {"n": 1000})


# Settings that make another model of a family: they keep the contract too.
VARIANTS: dict[str, tuple[str, dict]] = {
    "vae, conditional": ("vae", {"conditional": True}),
    "vae, convolutional": ("vae", {"channels": [4, 8], "encoder_sizes": [16]}),
    "vae, importance-weighted": ("vae", {"importance_samples": 5, "plain_steps": 3}),
    "vae, free bits": ("vae", {"latent_dim": 8, "free_bits": 0.5}),
    "vae, cyclic": ("vae", {"beta_schedule": "cyclic", "beta_steps": 20}),
    "vae, Gaussian": ("vae", {"likelihood": "gaussian", "variance": "learnt", "sigma": 0.5}),
    "gan, conditional": ("gan", {"conditional": True, "average": 0.9, "replay": 100}),
    "gan, spectral": ("gan", {"spectral_norm": True, "packing": 2, "r1": 0.1}),
    "gan, unrolled": ("gan", {"unrolled_steps": 2, "minibatch": "discrimination"}),
    "vq_vae, convolutional": ("vq_vae", {"channels": [4, 8], "loss": "bce"}),
    "vq_vae, by gradient": ("vq_vae", {"codebook": "gradient", "revive": False}),
}


def quick_spec(name: str, steps: int = 60) -> tuple[RunSpec, Data]:
    name, settings = VARIANTS.get(name, (name, {}))
    dataset, options = quick_data(models.get(name))
    spec = resolve(name, dataset, {**options, **settings, "steps": steps, "batch_size": 64})
    return spec, datasets.load(dataset, spec.data)


def trained(name: str, steps: int = 60) -> Trainer:
    spec, data = quick_spec(name, steps)
    trainer = Trainer(spec, data)
    for _ in trainer.events():
        pass
    return trainer


every_model = pytest.mark.parametrize("name", models.names())
every_variant = pytest.mark.parametrize("name", [*models.names(), *VARIANTS])


@every_model
def test_settings_are_a_form(name: str) -> None:
    family = models.get(name)
    assert family.title
    assert family.__doc__
    for field, info in family.Config.model_fields.items():
        assert info.description, f"{field} has no sentence of help"
        assert not info.is_required(), f"{field} has no default"


@every_model
def test_no_setting_has_two_homes(name: str) -> None:
    """``--set name=value`` must mean one thing, whichever data set it is used with."""
    ours = set(models.get(name).Config.model_fields)
    for dataset in datasets.names():
        options = set(datasets.get(dataset).Options.model_fields)
        training = set(TrainConfig.model_fields)
        assert not (ours & options) | (ours & training) | (options & training)


@every_model
def test_presets_can_start(name: str) -> None:
    family = models.get(name)
    for preset, what in family.presets.items():
        spec = resolve(name, what.dataset or quick_data(family)[0], preset=preset)
        assert what.title
        assert what.note
        if spec.dataset in datasets.EMBEDDED:
            check_fit(spec, datasets.load(spec.dataset, spec.data))


@every_variant
def test_same_seed_same_numbers_and_another_seed_others(name: str) -> None:
    spec, data = quick_spec(name, 12)
    runs = []
    for seed in (3, 3, 4):
        trainer = Trainer(spec.model_copy(update={"seed": seed}), data)
        torch.rand(7)  # somebody else's use of the global generator must not matter
        for _ in trainer.events():
            torch.rand(1)
        runs.append((trainer.drain(), trainer.state()[0]))
    assert runs[0][0] == runs[1][0]
    assert all(np.array_equal(runs[0][1][k], runs[1][1][k]) for k in runs[0][1])
    assert runs[0][0] != runs[2][0]


@every_variant
def test_losses_are_finite_and_learning_helps(name: str) -> None:
    trainer = trained(name, 150)
    scalars = trainer.drain()
    assert all(math.isfinite(s.value) for s in scalars)
    losses = [s.value for s in scalars if s.name == "train/loss"]
    if losses:  # networks that compete have no single loss that must fall
        first, last = np.mean(losses[:3]), np.mean(losses[-10:])
        assert last < first - 0.1 * abs(first)  # a density's loss may fall below 0
    else:
        assert any(s.name.endswith("/loss") for s in scalars)


@every_variant
def test_abilities_do_what_they_say(name: str) -> None:
    trainer = trained(name, 5)
    batch = trainer.feed.batch(trainer.feed.split("validation", 9))
    able = abilities(trainer.model)
    size = trainer.model.latents["z"]
    with trainer.looking() as model:
        if "encode" in able:
            code = model.encode(batch.x, batch.y)
            assert code.mean.shape == (9, *size)
            assert code.log_var is None or code.log_var.shape == code.mean.shape
        if "decode" in able:
            decoded = model.decode(torch.zeros(4, *size))
            assert decoded.shape == (4, *model.spec.shape)
            check_range(model, decoded)
        if "reconstruct" in able:
            assert model.reconstruct(batch.x, None, batch.y).shape == batch.x.shape
            assert model.reconstruct(batch.x, None).shape == batch.x.shape
        if "sample" in able:
            drawn = [model.sample(6, torch.Generator().manual_seed(s)) for s in (1, 1, 2)]
            assert drawn[0].shape == (6, *model.spec.shape)
            assert torch.equal(drawn[0], drawn[1])
            assert not torch.equal(drawn[0], drawn[2])
            check_range(model, drawn[0])
        if "log_prob" in able:
            likelihood = model.log_prob(batch.x, batch.y)
            assert likelihood.nats.shape == (9,)
            assert likelihood.kind in ("exact", "bound", "estimate")
        if "metrics" in able:
            assert all(isinstance(v, float) for v in model.metrics(batch.x).values())


def check_range(model: Model, x: torch.Tensor) -> None:
    assert torch.isfinite(x).all()
    if model.spec.kind == "images" and type(model).__name__ != "PCA":  # a plane has no edges
        assert x.min() >= 0
        assert x.max() <= 1


@every_variant
def test_saved_weights_give_the_same_model(name: str) -> None:
    trainer = trained(name, 5)
    arrays, meta = trainer.state()
    other = Trainer(trainer.spec.model_copy(update={"seed": 99}), trainer.feed.data)
    other.load_state(arrays, meta)
    for a, b in zip(
        trainer.model.state_dict().values(), other.model.state_dict().values(), strict=True
    ):
        assert torch.equal(a, b)
    assert other.step == 5


@every_variant
def test_summary_counts_every_parameter(name: str) -> None:
    spec, data = quick_spec(name)
    model = build(models.get(spec.model), spec.config, DataSpec.of(data), 0)
    rows = summary(model)
    assert sum(row["parameters"] for row in rows) == sum(p.numel() for p in model.parameters())
    assert {row["group"] for row in rows} <= {n for n, _ in model.named_children()}


@pytest.mark.parametrize(
    ("name", "config", "counts"),
    [
        ("autoencoder", {"encoder_sizes": [100, 30]}, {"encoder": 81_530, "decoder": 82_284}),
        ("conv_autoencoder", {}, {"encoder": 23_296, "decoder": 23_233}),
        ("vae", {"encoder_sizes": [400]}, {"encoder": 315_604, "decoder": 315_584}),
        ("pca", {}, {"encoder": 1570, "decoder": 2352}),
    ],
)
def test_textbook_parameter_counts(name: str, config: dict, counts: dict) -> None:
    spec = DataSpec((1, 28, 28), "images", 10)
    found: dict[str, int] = {}
    for row in summary(build(models.get(name), config, spec, 0)):
        found[row["group"]] = found.get(row["group"], 0) + row["parameters"]
    assert found == counts


@pytest.mark.parametrize("shape", [(1, 28, 28), (1, 8, 8), (3, 13, 9), (1, 64, 31)])
@pytest.mark.parametrize("latent_dim", [None, 3])
def test_convolutions_give_back_any_size(shape: tuple, latent_dim: int | None) -> None:
    config = {"channels": [4, 6, 8], "latent_dim": latent_dim}
    model = build(models.get("conv_autoencoder"), config, DataSpec(shape, "images"), 0)
    x = torch.rand(2, *shape)
    assert model.reconstruct(x).shape == x.shape
    assert model.encode(x).mean.shape == (2, *model.latents["z"])

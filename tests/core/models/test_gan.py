"""The GAN family: every cure trains, is remembered to the bit, logs what it should, and refuses what cannot work."""

import numpy as np
import pytest
import torch

from core import datasets, models
from core.errors import BadInput
from core.models.base import DataSpec, build
from core.training.specs import resolve
from core.training.trainer import Trainer
from tests.core.models.gans import IMAGES, POINTS, gan, trainer_of

# Each of these settings alone, and many at once.
CURES = {
    "relativistic, R1 and R2": {
        "discriminator_loss": "relativistic",
        "generator_loss": "relativistic",
        "r1": 0.1,
        "r2": 0.1,
    },
    "gradient penalty": {"discriminator_loss": "wasserstein", "gradient_penalty": 10.0},
    "clipping": {"discriminator_loss": "wasserstein", "weight_clip": 0.01},
    "spectral": {"spectral_norm": True, "discriminator_loss": "hinge"},
    "discrimination": {"minibatch": "discrimination"},
    "deviation": {"minibatch": "deviation", "r1": 0.1},
    "packed": {"packing": 3, "gradient_penalty": 1.0},
    "replay": {"replay": 50, "conditional": True},
    "noise": {"instance_noise": 0.5, "instance_noise_steps": 20, "label_smoothing": 0.1},
    "unrolled": {"unrolled_steps": 2},
    "averaged": {"average": 0.9, "prior": "uniform"},
    "batch norm": {"batch_norm": "both", "conditional": True},
    "unfrozen": {"freeze_discriminator": False},
    "all": {
        "packing": 2,
        "conditional": True,
        "replay": 50,
        "r1": 0.1,
        "spectral_norm": True,
        "minibatch": "deviation",
        "average": 0.9,
        "unrolled_steps": 1,
        "instance_noise": 0.1,
        "instance_noise_steps": 100,
        "generator_loss": "relativistic",
        "discriminator_updates": 2,
    },
}
every_cure = pytest.mark.parametrize("name", CURES)


@every_cure
@pytest.mark.parametrize("dataset", ["points", "digits"])
def test_every_cure_trains_on_points_and_on_images(name, dataset):
    spec = resolve("gan", dataset, {**CURES[name], "steps": 12, "batch_size": 32})
    trainer = Trainer(spec, datasets.load(dataset, spec.data))
    *_, last = trainer.events()
    assert last.kind == "done"
    with trainer.looking() as model:
        drawn = model.sample(5, torch.Generator().manual_seed(0))
    assert drawn.shape == (5, *model.spec.shape)
    assert torch.isfinite(drawn).all()


@every_cure
def test_single_turns_go_on_to_the_bit_after_a_resume(name):
    """Also between D's turn and G's; looking, which must not move a buffer, happens at each."""

    def played(resume_at: int | None) -> dict[str, np.ndarray]:
        trainer = trainer_of(until=7, **CURES[name])
        for i, phase in enumerate(["D", "G", "D", "D", "G"]):
            if i == resume_at:
                arrays, meta = trainer.state()
                trainer = Trainer(trainer.spec, trainer.feed.data)
                trainer.load_state(arrays, meta)
                with trainer.looking() as model:
                    given = trainer.feed.batch(trainer.feed.rows[:16])
                    for turn_of in model.phases().values():
                        turn_of.losses(given)
                    model.sample(3, torch.Generator().manual_seed(0))
            trainer.single(phase)
        for event in trainer.events():
            if event.step == 12:
                break
        return trainer.state()[0]

    whole, parted = played(None), played(3)
    assert whole.keys() == parted.keys()
    for key, value in whole.items():
        assert np.array_equal(value, parted[key]), key


@every_cure
def test_half_precision_keeps_to_the_full_one(name):
    ends = []
    for precision in ("f32", "bf16"):
        trainer = trainer_of(steps=15, precision=precision, log_every=15, **CURES[name])
        ends.append({s.name: s.value for s in trainer.drain()})
    for term in ("train/D/loss", "train/G/loss"):
        assert ends[1][term] == pytest.approx(ends[0][term], abs=0.05)


def test_each_turn_names_the_moments_at_which_a_slow_motion_halts():
    moments = [event for phase in gan().phases().values() for event in phase.events]
    assert moments == [
        *("sample noise", "generate", "judge", "update D"),
        *("sample noise", "generate", "judge", "update G"),
    ]


def test_an_unfrozen_d_learns_in_g_s_turn_to_be_deceived():
    trainer = trainer_of(until=1, freeze_discriminator=False)
    before = {n: p.clone() for n, p in trainer.model.named_parameters()}
    trainer.single("G")
    moved = {n for n, p in trainer.model.named_parameters() if not torch.equal(p, before[n])}
    assert any(name.startswith("discriminator") for name in moved)


@pytest.mark.parametrize(
    ("config", "spec", "field"),
    [
        ({"batch_norm": "both", "gradient_penalty": 10.0}, POINTS, "batch_norm"),
        ({"batch_norm": "both", "r1": 1.0}, IMAGES, "batch_norm"),
        ({"conditional": True}, DataSpec((2,), "points"), "conditional"),
        ({"label_smoothing": 0.1, "discriminator_loss": "hinge"}, POINTS, "label_smoothing"),
        ({"discriminator_sizes": [0]}, POINTS, "discriminator_sizes"),
        ({"packing": 0}, POINTS, "packing"),
    ],
)
def test_what_cannot_work_together_is_named(config, spec, field):
    with pytest.raises(BadInput) as refused:
        gan(spec, **config)
    assert list(refused.value.fields) == [field]
    allowed = {"batch_norm": "generator", "gradient_penalty": 10.0}
    assert gan(**allowed)


def test_a_run_from_before_the_cures_still_loads():
    """The settings and the tensors of that time: a subset of those of today."""
    early = {
        "latent_dim": 2,
        "prior": "gaussian",
        "generator_sizes": [64, 64],
        "discriminator_sizes": [64, 64],
        "activation": "leaky_relu",
        "generator_loss": "minimax",
        "discriminator_updates": 1,
        "generator_updates": 1,
        "discriminator_rate": 1.0,
        "generator_rate": 1.0,
    }
    model = build(models.get("gan"), early, POINTS, 0)
    tensors = {
        *(f"generator.{i}.{name}" for i in (0, 2, 4) for name in ("weight", "bias")),
        *(f"discriminator.{i}.{name}" for i in (1, 3, 5) for name in ("weight", "bias")),
    }
    assert set(model.state_dict()) == tensors


def test_what_is_logged_of_points_at_each_validation():
    logged = {s.name: s.value for s in trainer_of(steps=60).drain()}
    expected = {"D/loss", "D/accuracy_real", "D/accuracy_generated", "G/loss"}
    assert {f"train/{name}" for name in expected} <= set(logged)
    assert {f"validation/{name}" for name in expected} <= set(logged)
    measures = {"modes", "high_quality", "reverse_kl", "kl", "js"}
    assert {name for name in logged if name.startswith("samples/")} == {
        f"samples/{name}" for name in measures
    }
    moons = {s.name for s in trainer_of(steps=60, distribution="moons").drain()}
    assert {name for name in moons if name.startswith("samples/")} == {
        f"samples/{name}" for name in ("cells", "kl", "js")
    }

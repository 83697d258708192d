"""What frames of 2-D points hold: verdicts, pushes and the warped grid of the prior, always of the same probe."""

import numpy as np
import pytest
import torch

from core import arrays, datasets
from core.models.base import Batch
from core.training.grids import box_of, grid_over
from core.training.looks import Looks
from core.training.specs import resolve
from core.training.trainer import Trainer
from core.training.worker import work
from tests.core.training.running import GAN, assert_same_end, begin, opened, until

FIXED = {"noise", "manifold_z"}
MOVING = {"samples", "modes", "surface", "surface_box", "push", "manifold"}


def ready(model: str, steps: int = 20, **settings) -> tuple[Trainer, Looks]:
    spec = resolve(model, "points", {"n": 600, "steps": 100, "batch_size": 32, **settings})
    data = datasets.load(spec.dataset, spec.data)
    trainer = Trainer(spec, data)
    events = trainer.events()
    for _ in range(steps):
        next(events)
    return trainer, Looks(trainer, data)


def test_snapshots_hold_what_moves_each_time_and_what_stays_once(store):
    run = begin(store, GAN)
    work([run.id], store=store)
    first, last = (arrays.read(store.snapshot_path(run.id, step))[0] for step in (0, 90))
    assert set(first) == FIXED | MOVING | {"x"}
    assert set(last) == MOVING
    shapes = {name: (a.shape, a.dtype.name) for name, a in first.items()}
    assert shapes == {
        "x": ((512, 2), "float32"),
        "samples": ((512, 2), "float16"),
        "noise": ((512, 2), "float16"),
        "modes": ((8,), "int16"),
        "surface": ((32, 32), "uint8"),
        "surface_box": ((4,), "float32"),
        "push": ((512, 2), "float16"),
        "manifold": ((400, 2), "float16"),
        "manifold_z": ((400, 2), "float16"),
    }
    assert np.array_equal(first["surface_box"], last["surface_box"])
    for name in ("samples", "surface", "push", "manifold"):
        assert not np.array_equal(first[name], last[name]), name
    film, _ = arrays.read(store.film_path(run.id))
    assert np.array_equal(film["samples"][0], first["samples"])


def test_the_surface_is_what_d_says_of_each_place_row_after_row_from_below():
    trainer, looks = ready("gan")
    found = looks.pictures()
    box = box_of(looks.data.x)
    assert found["surface_box"] == pytest.approx(box, rel=1e-6)
    places = torch.from_numpy(grid_over(box, 32))
    with trainer.looking() as model:
        verdicts = model.judge(places).sigmoid().reshape(32, 32)
    assert np.abs(found["surface"] / 255 - verdicts.numpy()).max() <= 0.502 / 255


def test_a_film_has_the_same_verdicts_at_fewer_places():
    _, looks = ready("gan")
    film, found = looks.frame_of_film(), looks.pictures()
    assert set(film) == {"samples", "modes", "surface"}
    assert np.array_equal(film["samples"], found["samples"])
    assert film["surface"].shape == (16, 16)
    corners = np.ix_([0, -1], [0, -1])  # where both grids have a place
    assert np.array_equal(film["surface"][corners], found["surface"][corners])


def test_a_judge_that_prefers_the_right_is_brighter_there():
    trainer, looks = ready("gan", discriminator_sizes=[4], activation="relu")
    first, last = trainer.model.discriminator[1], trainer.model.discriminator[3]
    with torch.no_grad():
        for values in (first.weight, first.bias, last.weight, last.bias):
            values.zero_()
        first.weight[0, 0] = 1.0
        first.bias[0] = 10.0
        last.weight[0, 0] = 2.0
        last.bias[0] = -20.0
    found = looks.pictures()
    assert (np.diff(found["surface"].astype(int), axis=1) >= 0).all()
    assert (found["surface"] == found["surface"][0]).all()
    # Non-saturating: -ln σ(2x) falls by 2 (1 - σ(2x)) to the right, and not at all upwards.
    x = found["samples"][:, 0].astype(np.float32)
    assert found["push"][:, 0] == pytest.approx(2 / (1 + np.exp(2 * x)), abs=0.01)
    assert (found["push"][:, 1] == 0).all()


def test_samples_and_noise_belong_together_and_the_grid_is_decoded_as_samples_are():
    for name, settings in (
        ("gan", {"average": 0.9}),
        ("gan", {"prior": "uniform", "latent_dim": 1}),
        ("vae", {}),
        ("wasserstein_autoencoder", {"latent_dim": 2, "sigma": 0.5}),
    ):
        trainer, looks = ready(name, **settings)
        fixed, found = looks.fixed(), looks.pictures()
        with trainer.looking() as model:
            drawn = model.sample(512, torch.Generator().manual_seed(0))
            warped = model.decode(torch.from_numpy(fixed["manifold_z"]).float())
            mapped = model.decode(torch.from_numpy(fixed["noise"]).float())
        assert np.array_equal(found["samples"], drawn.to(torch.float16).numpy())
        assert found["samples"] == pytest.approx(mapped.numpy(), abs=0.02)
        assert found["manifold"] == pytest.approx(warped.numpy(), abs=0.02)


def test_the_grid_is_even_over_the_middle_of_the_prior():
    _, looks = ready("gan", prior="uniform")
    z = looks.fixed()["manifold_z"].astype(np.float32).reshape(20, 20, 2)
    assert z[0, :, 0] == pytest.approx(np.linspace(-1, 1, 20), abs=1e-3)
    assert z[:, 0, 1] == pytest.approx(np.linspace(-1, 1, 20), abs=1e-3)
    assert (z[:, :, 0] == z[0, :, 0]).all()
    _, looks = ready("gan", latent_dim=1)
    line = looks.fixed()["manifold_z"].astype(np.float32)
    assert line.shape == (200, 1)
    share = [np.mean(np.random.default_rng(0).standard_normal(200_000) < q) for q in line[::50, 0]]
    assert np.diff(share) == pytest.approx([0.95 * 50 / 199] * 3, abs=0.005)
    assert line[[0, -1], 0] == pytest.approx([-1.96, 1.96], abs=0.002)


def test_a_vae_has_its_grid_and_no_judge():
    _, looks = ready("vae", latent_dim=2)
    found = looks.pictures()
    assert {"samples", "modes", "manifold"} <= set(found)
    assert not {"surface", "surface_box", "push"} & set(found)
    _, looks = ready("vae", latent_dim=3)
    assert "manifold" not in looks.pictures()
    assert set(looks.fixed()) & FIXED == {"noise"}


def test_a_model_that_invents_nothing_and_points_in_space_have_none_of_it():
    _, looks = ready("autoencoder")
    assert not (FIXED | MOVING) & (set(looks.pictures()) | set(looks.fixed()))
    spec = resolve("gan", "plane3d", {"n": 500})
    data = datasets.load("plane3d", spec.data)
    looks = Looks(Trainer(spec, data), data)
    assert set(looks.pictures()) == {"samples"}
    assert looks.pictures()["samples"].shape == (512, 3)


def test_a_conditional_model_draws_the_classes_of_the_probe_and_has_no_one_grid():
    trainer, looks = ready("gan", conditional=True)
    found = looks.pictures()
    assert "manifold" not in found
    assert set(looks.fixed()) == {"x", "noise"}
    y = torch.from_numpy(looks.data.y)[looks.shown]
    assert len(y) == 512
    with trainer.looking() as model:
        z = model.noise(512, torch.Generator().manual_seed(0))
        wanted = model.decode(z, y)
        push = model.push(Batch(wanted, y), Batch(looks.plane.real.x))
    assert np.array_equal(found["samples"], wanted.to(torch.float16).numpy())
    assert found["push"] == pytest.approx(push.numpy(), rel=2e-3, abs=1e-3)


def test_few_points_are_probed_again_and_again():
    _, looks = ready("gan", n=50, conditional=True)
    assert looks.pictures()["push"].shape == (512, 2)
    assert looks.pictures()["samples"].shape == (512, 2)


@pytest.mark.parametrize(
    "settings",
    [
        {"packing": 2, "instance_noise": 0.1, "instance_noise_steps": 30},
        {"spectral_norm": True, "replay": 64, "average": 0.9},
        {"minibatch": "discrimination", "unrolled_steps": 2},
        {"batch_norm": "both"},
        {
            "discriminator_loss": "relativistic",
            "generator_loss": "relativistic",
            "r1": 0.1,
            "freeze_discriminator": False,
        },
    ],
    ids=str,
)
def test_looking_at_every_step_moves_no_number(store, settings):
    case = ("gan", "points", {"n": 300, "steps": 30, "batch_size": 32, **settings})
    seen, unseen = opened(store, begin(store, case).id), begin(store, case)
    while not seen.ended:
        seen.recorder.looks.pictures()
        until(seen, seen.trainer.step + 1)
    work([unseen.id], store=store)
    assert_same_end(store, seen.id, unseen.id)

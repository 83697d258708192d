"""What snapshots hold beside reconstructions and samples: filters as bytes, and the vector field of a grid."""

import numpy as np
import pytest
import torch

from core import arrays, datasets, models
from core.models.base import abilities
from core.training import looks
from core.training.grids import box_of, grid_over
from core.training.looks import Looks, as_filters
from core.training.specs import resolve
from core.training.trainer import Trainer
from core.training.worker import work
from tests.core.staged_model import Staged
from tests.core.training.running import assert_same_end, begin

MOONS = ("autoencoder", "points", {"steps": 40, "n": 500, "distribution": "moons"})
IMAGES = ("filtered", "digits", {"steps": 20})


class Filtered(Staged):
    """The staged model with filters."""

    def filters(self):
        shape = (-1, *self.spec.shape)
        first, last = self.outer[0].weight, self.outer[1].weight
        return {"input": first.reshape(shape), "output": last.T.reshape(shape)}


@pytest.fixture(autouse=True)
def filtered(monkeypatch):
    """The registry knows one model more."""
    known = models.get
    monkeypatch.setattr(models, "get", lambda name: Filtered if name == "filtered" else known(name))


def ready(case) -> tuple[Trainer, Looks]:
    model, dataset, settings = case
    spec = resolve(model, dataset, settings)
    data = datasets.load(spec.dataset, spec.data)
    trainer = Trainer(spec, data)
    return trainer, Looks(trainer, data)


def test_bytes_tell_signs_and_each_unit_has_its_own_scale():
    weights = torch.tensor([[-2.0, 0, 1, 2], [0.03, 0, 0, -0.01], [0, 0, 0, 0]])
    found = as_filters(weights.reshape(3, 1, 2, 2))
    assert found.dtype == np.uint8
    # 63.5 is rounded to the even number.
    assert found[0].ravel().tolist() == [1, 128, 192, 255]
    assert found[1].ravel().tolist() == [255, 128, 128, 86]
    assert found[2].ravel().tolist() == [128] * 4


def test_filters_are_few_enough_for_a_snapshot(monkeypatch):
    assert as_filters(torch.ones(100, 1, 28, 28)).shape == (64, 1, 28, 28)
    assert as_filters(torch.ones(100, 3, 64, 64)).nbytes <= looks.FILTER_BYTES
    monkeypatch.setattr(looks, "FILTER_BYTES", 1)
    assert as_filters(torch.ones(100, 1, 28, 28)).shape == (1, 1, 28, 28)


def test_snapshots_of_images_hold_the_filters_as_they_are_then(store):
    run = begin(store, IMAGES)
    work([run.id], store=store)
    first, last = (arrays.read(store.snapshot_path(run.id, step))[0] for step in (0, 20))
    for found in (first, last):
        assert found["filters_input"].shape == found["filters_output"].shape == (16, 1, 8, 8)
    assert not np.array_equal(first["filters_input"], last["filters_input"])
    weights = store.read_state(run.id)[0]["model/outer.0.weight"].reshape(16, 1, 8, 8)
    assert np.array_equal(last["filters_input"], as_filters(torch.from_numpy(weights)))


def test_a_model_without_the_ability_and_points_have_no_filters():
    trainer, plain = ready(("autoencoder", "points", {"n": 500}))
    assert not {"filters_input", "filters_output"} & plain.pictures().keys()
    trainer, seen = ready(("filtered", "points", {"n": 500}))
    assert "filters" in abilities(trainer.model)
    assert not {"filters_input", "filters_output"} & seen.pictures().keys()


def test_the_field_is_the_reconstruction_of_a_grid_that_is_kept_once(store):
    run = begin(store, MOONS)
    work([run.id], store=store)
    first, last = (arrays.read(store.snapshot_path(run.id, step))[0] for step in (0, 40))
    assert (first["grid"].shape, first["grid"].dtype) == ((576, 2), np.float32)
    assert (last["field"].shape, last["field"].dtype) == ((576, 2), np.float16)
    assert "grid" not in last
    from core import inference

    asked = inference.vector_field(run.id, n=24)
    assert np.array_equal(asked["grid"], first["grid"])
    assert last["field"] == pytest.approx(asked["restored"], abs=2e-3)


def test_only_points_in_the_plane_that_are_reconstructed_have_a_field():
    for case in (("gan", "points", {"n": 500}), ("pca", "plane3d", {"n": 500}), IMAGES):
        _, seen = ready(case)
        assert "field" not in seen.pictures()
        assert "grid" not in seen.fixed()


def test_a_grid_covers_the_data_and_a_quarter_more_and_ignores_a_stray():
    x = np.random.default_rng(0).uniform((0, 10), (4, 12), (10_000, 2)).astype(np.float32)
    box = box_of(x)
    assert box == pytest.approx([-1, 5, 9.5, 12.5], abs=0.05)
    x[0] = 1000
    assert box_of(x) == pytest.approx(box, abs=0.05)
    left, right, bottom, top = box_of(np.zeros((9, 2), np.float32))
    assert left < 0 < right
    assert bottom < 0 < top
    assert grid_over([0, 2, 5, 6], 2).tolist() == [[0, 5], [2, 5], [0, 6], [2, 6]]


@pytest.mark.parametrize("case", [IMAGES, MOONS], ids=lambda case: case[0])
def test_looking_moves_no_number(store, monkeypatch, case):
    seen, unseen = begin(store, case), begin(store, case)
    work([seen.id], store=store)
    with monkeypatch.context() as patch:
        for look in ("pictures", "codes", "fixed"):
            patch.setattr(Looks, look, lambda self: {})
        work([unseen.id], store=store)
    assert store.snapshots(seen.id)
    assert not store.snapshots(unseen.id)
    assert_same_end(store, seen.id, unseen.id)

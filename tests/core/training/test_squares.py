"""The decoded square of a small code, and the log-variances, in snapshots: against the model itself, and their room."""

import numpy as np
import pytest
import torch

from core import arrays, datasets
from core.settings import settings
from core.training import looks, recorder
from core.training.looks import Looks
from core.training.recorder import Recorder
from core.training.specs import resolve
from core.training.trainer import Trainer
from core.training.worker import work
from tests.core.training.running import begin

VAE = ("vae", "digits", {"steps": 20, "latent_dim": 2, "encoder_sizes": [16]})
AUTOENCODER = ("autoencoder", "digits", {"steps": 20, "latent_dim": 2, "encoder_sizes": [16]})


def ready(model="vae", dataset="digits", **more) -> tuple[Trainer, Looks]:
    spec = resolve(model, dataset, {"steps": 20} | more)
    data = datasets.load(spec.dataset, spec.data)
    trainer = Trainer(spec, data)
    return trainer, Looks(trainer, data)


def as_bytes(images: torch.Tensor) -> np.ndarray:
    return (images.clamp(0, 1) * 255).round().numpy().astype(np.uint8)


def square_of(seen: Looks) -> dict[str, np.ndarray]:
    return seen.square(seen.codes())


def test_the_square_is_what_the_decoder_draws_at_fixed_codes(store):
    """From the bottom left, along the first unit, over [-3, 3]², with the weights of that step."""
    run = begin(store, VAE)
    work([run.id], store=store)
    found, _ = arrays.read(store.snapshot_path(run.id, 20))
    assert found["square"].shape == (400, 1, 8, 8)
    assert found["square"].dtype == np.uint8
    assert found["square_box"].tolist() == [-3, 3, -3, 3]
    values, _ = store.read_state(run.id)
    trainer, _ = ready(**VAE[2])
    weights = {n[6:]: torch.from_numpy(v) for n, v in values.items() if n.startswith("model/")}
    trainer.model.load_state_dict(weights)
    rising = torch.linspace(-3, 3, 20)
    z = torch.stack([rising.repeat(20), rising.repeat_interleave(20)], 1)
    with torch.no_grad():
        direct = as_bytes(trainer.model.decode(z))
    assert np.abs(found["square"].astype(int) - direct).max() <= 1
    corner = as_bytes(trainer.model.decode(torch.tensor([[3.0, -3.0]])).detach())
    assert np.abs(found["square"][19].astype(int) - corner[0]).max() <= 1


def test_early_and_late_squares_are_of_the_same_codes(store):
    run = begin(store, VAE)
    work([run.id], store=store)
    first, last = (arrays.read(store.snapshot_path(run.id, step))[0] for step in (0, 20))
    assert np.array_equal(first["square_box"], last["square_box"])
    assert not np.array_equal(first["square"], last["square"])


def test_without_a_prior_the_box_is_what_the_codes_fill():
    _, seen = ready(*AUTOENCODER[:2], latent_dim=2, encoder_sizes=[16])
    codes = seen.codes()
    assert "log_var" not in codes
    left, right, bottom, top = seen.square(codes)["square_box"]
    inside = (
        (codes["codes"] > [left, bottom]).all(1) & (codes["codes"] < [right, top]).all(1)
    ).mean()
    assert 0.98 < inside <= 1
    assert right - left < 2 * np.ptp(codes["codes"][:, 0].astype(float))


def test_a_code_of_one_number_has_a_line():
    trainer, seen = ready(latent_dim=1)
    found = square_of(seen)
    assert found["square"].shape == (40, 1, 8, 8)
    with torch.no_grad():
        ends = as_bytes(trainer.model.decode(torch.tensor([[-3.0], [3.0]])))
    assert np.abs(found["square"][[0, -1]].astype(int) - ends).max() <= 1


@pytest.mark.parametrize(
    ("model", "dataset", "more"),
    [
        ("vae", "digits", {"latent_dim": 3}),
        ("gan", "digits", {"latent_dim": 2}),
        ("vae", "points", {"latent_dim": 2, "n": 400}),
    ],
)
def test_there_is_no_square_of_wider_codes_of_points_or_without_an_encoder(model, dataset, more):
    _, seen = ready(model, dataset, **more)
    assert not square_of(seen)


def test_large_images_show_fewer_places(monkeypatch):
    monkeypatch.setattr(looks, "SQUARE_BYTES", 64 * 50)
    _, seen = ready(latent_dim=2)
    assert square_of(seen)["square"].shape[0] == 49
    monkeypatch.setattr(looks, "SQUARE_BYTES", 64)
    _, seen = ready(latent_dim=2)
    assert not square_of(seen)


def test_the_square_of_mnist_has_twenty_places_on_a_side():
    assert 20 * 20 * 28 * 28 <= looks.SQUARE_BYTES < 21 * 21 * 28 * 28


def test_log_variances_are_the_encoder_s_and_stay_away_where_the_code_is_wide():
    trainer, seen = ready(latent_dim=5)
    found = seen.codes()
    x = trainer.feed.batch(seen.coded).x
    with torch.no_grad():
        log_var = trainer.model.encode(x).log_var.numpy()
    assert found["log_var"].dtype == np.float16
    assert found["log_var"] == pytest.approx(log_var, abs=2e-3)
    _, wide = ready(latent_dim=looks.SIGMA_UNITS + 1)
    assert "log_var" not in wide.codes()


def test_snapshots_keep_within_their_room(store, monkeypatch):
    """However generous the time, the squares of a run take no more than its megabytes."""
    monkeypatch.setenv("EXPLORER_SNAPSHOTS_MB", "0.5")
    monkeypatch.setattr(recorder, "SNAPSHOT_SHARE", 1e6)
    assert settings().snapshots_mb == 0.5
    run = begin(store, VAE, steps=200)
    work([run.id], store=store)
    kept = store.snapshots(run.id)
    sizes = [store.snapshot_path(run.id, step).stat().st_size for step in kept]
    assert sum(sizes) <= 0.5 * 2**20
    assert len(kept) > 5
    assert {0, 200} <= set(kept)


def test_a_live_frame_has_the_square_while_it_is_quick(store):
    run = begin(store, VAE)
    trainer, _ = ready(**VAE[2])
    data = datasets.load("digits", run.spec.data)
    kept = Recorder(store, run.id, trainer, data)
    kept._live_frame(0.0)
    assert "square" in arrays.read(kept.files.live)[0]
    kept.square_cost = 1.0
    kept._live_frame(0.0)
    found = arrays.read(kept.files.live)[0]
    assert "square" not in found
    assert "codes" in found

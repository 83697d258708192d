"""Codes drawn and typed: the same for the same seed, decoded by the model, refused with a sentence."""

import numpy as np
import pytest

from core import datasets, inference
from core.compute.messages import encode
from core.errors import BadInput
from core.inference import asking, drawing_codes
from core.inference.drawing_codes import parsed

DENSE = {"steps": 60, "batch_size": 64, "encoder_sizes": [16], "latent_dim": 2}


@pytest.fixture
def vae(trained) -> str:
    return trained("vae", "digits", DENSE)


@pytest.mark.parametrize("source", ["prior", "diagonal", "full", "mixture"])
def test_draws_are_decoded_and_stand_beside_their_nearest(vae, source):
    data = datasets.load("digits", {})
    train = data.x[data.splits["train"]].reshape(-1, 64) / np.float32(255)
    found = inference.density_samples(vae, source, n=9, components=3)
    assert found["x"].shape == found["near_x"].shape == found["real"].shape == (9, 1, 8, 8)
    for x, near, far in zip(found["x"], found["near_x"], found["near_distance"], strict=True):
        apart = np.linalg.norm(train - x.reshape(-1) / np.float32(255), axis=1)
        assert far == pytest.approx(apart.min(), abs=1e-4)
        known = train[apart.argmin()].reshape(8, 8)
        assert np.array_equal(near[0], np.rint(known * 255).astype(np.uint8))
    x = asking.as_shown(data, inference.decode(vae, found["drawn"])["x"])
    assert found["x"].astype(int) == pytest.approx(x.astype(int), abs=1)
    assert np.isfinite(found["nats"])
    assert found["axes"] == ["unit 0", "unit 1"]


def test_other_noise_draws_others_from_the_same_density(vae):
    one, same, other = (
        inference.density_samples(vae, "mixture", n=5, seed=seed) for seed in (0, 0, 1)
    )
    assert encode(one) == encode(same)
    assert not np.array_equal(one["drawn"], other["drawn"])
    assert one["nats"] == other["nats"]


def test_a_plain_autoencoder_draws_from_what_was_fitted_and_has_no_prior(trained):
    run = trained("autoencoder", "digits", DENSE | {"latent_dim": 64})
    found = inference.density_samples(run, "full", n=4)
    assert found["drawn"].shape == (4, 2)
    with pytest.raises(BadInput, match="cannot sample"):
        inference.density_samples(run, "prior")


def test_a_better_density_gives_the_test_codes_more(trained):
    run = trained("autoencoder", "digits", DENSE | {"steps": 300})
    nats = {
        name: inference.density_samples(run, name, n=1)["nats"] for name in ("diagonal", "full")
    }
    assert nats["full"] >= nats["diagonal"] - 1e-6


def test_the_density_of_the_prior_is_known(vae):
    z = inference.encode(vae)["z"].astype(float)
    known = (-0.5 * (z**2).sum(1) - np.log(2 * np.pi)).mean()
    assert inference.density_samples(vae, "prior", n=1)["nats"] == pytest.approx(known, rel=1e-4)


def test_points_are_drawn_too(trained):
    run = trained("vae", "points", {"steps": 20, "n": 400, "encoder_sizes": [8]})
    assert inference.density_samples(run, "mixture", n=6)["x"].shape == (6, 2)


@pytest.mark.parametrize("text", ["[-1, 5]", "-1 5", "(−1; 5)", " -1,5 ", "[-1.0\n 5e0]"])
def test_a_typed_code_may_be_written_in_many_ways(text):
    assert parsed(text, 2).tolist() == [-1, 5]


def test_a_typed_code_is_decoded_and_placed(vae):
    data = datasets.load("digits", {})
    found = inference.typed_code(vae, "[-1, 5]")
    x = asking.as_shown(data, inference.decode(vae, [[-1, 5]])["x"])
    assert found["x"].astype(int) == pytest.approx(x.astype(int), abs=1)
    z = inference.encode(vae, "train")["z"]
    apart = np.linalg.norm(z - [-1, 5], axis=1)
    assert found["near_distance"] == pytest.approx(apart.min(), rel=1e-4)
    assert found["near_index"] == data.index[data.splits["train"]][apart.argmin()]
    assert found["drawn"].tolist() == [[-1, 5]]
    assert found["usual"] < found["near_distance"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "code has 2 numbers, and 0 are typed"),
        ("[1]", "code has 2 numbers, and 1 is typed"),
        ("1 2 3", "code has 2 numbers, and 3 are typed"),
        ("left right", "“left” is not a number"),
        ("1,5 nan", "typed here"),
        ("1 nan", "must be finite"),
        ("1e99 0", "must be finite"),
    ],
)
def test_a_code_that_cannot_be_gets_one_sentence(vae, text, sentence):
    with pytest.raises(BadInput, match=sentence) as raised:
        inference.typed_code(vae, text)
    assert "\n" not in str(raised.value)


def test_one_number_and_many_are_asked_for_as_such():
    with pytest.raises(BadInput, match=r"code has one number, and 2"):
        parsed("1 2", 1)
    with pytest.raises(BadInput, match=r"type 64 numbers, such as \[0.0, 1.5, -1.0, 0.5, …\]"):
        parsed("x", 64)


def test_the_prior_of_a_discrete_code_has_samples_and_no_density(vae, monkeypatch):
    monkeypatch.setattr(drawing_codes, "is_discrete", lambda *_: True)
    found = inference.density_samples(vae, "prior", n=4, seed=3)
    assert found["nats"] is None
    assert found["drawn"].shape == (0, 2)
    x = asking.as_shown(datasets.load("digits", {}), inference.sample(vae, 4, seed=3)["x"])
    assert np.array_equal(found["x"], x)
    assert inference.density_samples(vae, "full", n=4)["nats"] is not None

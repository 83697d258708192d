"""Grids, rows and ways through a trained run's code: what they show is what the model itself decodes."""

import numpy as np
import pytest

from core import datasets, inference
from core.compute.messages import encode
from core.errors import BadInput
from core.inference import asking, latent
from core.inference.weights import load

VAE = {"steps": 40, "batch_size": 64, "encoder_sizes": [16]}


@pytest.fixture
def wide(trained) -> str:
    """A VAE of the digits with five units."""
    return trained("vae", "digits", VAE | {"latent_dim": 5})


def decoded(run: str, z: np.ndarray) -> np.ndarray:
    """By the plain task, as bytes."""
    x = inference.decode(run, np.asarray(z, np.float32))["x"]
    return asking.as_shown(load(run).data, x)


def near(found: np.ndarray, known: np.ndarray) -> bool:
    """The same images, but for a grey level where another batch rounded differently."""
    assert found.shape == known.shape
    return int(np.abs(found.astype(int) - known.astype(int)).max()) <= 1


def test_examples_are_drawn_without_replacement_and_follow_the_seed(trained):
    run = trained()
    data = datasets.load("digits", {})
    found = inference.walk_examples(run, n=30, seed=1)
    assert len(set(found["position"])) == 30
    assert set(found["position"]) <= set(data.splits["test"])
    assert np.array_equal(found["x"], data.x[found["position"]])
    assert np.array_equal(found["y"], data.y[found["position"]])
    assert found["total"] == len(data.x)
    assert encode(found) == encode(inference.walk_examples(run, n=30, seed=1))
    other = inference.walk_examples(run, n=30, seed=2)
    assert found["position"].tolist() != other["position"].tolist()


def test_a_grid_is_decoded_with_the_others_at_the_mean(wide):
    z = inference.encode(wide)["z"]
    found = inference.latent_grid(wide, [3, 1], n=4)
    assert found["x"].shape == (4, 4, 1, 8, 8)
    assert found["units"] == 5
    assert found["count"] == len(z)
    assert found["across"][[0, -1]] == pytest.approx(np.quantile(z[:, 3], [0.01, 0.99]), rel=1e-4)
    assert np.diff(found["up"]) == pytest.approx(np.diff(found["up"])[0])
    code = z.mean(0)
    code[3], code[1] = found["across"][2], found["up"][3]
    assert near(found["x"][0, 2], decoded(wide, code[None])[0])


def test_a_grid_of_quantiles_is_the_normals(wide):
    found = inference.latent_grid(wide, [0, 1], n=4, spacing="prior")
    assert found["across"] == pytest.approx([-1.150349, -0.318639, 0.318639, 1.150349], abs=1e-6)


def test_a_prior_that_is_wider_has_wider_quantiles(trained):
    settings = VAE | {"latent_dim": 2, "sigma": 2.0}
    run = trained("wasserstein_autoencoder", "digits", settings)
    found = inference.latent_grid(run, [0], n=2, spacing="prior")
    assert found["across"] == pytest.approx(2 * np.array([-0.6744898, 0.6744898]), abs=1e-6)


def test_one_unit_makes_a_strip(trained):
    run = trained("autoencoder", "digits", VAE | {"latent_dim": 1})
    found = inference.latent_grid(run, [0], n=6)
    assert found["x"].shape == (1, 6, 1, 8, 8)
    assert "up" not in found
    assert near(found["x"][0], decoded(run, found["across"][:, None]))


def test_units_go_by_their_kl_and_dead_ones_are_marked(trained):
    run = trained("vae", "digits", VAE | {"latent_dim": 6, "beta": 30.0, "steps": 200})
    found = inference.traversals(run, n=5, most=6)
    assert found["measure"] == "kl"
    assert found["x"].shape == (6, 5, 1, 8, 8)
    assert sorted(found["order"].tolist()) == list(range(6))
    assert (np.diff(found["interest"][found["order"]]) <= 0).all()
    model, data = load(run).model, datasets.load("digits", {})
    import torch

    with torch.no_grad():
        code = model.encode(torch.from_numpy(data.x[data.splits["test"]] / np.float32(255)))
    kl = -0.5 * (1 + code.log_var - code.mean**2 - code.log_var.exp()).mean(0)
    assert found["interest"] == pytest.approx(kl.numpy(), rel=1e-3, abs=1e-5)
    assert (found["collapsed"] == (found["interest"] < 0.01)).all()
    assert found["collapsed"].any()


def test_a_row_changes_one_unit_about_its_mean(wide):
    z = inference.encode(wide)["z"]
    found = inference.traversals(wide, n=3, reach=2.0)
    assert found["at"].tolist() == [-2, 0, 2]
    unit = found["order"][1]
    code = z.mean(0)
    code[unit] += 2 * z[:, unit].std()
    assert near(found["x"][1, 2], decoded(wide, code[None])[0])


def test_a_row_may_pass_through_an_example(wide):
    data = datasets.load("digits", {})
    found = inference.traversals(wide, n=3, spacing="prior", position=int(data.splits["test"][4]))
    code = inference.encode(wide)["z"][4]
    code[found["order"][0]] = 3.0
    assert near(found["x"][0, 2], decoded(wide, code[None])[0])


def test_without_variances_units_go_by_variance(trained):
    run = trained("autoencoder", "digits", VAE | {"latent_dim": 64})
    found = inference.traversals(run, n=2, most=3)
    z = inference.encode(run)["z"]
    assert found["measure"] == "variance"
    assert found["interest"] == pytest.approx(z.var(0), rel=1e-3)
    assert found["order"].tolist() == np.argsort(-z.var(0))[:3].tolist()


@pytest.mark.parametrize("way", ["straight", "spherical"])
def test_a_walk_begins_and_ends_at_the_reconstructions(wide, way):
    data = datasets.load("digits", {})
    rows = data.splits["test"][[0, 5, 9]]
    found = inference.walk(wide, rows.tolist(), way, n=4)
    assert found["made"].shape == found["pixels"].shape == (9, 1, 8, 8)
    known = inference.reconstruct(wide)["x_hat"][[0, 5, 9]]
    assert near(found["made"][::4], asking.as_shown(data, known))
    assert np.array_equal(found["pixels"][::4], data.x[rows])
    assert np.array_equal(found["x"], data.x[rows])
    assert not found["straight"].any()
    if way == "straight":
        z = inference.encode(wide)["z"][[0, 5]]
        assert near(found["made"][2], decoded(wide, z.mean(0)[None])[0])
        assert near(found["pixels"][2], np.rint(data.x[rows[:2]].mean(0)).astype(np.uint8))


def test_a_walk_from_an_example_to_itself_stands_still(wide):
    found = inference.walk(wide, [7, 7], "spherical", n=3)
    assert found["straight"].tolist() == [True]
    assert near(found["made"], np.repeat(found["made"][:1], 4, axis=0))


def test_a_square_has_four_examples_at_its_corners(wide):
    data = datasets.load("digits", {})
    rows = data.splits["test"][:4]
    found = inference.square_walk(wide, rows.tolist(), n=3)
    known = asking.as_shown(data, inference.reconstruct(wide, limit=4)["x_hat"])
    assert near(found["made"][[0, 0, 2, 2], [0, 2, 0, 2]], known)
    assert np.array_equal(found["pixels"][[0, 0, 2, 2], [0, 2, 0, 2]], data.x[rows])
    z = inference.encode(wide, limit=4)["z"]
    assert near(found["made"][1, 1], decoded(wide, z.mean(0)[None])[0])


def test_points_are_walked_between_too(trained):
    run = trained("vae", "points", {"steps": 20, "n": 400, "encoder_sizes": [8]})
    found = inference.walk(run, [0, 1], n=4)
    assert found["made"].shape == found["pixels"].shape == (5, 2)
    assert found["pixels"].dtype == np.float32
    assert inference.latent_grid(run, [0, 1], n=3)["x"].shape == (3, 3, 2)


@pytest.mark.parametrize(
    ("task", "arguments", "sentence"),
    [
        ("walk", {"positions": [1]}, "positions: a list of 2 to 24"),
        ("walk", {"positions": [1, 10**9]}, "position: between 0 and"),
        ("walk", {"positions": "12"}, "positions: a list"),
        ("walk", {"positions": [1, 2, 3], "n": 399}, "at most 400 images"),
        ("walk", {"positions": [1, 2], "way": "up"}, "way: one of"),
        ("square_walk", {"positions": [1, 2, 3]}, "positions: a list of 4"),
        ("latent_grid", {"units": [0, 0]}, "two different"),
        ("latent_grid", {"units": [0, 5]}, "units: between 0 and 4"),
        ("latent_grid", {"units": []}, "one or two units"),
        ("latent_grid", {"units": [0], "spacing": "wide"}, "spacing: one of"),
        ("traversals", {"reach": 0}, "reach: above 0"),
        ("walk_examples", {"n": 0}, "n: between 1 and"),
    ],
)
def test_what_cannot_be_asked_gets_a_sentence(wide, task, arguments, sentence):
    with pytest.raises(BadInput, match=sentence):
        getattr(inference, task)(wide, **arguments)


def test_a_model_without_a_code_says_so(trained):
    gan = trained("gan", "points", {"steps": 10, "n": 300})
    with pytest.raises(BadInput, match=r"\(GAN\) cannot encode"):
        inference.walk(gan, [0, 1])


def test_a_prior_over_a_codebook_has_no_quantiles(wide, monkeypatch):
    monkeypatch.setattr(latent, "is_discrete", lambda *_: True)
    for task, arguments in (("latent_grid", {"units": [0]}), ("traversals", {})):
        with pytest.raises(BadInput, match="entries of a codebook"):
            getattr(inference, task)(wide, spacing="prior", **arguments)
        assert getattr(inference, task)(wide, **arguments)["count"]

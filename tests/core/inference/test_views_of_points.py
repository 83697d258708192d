"""Fields and sheets of points, and code sizes beside exact PCA."""

import numpy as np
import pytest
import torch

from core import datasets, inference
from core.errors import BadInput
from core.inference import sizes, weights

SPIRAL = {"steps": 20, "n": 600, "distribution": "spiral", "encoder_sizes": [8]}
PLANE = {"steps": 2, "n": 600}
DIGITS = {"steps": 10, "encoder_sizes": [16]}


def as_closed_form(run: str) -> None:
    """Put the closed form's plane into the weights of a PCA that is kept for the next question."""
    model = weights.load(run).model
    with torch.no_grad():
        model.encoder[1].weight.copy_(model.components)
        model.encoder[1].bias.copy_(-model.components @ model.mean)
        model.decoder.weight.copy_(model.components.T)
        model.decoder.bias.copy_(model.mean)


def test_the_field_of_a_model_that_changes_nothing_stands_still(trained):
    settings = {"steps": 2, "n": 600, "distribution": "moons", "latent_dim": 2}
    run = trained("pca", "points", settings)
    as_closed_form(run)
    found = inference.vector_field(run, n=6)
    assert found["restored"] == pytest.approx(found["grid"], abs=1e-5)
    across = found["grid"].reshape(6, 6, 2)
    assert (np.diff(across[..., 0], axis=1) > 0).all()
    assert np.ptp(across[..., 0], axis=0) == pytest.approx(0)
    left, right, bottom, top = found["box"]
    assert across[0, 0] == pytest.approx([left, bottom])
    assert across[-1, -1] == pytest.approx([right, top])
    x = datasets.load("points", {"n": 600, "distribution": "moons"}).x
    extent = np.ptp(x, axis=0)
    assert [right - left, top - bottom] == pytest.approx((1.5 * extent).tolist(), rel=0.1)
    assert found["x"].shape == (120, 2)


def test_a_field_leads_onto_the_line_of_a_code_of_one_number(trained):
    run = trained("pca", "points", PLANE | {"distribution": "line", "latent_dim": 1})
    as_closed_form(run)
    restored = inference.vector_field(run)["restored"]
    assert restored.shape == (576, 2)
    assert np.linalg.svd(restored - restored.mean(0))[1][1] < 1e-4


def test_the_sheet_of_a_linear_model_is_pca_s(trained):
    run = trained("pca", "plane3d", PLANE)
    as_closed_form(run)
    found = inference.manifold(run, m=5)
    assert found["surface"].shape == (5, 5, 3)
    assert found["pca_surface"].shape == (2, 2, 3)
    # The axes of the two may point the other way; the corners are the same places.
    corners = found["surface"][::4, ::4].reshape(4, 3)
    theirs = found["pca_surface"].reshape(4, 3)
    apart = np.linalg.norm(corners[:, None] - theirs, axis=2)
    assert sorted(apart.argmin(0)) == [0, 1, 2, 3]
    assert apart.min(0).max() < 1e-4
    assert found["x_hat"] == pytest.approx(found["pca_x_hat"], abs=1e-5)
    assert found["mse"] == pytest.approx(found["pca_mse"], rel=1e-4)
    assert set(found["y"]) == {-1}


def test_a_code_of_one_number_is_a_curve(trained):
    run = trained("autoencoder", "points", SPIRAL | {"latent_dim": 1})
    found = inference.manifold(run, m=11)
    assert found["surface"].shape == (11, 2)
    assert found["pca_surface"].shape == (2, 2)
    z = inference.encode(run)["z"]
    ends = inference.decode(run, np.quantile(z, [0.01, 0.99], axis=0))["x"]
    assert found["surface"][[0, -1]] == pytest.approx(ends, abs=1e-5)
    assert found["mse"] == inference.evaluate(run)["test_mse"]["value"]
    line = found["pca_surface"][1] - found["pca_surface"][0]
    off = found["pca_x_hat"] - found["pca_surface"][0]
    assert line[0] * off[:, 1] - line[1] * off[:, 0] == pytest.approx(np.zeros(120), abs=1e-4)
    assert np.square(found["pca_x_hat"] - found["x"]).mean() == pytest.approx(found["pca_mse"])
    assert found["classes"] == ["1", "2"]


def test_a_wide_code_has_no_sheet_and_pca_as_wide_as_the_space(trained):
    run = trained("autoencoder", "plane3d", {"steps": 5, "n": 300, "encoder_sizes": [8]})
    found = inference.manifold(run)
    assert not {"surface", "pca_surface"} & found.keys()
    assert found["pca_mse"] == 0
    assert found["pca_x_hat"] == pytest.approx(found["x"], abs=1e-5)


def test_fields_and_sheets_are_of_points(trained):
    digits = trained("autoencoder", "digits", DIGITS)
    with pytest.raises(BadInput, match=r"2-D points.*images"):
        inference.vector_field(digits)
    with pytest.raises(BadInput, match=r"2-D or 3-D points.*images"):
        inference.manifold(digits)
    plane = trained("pca", "plane3d", PLANE)
    with pytest.raises(BadInput, match="points of 3 numbers"):
        inference.vector_field(plane)
    with pytest.raises(BadInput, match="m: between 2 and 101"):
        inference.manifold(plane, m=102)


def test_runs_stand_side_by_side_with_exact_pca_below_them(trained):
    runs = [
        trained("autoencoder", "digits", DIGITS | {"latent_dim": 3}),
        trained("pca", "digits", {"steps": 10, "latent_dim": 12}),
    ]
    heard = []
    found = inference.code_sizes(runs, n=5, progress=lambda share, text: heard.append(share))
    assert [(one["run"], one["model"], one["latent_dim"]) for one in found["runs"]] == [
        (runs[0], "autoencoder", 3),
        (runs[1], "pca", 12),
    ]
    assert found["pca_sizes"].tolist() == list(range(1, 13))
    exact = inference.evaluate(runs[1])["test_closed_form_mse"]["value"]
    assert found["pca_mse"][-1] == pytest.approx(exact, rel=1e-5)
    for one, run in zip(found["runs"], runs, strict=True):
        assert one["test_mse"] == inference.evaluate(run)["test_mse"]["value"]
        assert one["test_mse"] > found["pca_mse"][one["latent_dim"] - 1]
        shown = inference.reconstructions(run, n=5)
        assert np.array_equal(found["x"], shown["x"])
        assert np.abs(found["x_hat"][one["index"]].astype(int) - shown["x_hat"]).max() <= 1
    assert heard == sorted(heard)
    assert 0 <= heard[0] < heard[-1] < 1


def test_the_curve_is_thinned_and_ends_with_the_data(trained):
    run = trained("autoencoder", "digits", DIGITS | {"latent_dim": 100})
    found = inference.code_sizes([run])
    assert len(found["pca_sizes"]) <= 40
    assert found["pca_sizes"][[0, -1]].tolist() == [1, 64]
    assert (np.diff(found["pca_sizes"]) > 0).all()
    assert found["pca_mse"][-1] == 0


def test_very_large_data_have_no_exact_curve(trained, monkeypatch):
    run = trained("autoencoder", "digits", DIGITS)
    monkeypatch.setattr(sizes.principal, "MOST", 63)
    found = inference.code_sizes([run])
    assert len(found["pca_sizes"]) == len(found["pca_mse"]) == 0


def test_only_runs_on_the_same_data_are_compared(trained):
    run = trained("autoencoder", "digits", DIGITS)
    for other in ({"keep": [1, 2]}, {"data_seed": 1}):
        with pytest.raises(BadInput, match="same data set"):
            inference.code_sizes([run, trained("autoencoder", "digits", DIGITS | other)])
    with pytest.raises(BadInput, match="list of 1 to 24"):
        inference.code_sizes([])

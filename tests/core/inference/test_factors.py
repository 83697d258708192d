"""What is asked of a run's code about the factors of its data."""

import numpy as np
import pytest

from core import inference
from core.compute.messages import encode
from core.errors import BadInput

SHAPES = {"n": 2600, "steps": 150, "encoder_sizes": [32], "latent_dim": 4}


def test_the_scores_of_a_run_on_shapes(trained):
    run = trained("autoencoder", "shapes", SHAPES)
    found = inference.disentanglement(run)
    assert found["factors"] == [
        *("Shape", "Radius", "Rotation", "Shift to the right", "Shift down"),
    ]
    assert found["information"].shape == found["votes"].shape == (4, 5)
    assert found["entropy"][0] == pytest.approx(np.log(4), abs=0.01)
    assert (found["information"] <= found["entropy"] + 1e-6).all()
    best = np.sort(found["information"], axis=0)
    assert found["gaps"] == pytest.approx((best[-1] - best[-2]) / found["entropy"])
    assert found["mutual_information_gap"] == pytest.approx(found["gaps"].mean())
    # Even a few steps teach a bottleneck where the ink lies, which is more than chance knows.
    assert found["information"][:, 3:].max() > 2 * found["chance"]
    assert found["factor_vae_score"] > 0.3
    assert found["count"] == 520
    assert encode(found) == encode(inference.disentanglement(run))
    printed = inference.evaluate(run)
    for name in ("mutual_information_gap", "factor_vae_score"):
        assert printed[name]["value"] == found[name]
    with pytest.raises(BadInput, match="208 examples"):
        inference.disentanglement(run, split="validation")


def test_data_without_factors_have_no_scores(trained):
    run = trained("vae", "digits", {"steps": 5})
    assert inference.disentanglement(run) == {"factors": []}
    assert "mutual_information_gap" not in inference.evaluate(run)


def test_one_factor_tells_nothing_apart(trained):
    run = trained("autoencoder", "points", {"distribution": "moons", "steps": 5})
    assert inference.disentanglement(run) == {"factors": []}


def test_a_model_without_a_code_says_so(trained):
    run = trained("gan", "points", {"steps": 2, "n": 400})
    with pytest.raises(BadInput, match="cannot encode"):
        inference.disentanglement(run)

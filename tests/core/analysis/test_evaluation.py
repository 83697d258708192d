"""Figures with known answers, from models that are made to have them."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from core import datasets, models
from core.analysis.evaluation import evaluate
from core.datasets.base import Data
from core.errors import BadInput
from core.models.base import Code, DataSpec, Likelihood, Model, ModelConfig, build


def images(binary: bool = False, n: int = 1203) -> Data:
    """Noise of 2×2 pixels; more test rows than fit one batch."""
    x = np.random.default_rng(0).integers(0, 256, (n, 1, 2, 2)).astype(np.uint8)
    if binary:
        x = (x > 127).astype(np.uint8) * 255
    splits = {
        "train": np.arange(3),
        "validation": np.arange(0),
        "test": np.arange(3, n),
    }
    return Data("noise", "images", x, splits, np.arange(n), binary=binary)


class Known(Model):
    """Reconstructs ``shift`` too bright, says that ln p(x) is minus the sum of x, has two active codes of four."""

    shift, kind = 0.25, "exact"

    def __init__(self, data: Data):
        super().__init__(ModelConfig(), DataSpec.of(data))
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.latents = {"z": (4,)}

    def reconstruct(self, x, generator=None, y=None):
        return x + self.shift

    def log_prob(self, x, y=None):
        return Likelihood(-x.flatten(1).sum(1), self.kind)

    def encode(self, x, y=None):
        x = x.flatten(1)
        # Standard deviations of a uniform pixel: 0.289 times 1, 1/2, 1/4 and 1/10.
        mean = x * torch.tensor([1.0, 0.5, 0.25, 0.1])
        return Code(mean, torch.zeros_like(mean))


def test_errors_are_means_over_every_example_of_the_split():
    found = evaluate(Known(images()), images())
    assert found["test_mse"]["value"] == pytest.approx(0.0625, rel=1e-6)
    assert found["test_sse"]["value"] == pytest.approx(0.25, rel=1e-6)
    assert found["test_mse"]["unit"] == "squared data units per pixel"
    assert found["test_mse"]["kind"] == "exact"
    assert "1200 examples" in found["test_mse"]["protocol"]


def test_a_likelihood_needs_pixels_that_are_black_or_white():
    grey, binary = images(), images(binary=True)
    assert not {"test_nll", "test_bound"} & evaluate(Known(grey), grey).keys()
    found = evaluate(Known(binary), binary)
    expected = (binary.x[binary.splits["test"]] / 255).sum(axis=(1, 2, 3)).mean()
    assert found["test_nll"]["value"] == pytest.approx(expected, rel=1e-6)
    assert "test_bound" not in found


@pytest.mark.parametrize(
    ("kind", "name"), [("exact", "nll"), ("estimate", "nll"), ("bound", "bound")]
)
def test_a_bound_is_never_called_a_likelihood(kind, name):
    data = images(binary=True)
    model = Known(data)
    model.kind = kind
    found = evaluate(model, data)
    assert found[f"test_{name}"]["kind"] == kind
    assert len({"test_nll", "test_bound"} & found.keys()) == 1


def test_active_units_vary_by_more_than_a_hundredth():
    # Variances 1/12 · (1, 1/4, 1/16, 1/100): the first two lie above 0.01.
    assert evaluate(Known(images()), images())["active_units"]["value"] == 2


def test_codes_without_a_prior_have_no_active_units():
    class Plain(Known):
        def encode(self, x, y=None):
            return Code(x.flatten(1))

    assert "active_units" not in evaluate(Plain(images()), images())


def test_evaluating_leaves_no_trace():
    data = images(binary=True)
    model = Known(data).train()
    torch.manual_seed(3)
    before = torch.get_rng_state()
    evaluate(model, data)
    assert model.training
    assert torch.equal(before, torch.get_rng_state())


def test_an_empty_split_has_no_figures_and_an_unknown_one_is_refused():
    assert evaluate(Known(images()), images(), "validation") == {}
    with pytest.raises(BadInput, match="no split 'all'"):
        evaluate(Known(images()), images(), "all")


def test_the_bound_of_a_vae_is_repeatable_and_named_as_one():
    data = datasets.load("digits", {"binarise": "fixed"})
    model = build(models.get("vae"), {}, DataSpec.of(data), 0)
    first, again, other = (evaluate(model, data, seed=s)["test_bound"] for s in (0, 0, 1))
    assert first == again
    assert first["value"] != other["value"]
    assert (first["kind"], first["unit"]) == ("bound", "nats per example")
    # An untrained decoder says one half for every pixel: ln 2 each, and the KL on top.
    assert first["value"] > 0.9 * 64 * np.log(2)


def test_points_are_measured_per_coordinate_and_have_a_density():
    data = datasets.load("points", {"n": 500})
    found = evaluate(build(models.get("vae"), {}, DataSpec.of(data), 0), data)
    assert found["test_mse"]["unit"] == "squared data units per coordinate"
    assert found["test_sse"]["value"] == pytest.approx(2 * found["test_mse"]["value"])
    assert found["test_bound"]["kind"] == "bound"


def test_the_subspace_angle_is_nought_on_the_plane_itself():
    data = datasets.load("digits", {})
    model = build(models.get("pca"), {"latent_dim": 3}, DataSpec.of(data), 0)
    model.fit(torch.from_numpy(data.x[data.splits["train"]]).float() / 255)
    far = evaluate(model, data)["subspace_angle_deg"]
    with torch.no_grad():
        model.decoder.weight.copy_(model.components.T)
    near = evaluate(model, data)["subspace_angle_deg"]
    assert far["value"] > 10
    assert near["value"] < 1e-3
    assert near["unit"] == "degrees"


def test_the_closed_form_stands_beside_what_was_learnt():
    data = datasets.load("digits", {})
    model = build(models.get("pca"), {"latent_dim": 3}, DataSpec.of(data), 0)
    rows = data.splits["train"]
    model.fit(torch.from_numpy(data.x[rows]).float() / 255)
    found = evaluate(model, data)
    x = data.x.reshape(len(data.x), -1) / 255
    theirs = PCA(3, svd_solver="full").fit(x[rows])
    x = x[data.splits["test"]]
    expected = np.square(theirs.inverse_transform(theirs.transform(x)) - x).mean()
    assert found["test_closed_form_mse"]["value"] == pytest.approx(expected, rel=1e-5)
    assert found["test_closed_form_mse"]["value"] < found["test_mse"]["value"]
    plain = build(models.get("autoencoder"), {}, DataSpec.of(data), 0)
    assert "test_closed_form_mse" not in evaluate(plain, data)

"""The maximum mean discrepancy by hand, under chance and under a shift; what its weight does to the codes."""

import pytest
import torch

from core import datasets, models
from core.errors import BadInput
from core.models.base import Batch, DataSpec, build
from core.models.wasserstein_autoencoder import mmd
from core.training.specs import resolve
from core.training.trainer import Trainer

FAMILY = models.get("wasserstein_autoencoder")
IMAGES = DataSpec((1, 8, 8), "images", 10)


def test_a_small_case_by_hand() -> None:
    """One dimension, C = 2: k(0, 1) = 2/3, k(2, 4) = 1/3; across 2/6, 2/18, 2/3, 2/11."""
    z, prior = torch.tensor([[0.0], [1.0]]), torch.tensor([[2.0], [4.0]])
    expected = 2 / 3 + 1 / 3 - 2 / 4 * (2 / 6 + 2 / 18 + 2 / 3 + 2 / 11)
    assert mmd(z, prior).item() == pytest.approx(expected, rel=1e-5)
    # Everything three times as wide, the kernel too.
    assert mmd(3 * z, 3 * prior, sigma=3.0).item() == pytest.approx(expected, rel=1e-5)


def test_zero_within_chance_for_equals_and_growing_with_the_shift() -> None:
    generator = torch.Generator().manual_seed(0)

    def draws(shift: float) -> torch.Tensor:
        pairs = [torch.randn(2, 100, 3, generator=generator) for _ in range(300)]
        return torch.stack([mmd(a + shift, b) for a, b in pairs])

    same = draws(0.0)
    assert abs(same.mean()) < 4 * same.std() / len(same) ** 0.5
    assert same.min() < 0  # unbiased: it falls on both sides
    means = [draws(shift).mean().item() for shift in (0.25, 0.5, 1.0, 2.0)]
    assert means == sorted(means)
    assert means[0] > 5 * same.std().item() / len(same) ** 0.5


def test_terms_add_up_and_reduction_only_divides() -> None:
    found = {}
    for reduction in ("sum", "mean"):
        model = build(FAMILY, {"mmd_weight": 7.0, "reduction": reduction}, IMAGES, 0)
        torch.manual_seed(1)
        found[reduction] = model.losses(Batch(torch.rand(20, 1, 8, 8)))
    terms = found["sum"]
    expected = terms["reconstruction_sum"] + 7 * terms["mmd"]
    assert terms["loss"].item() == pytest.approx(expected.item())
    assert found["mean"]["loss"].item() == pytest.approx(expected.item() / 64, rel=1e-5)


def test_the_weight_shapes_the_codes() -> None:
    distances = {}
    for weight in (0.0, 100.0):
        spec = resolve("wasserstein_autoencoder", "digits", {"steps": 300, "mmd_weight": weight})
        data = datasets.load("digits", spec.data)
        trainer = Trainer(spec, data)
        for _ in trainer.events():
            pass
        with trainer.looking() as model:
            z = model.encode(trainer.feed.batch(trainer.feed.split("test")).x).mean
            distances[weight] = mmd(z, torch.randn_like(z)).item()
    assert distances[100.0] < distances[0.0] / 2


def test_filters_are_templates_of_the_data_s_shape() -> None:
    model = build(FAMILY, {"encoder_sizes": [12], "latent_dim": 3}, IMAGES, 0)
    found = model.filters()
    assert found["input"].shape == found["output"].shape == (12, 1, 8, 8)
    alone = torch.zeros(12)
    alone[5] = 1
    drawn = model.decoder[-1](alone) - model.decoder[-1].bias
    assert torch.allclose(found["output"][5].flatten(), drawn)


def test_cross_entropy_of_points_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        build(FAMILY, {"loss": "bce"}, DataSpec((2,), "points"), 0)
    assert "loss" in caught.value.fields

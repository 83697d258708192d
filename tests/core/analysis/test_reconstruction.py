"""Reconstructions, damage and layers of models whose answers are known."""

import numpy as np
import pytest
import torch

from core.analysis.activations import followed
from core.analysis.denoising import chained, restored
from core.analysis.evaluation import evaluate, mean_squared_error
from core.analysis.manifold import decoded_grid
from core.analysis.reconstruction import survey
from core.models.base import Batch, summary
from core.models.corruption import corrupt
from tests.core.analysis.made_models import Layered, Mute, Shrinking, noise

DATA = noise()
ROWS = DATA.splits["test"]


def errors_by_hand(rows: np.ndarray) -> np.ndarray:
    """A quarter of each image's squared length: what halving it costs."""
    return 0.25 * np.square(DATA.x[rows] / 255).sum(axis=(1, 2, 3))


def test_every_error_is_known_and_the_first_are_the_first():
    found = survey(Shrinking(DATA), DATA, ROWS, "first", 7)
    assert found["errors"] == pytest.approx(errors_by_hand(ROWS), rel=1e-5)
    assert found["position"].tolist() == ROWS[:7].tolist()
    assert found["error"] == pytest.approx(found["errors"][:7])
    assert found["x_hat"] == pytest.approx(found["x"] / 2)
    assert np.array_equal(found["corrupted"], found["x"])


@pytest.mark.parametrize(("order", "sign"), [("best", 1), ("worst", -1)])
def test_the_best_and_the_worst_of_all_batches(order, sign):
    found = survey(Shrinking(DATA), DATA, ROWS, order, 30)
    expected = np.argsort(sign * errors_by_hand(ROWS), kind="stable")[:30]
    assert found["position"].tolist() == ROWS[expected].tolist()
    assert (np.diff(sign * found["error"]) >= 0).all()


def test_a_random_choice_follows_the_seed():
    one, same, other = (
        survey(Shrinking(DATA), DATA, ROWS, "random", 20, seed)["position"] for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert len(set(one)) == 20


def test_an_example_is_damaged_alike_in_every_order():
    first, worst = (
        survey(Shrinking(DATA), DATA, ROWS, order, len(ROWS), 3, "masking", 0.5)
        for order in ("first", "worst")
    )
    back = np.argsort(worst["position"])
    assert np.array_equal(first["corrupted"], worst["corrupted"][back])
    assert np.array_equal(first["error"], worst["error"][back])
    assert (first["corrupted"] == 0).mean() == pytest.approx(0.5, abs=0.03)
    clean = first["x"] - first["x_hat"]
    assert first["error"] == pytest.approx(np.square(clean).sum(axis=(1, 2, 3)), rel=1e-5)


def test_evaluate_and_survey_measure_the_same_damage():
    model = Shrinking(DATA)
    found = evaluate(model, DATA, "test", 3, "masking", 0.5)
    errors = survey(model, DATA, ROWS, "first", 1, 3, "masking", 0.5)["errors"]
    assert found["test_restored_sse"]["value"] == pytest.approx(errors.mean(), rel=1e-9)
    assert found["test_restored_mse"]["value"] == pytest.approx(errors.mean() / 4, rel=1e-9)
    assert found["test_mse"]["value"] == pytest.approx(errors_by_hand(ROWS).mean() / 4, rel=1e-5)
    assert mean_squared_error(model, DATA) == found["test_mse"]["value"]
    for word in ("masking", "level 0.5", "seed 3", "1200 examples"):
        assert word in found["test_restored_mse"]["protocol"]
    assert "test_restored_mse" not in evaluate(model, DATA)


def test_no_damage_has_no_spread():
    x = torch.rand(1, 1, 2, 2)
    damaged, clean = restored(Shrinking(DATA), Batch(x), "gaussian", 0.0, 600, 0)
    assert torch.equal(damaged, x.expand(600, -1, -1, -1))
    assert clean.std(0).max() == 0
    assert torch.equal(clean[0], x[0] / 2)


def test_damage_spreads_as_much_as_it_is_let_through():
    damaged, clean = restored(
        Shrinking(DATA), Batch(torch.full((1, 1, 2, 2), 0.5)), "gaussian", 1, 4000, 1
    )
    assert damaged.std(0).mean() == pytest.approx(1, abs=0.05)
    assert clean.std(0).mean() == pytest.approx(0.5, abs=0.03)


def test_a_chain_begins_with_one_damage_and_repair_and_goes_on_from_there():
    model, x = Shrinking(DATA), torch.rand(1, 1, 2, 2)
    damaged, clean = chained(model, Batch(x), "masking", 0.3, 4, 5)
    once = restored(model, Batch(x), "masking", 0.3, 1, 5)
    assert torch.equal(damaged[:1], once[0])
    assert torch.equal(clean[:1], once[1])
    generator = torch.Generator().manual_seed(5)
    for k in range(4):
        x = corrupt(x, "masking", 0.3, generator)
        assert torch.equal(damaged[k], x[0])
        x = x / 2
        assert torch.equal(clean[k], x[0])


def test_layers_are_told_in_order_as_they_were_before_the_next_one():
    data = noise(20, (1, 4, 6))
    model = Layered(data)
    x = torch.rand(1, 1, 4, 6)
    met, x_hat = followed(model, Batch(x))
    assert [(one["name"], one["group"]) for one in met] == [
        *[("encoder", "encoder"), ("decoder.0", "decoder"), ("decoder.1", "decoder")],
        ("twice", "twice"),
    ]
    assert [one["shape"] for one in met] == [[4, 5], [4, 6], [4, 6], [4, 6]]
    assert [(one["name"], one["kind"]) for one in met] == [
        (row["layer"], row["kind"]) for row in summary(model)
    ]
    before, after = met[1]["values"], met[2]["values"]
    assert (before < 0).any()
    assert np.array_equal(after, np.maximum(before, 0))
    with torch.no_grad():
        assert np.array_equal(met[0]["values"], model.encoder(x[:, 0])[0][0].numpy())
        assert torch.equal(x_hat, model.reconstruct(x))
        assert met[3]["values"] == pytest.approx(model.twice(torch.tensor(after)).numpy())
    assert not model.encoder._forward_hooks


def test_a_model_that_only_has_losses_is_followed_through_them():
    met, x_hat = followed(Mute(noise(20, (1, 4, 6))), Batch(torch.rand(1, 1, 4, 6)))
    assert [(one["name"], one["shape"]) for one in met] == [("judge", [1, 4, 2])]
    assert x_hat is None


def test_a_sheet_is_decoded_over_the_code_as_it_is():
    data = noise(20, (2,))
    model = Shrinking(data)
    codes = np.random.default_rng(0).uniform(-1, 3, (5000, 2))
    sheet = decoded_grid(model, codes, 3)
    low, high = np.quantile(codes, [0.01, 0.99], axis=0) / 2
    assert sheet[0, 0] == pytest.approx(low, rel=1e-5)
    assert sheet[0, 2] == pytest.approx([high[0], low[1]], rel=1e-5)
    assert sheet[1, 1] == pytest.approx((low + high) / 2, rel=1e-5)
    model.latents = {"z": (1,)}
    assert np.array_equal(decoded_grid(model, codes, 3), sheet)

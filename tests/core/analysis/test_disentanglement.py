"""Scores of codes that are made of the factors themselves: right, mixed, copied, silent."""

import numpy as np
import pytest
import torch
from torch import nn

from core import datasets
from core.analysis import disentanglement
from core.analysis.disentanglement import in_steps, measured, metrics, scores
from core.datasets.base import Data, Factor
from core.models.base import Code

N = 6000


def factors(count: int = 4) -> np.ndarray:
    """Independent uniform factors (N, count) in 0 to 1."""
    return np.random.default_rng(0).random((N, count))


def stepped(values: np.ndarray) -> dict[str, np.ndarray]:
    return {f"v{k}": (10 * column).astype(np.int64) for k, column in enumerate(values.T)}


def scored(codes: np.ndarray, of: np.ndarray, silent: int = 0):
    """The scores of ``codes`` beside ``silent`` collapsed units against the factors ``of``."""
    active = np.arange(codes.shape[1] + silent) < codes.shape[1]
    noise = 1e-3 * np.random.default_rng(1).standard_normal((N, silent))
    return scores(np.concatenate([codes, noise], 1), stepped(of), active)


def test_a_code_that_is_the_factors_has_full_marks():
    v = factors()
    found = scored(v, v)
    # The units' twenty steps run from the least to the largest value, not from 0 to 1: a few fall beside.
    assert found.gap == pytest.approx(1, abs=0.03)
    assert found.factor_vae == 1
    assert found.entropy == pytest.approx(np.log(10), abs=0.005)
    assert (found.information.argmax(0) == np.arange(4)).all()
    others = found.information[~np.eye(4, dtype=bool)]
    assert others.mean() == pytest.approx(found.chance, rel=0.2)
    assert (found.votes.argmax(1) == np.arange(4)).all()
    assert found.votes.sum() == 10_000


def test_equal_shares_of_every_factor_leave_no_gap():
    """Rows of a Hadamard matrix: each unit knows as much of each factor as every other unit."""
    v = factors()
    hadamard = np.kron([[1, 1], [1, -1]], [[1, 1], [1, -1]])
    found = scored(v @ hadamard, v)
    assert found.gap < 0.02
    assert found.gap < 0.03 * scored(v, v).gap


def test_a_random_rotation_loses_nearly_all_of_the_gap():
    v = np.random.default_rng(2).random((N, 8))
    turn, _ = np.linalg.qr(np.random.default_rng(3).standard_normal((8, 8)))
    assert scored(v @ turn, v).gap < 0.1


def test_order_and_scale_of_the_units_do_not_matter():
    v = factors()
    v = v + 0.3 * v[:, ::-1]  # neither perfect nor empty
    at = scored(v, factors())
    order = [2, 0, 3, 1]
    moved = scored((7 * v - 2)[:, order], factors())
    assert moved.gap == pytest.approx(at.gap, abs=1e-3)
    assert moved.information == pytest.approx(at.information[order], abs=1e-3)
    assert moved.factor_vae == pytest.approx(at.factor_vae, abs=0.02)
    assert 0.05 < at.gap < 0.95


def test_a_copied_unit_costs_the_gap_but_not_the_votes():
    v = factors()
    found = scored(np.concatenate([v, v[:, :1]], 1), v)
    assert found.gaps[0] == 0
    assert found.gaps[1:].min() > 0.9
    assert found.factor_vae == 1


def test_one_unit_is_ahead_of_nobody_by_all_it_knows():
    v = factors(2)
    found = scored(v[:, :1], v)
    assert found.gaps[0] > 0.95
    assert found.gaps[1] == pytest.approx(found.chance / found.entropy[1], abs=0.01)
    assert found.factor_vae == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("active", [True, False])
def test_a_constant_code_scores_nothing(active):
    found = scores(np.full((N, 3), 0.7), stepped(factors()), np.full(3, active))
    assert found.gap == 0
    assert found.factor_vae == 0
    assert not found.information.any()
    assert not found.votes.any()


def test_collapsed_units_win_no_votes_and_know_nothing():
    v = factors()
    found = scored(v, v, silent=6)
    assert found.factor_vae == 1
    assert not found.votes[4:].any()
    assert not found.information[4:].any()


def data_of(**columns) -> Data:
    """Points that are their own factors; ``kind`` is named, the rest are numbers."""
    kind = columns["kind"]
    info = {name: Factor(name, range=(0, 1)) for name in columns if name not in ("kind", "turn")}
    info |= {"kind": Factor("Kind", values=("a", "b"))}
    if "turn" in columns:
        info["turn"] = Factor("Turn", range=(0, 360), within="kind")
    n = len(kind)
    splits = {"train": np.arange(0), "validation": np.arange(0), "test": np.arange(n)}
    x = np.stack([np.nan_to_num(v) / (np.nan_to_num(v).max() or 1) for v in columns.values()], 1)
    return Data(
        "made",
        "points",
        x.astype(np.float32),
        splits,
        np.arange(n),
        factors=columns,
        factor_info=info,
    )


def made(meaningless: bool = False) -> Data:
    random = np.random.default_rng(0)
    kind = random.integers(0, 2, N)
    turn = np.where(kind == 0, 90, 360) * random.random(N)
    if meaningless:
        turn = np.where(kind == 0, np.nan, turn)
    return data_of(kind=kind, turn=turn.astype(np.float32), size=random.random(N))


def test_a_range_within_another_factor_is_independent_of_it():
    steps = in_steps(made(), np.arange(N))
    assert disentanglement._information(steps["turn"], steps["kind"]) < 0.002
    for kind in (0, 1):
        assert np.bincount(steps["turn"][steps["kind"] == kind]).min() > 200


def test_what_means_nothing_is_left_out_of_its_factor():
    data = made(meaningless=True)
    steps = in_steps(data, np.arange(N))
    kind = data.factors["kind"]
    assert (steps["turn"][kind == 0] == -1).all()
    assert (steps["turn"][kind == 1] >= 0).all()
    share = np.where(kind == 1, data.factors["turn"] / 360, np.random.default_rng(1).random(N))
    codes = np.stack([kind, share, data.factors["size"]], 1)
    found = scores(codes, steps, np.ones(3, bool))
    counts = dict(zip(found.factors, found.counts, strict=True))
    assert counts["turn"] == (kind == 1).sum()
    assert counts["size"] == N
    assert found.gap == pytest.approx(1, abs=0.05)
    assert found.factor_vae > 0.99


def test_a_factor_of_one_value_is_left_out():
    random = np.random.default_rng(0)
    data = data_of(kind=np.ones(N, np.int64), size=random.random(N), turn=np.full(N, np.nan))
    assert set(in_steps(data, np.arange(N))) == {"size"}


def test_circles_have_no_rotation():
    data = datasets.load("shapes", {"n": 600, "shapes": ["heart", "circle"]})
    turns, circle = data.factors["rotation"], data.factors["shape"] == 1
    assert np.isnan(turns[circle]).all()
    assert np.isfinite(turns[~circle]).all()
    alone = datasets.load("shapes", {"n": 100, "shapes": ["circle"]})
    assert "rotation" not in alone.factors
    assert set(in_steps(alone, np.arange(100))) == {"scale", "x", "y"}


class Told(nn.Module):
    """Encodes an example as itself, and by ``spread`` as a Gaussian or as a point."""

    def __init__(self, spread: bool, times: float = 1.0):
        super().__init__()
        self.spread, self.scale = spread, nn.Parameter(torch.tensor(times))

    def encode(self, x, y=None):
        z = x * self.scale
        return Code(z, torch.zeros_like(z) if self.spread else None)


def test_a_gaussian_code_of_small_means_has_collapsed_and_a_plain_one_has_not():
    data, rows = made(), np.arange(N)
    small = 0.05 / np.sqrt(data.x.var(0).max())
    assert not measured(Told(True, small), data, rows).active.any()
    assert measured(Told(False, small), data, rows).active.all()


def test_scores_of_a_model_that_broke_are_zero():
    found = measured(Told(False, float("nan")), made(), np.arange(N))
    assert (found.gap, found.factor_vae) == (0, 0)


def test_few_examples_and_few_factors_give_no_scores():
    data = made()
    assert measured(Told(False), data, np.arange(499)) is None
    alone = data_of(kind=np.ones(N, np.int64), size=np.random.default_rng(0).random(N))
    assert metrics(Told(False), alone, "test") == {}


def test_metrics_say_what_they_are():
    found = metrics(Told(False), made(), "test")
    assert set(found) == {"mutual_information_gap", "factor_vae_score"}
    for metric in found.values():
        assert metric["split"] == "test"
        assert metric["kind"] == "estimate"
        assert "6,000 examples" in metric["protocol"]
    assert "mean over size, kind, turn" in found["mutual_information_gap"]["protocol"]
    assert "chance is 1/3" in found["factor_vae_score"]["protocol"]
    assert found == metrics(Told(False), made(), "test")

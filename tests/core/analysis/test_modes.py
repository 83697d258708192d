"""Mode coverage and divergences against what is known: true data, closed forms, and pairs small enough for a pencil."""

import math

import numpy as np
import pytest
import torch

from core import datasets
from core.analysis import modes
from core.training import coverage as rules
from core.training.specs import resolve
from core.training.trainer import Trainer


def points(distribution: str = "ring", n: int = 200_000, **more):
    options = {"distribution": distribution, "n": n, **more}
    data = datasets.load("points", options)
    return data, rules.truth_of(data, options)


@pytest.mark.parametrize(
    ("distribution", "k", "floor"), [("ring", 8, 0.0014), ("grid", 25, 0.0048)]
)
def test_true_data_reach_their_floors(distribution, k, floor):
    data, truth = points(distribution)
    parts = [rules.measured(x, data, truth) for x in data.x.reshape(80, modes.SAMPLES, 2)]
    mean = {name: np.mean([part[name] for part in parts]) for name in parts[0]}
    assert mean["modes"] == k
    assert mean["high_quality"] == pytest.approx(0.9889, abs=0.001)
    assert mean["reverse_kl"] == pytest.approx(floor, rel=0.15)
    expected = modes.floors(data, truth)
    assert expected["high_quality"] == pytest.approx(0.98889, abs=1e-5)
    assert expected["reverse_kl"] == pytest.approx(floor, abs=1e-12)
    assert expected["modes"] == k
    for name in ("kl", "js"):
        assert mean[name] == pytest.approx(expected[name], rel=0.1)


@pytest.mark.parametrize("distribution", ["moons", "checkerboard"])
def test_sets_without_modes_report_covered_cells(distribution):
    data, truth = points(distribution)
    assert not truth.exact
    parts = [rules.measured(x, data, truth) for x in data.x[:50_000].reshape(20, -1, 2)]
    assert set(parts[0]) == {"kl", "js", "cells"}
    expected = modes.floors(data, truth)
    for name in ("cells", "js"):
        assert np.mean([part[name] for part in parts]) == pytest.approx(expected[name], rel=0.06)
    one = rules.measured(np.repeat(data.x[:1], 2500, 0), data, truth)
    assert one["cells"] == pytest.approx(1 / truth.cells.sum())
    assert one["js"] > 0.6


def test_a_cell_is_the_distribution_s_own_where_one_sample_is_expected():
    masses = np.zeros(1601)
    masses[:2] = np.array([1.001, 0.999]) / rules.SAMPLES
    masses[-1] = 1 - masses.sum()
    assert np.flatnonzero(rules.Truth((0, 1, 0, 1), masses, True).cells).tolist() == [0]


def test_the_reference_is_drawn_anew_and_a_drawing_is_its_own():
    data, truth = points("moons", n=500)
    assert (truth.masses > 0).sum() > 1.2 * (rules.histogram(data.x, truth.box) > 0).sum()
    alone = rules.truth_of(data)
    assert np.array_equal(alone.masses, rules.histogram(data.x, alone.box) / 500)


def test_collapse_is_seen_for_what_it_is():
    data, truth = points()
    one = data.x[data.y == 3][:2500]
    found = rules.measured(one, data, truth)
    assert found["modes"] == 1
    assert found["high_quality"] > 0.98
    assert found["reverse_kl"] == pytest.approx(math.log(8), abs=1e-6)
    # Seven eighths of the mass have no sample; each costs ln n. Half of ln 2 and a little more is what is left of JS.
    assert found["kl"] == pytest.approx(7 / 8 * math.log(2500) - math.log(8) / 8, abs=0.05)
    far = rules.measured(one + 50, data, truth)
    assert far["modes"] == far["high_quality"] == 0
    assert far["js"] == pytest.approx(math.log(2), abs=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf, -1e30])
def test_what_is_no_place_counts_as_outside(value):
    data, truth = points(n=1000)
    broken = np.full((10, 2), value, np.float32)
    found = rules.measured(broken, data, truth)
    assert found["modes"] == found["high_quality"] == 0
    assert rules.mode_counts(broken, data.modes, 0.01).sum() == 0
    assert rules.histogram(broken, truth.box)[-1] == 10


def test_samples_between_modes_are_no_mode_s_own():
    centres = np.array([[0.0, 0.0], [1.0, 0.0]], np.float32)
    samples = np.array([[0.29, 0.0], [0.31, 0.0], [1.0, 0.2], [0.4, 0.0]], np.float32)
    nearest, near = rules.assigned(samples, centres, 0.1)
    assert nearest.tolist() == [0, 0, 1, 0]
    assert near.tolist() == [True, False, True, False]
    assert rules.mode_counts(samples, centres, 0.1).tolist() == [1, 1]
    assert rules.reverse_kl(nearest, 2) == pytest.approx(
        0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    )


# -- divergences -------------------------------------------------------------------------------------------------------


def test_divergences_of_a_pair_by_hand():
    counts, masses = np.array([3, 1, 0, 0]), np.array([0.5, 0.25, 0.25, 0.0])
    kl, js = rules.divergences(counts, masses)
    shares = [0.75, 0.25, 0.0]
    skewed = [0.75 * s + 0.25 * m for s, m in zip(shares, masses[:3], strict=True)]
    assert kl == pytest.approx(
        sum(m * math.log(m / s) for m, s in zip(masses[:3], skewed, strict=True))
    )
    by_hand = 0.5 * (0.75 * math.log(0.75 / 0.625) + 0.0) + 0.5 * (
        0.5 * math.log(0.5 / 0.625) + 0.25 * math.log(2)
    )
    assert js == pytest.approx(by_hand)
    assert rules.divergences(np.array([2, 1, 1, 0]), masses) == pytest.approx((0, 0), abs=1e-12)
    assert rules.divergences(np.array([0, 0, 0, 9]), masses)[1] == pytest.approx(math.log(2))


def test_kl_of_two_gaussians_comes_to_the_closed_form():
    """KL(N(0, I) ‖ N(m, I)) = ½‖m‖², from exact masses against many samples of the other."""
    box = (-6.0, 6.0, -6.0, 6.0)
    truth = rules.gaussian_masses(np.zeros((1, 2)), 1.0, box)
    shift = np.array([0.6, 0.3])
    random = np.random.default_rng(0)
    counts = sum(rules.histogram(random.standard_normal((10**6, 2)) + shift, box) for _ in range(4))
    kl, js = rules.divergences(counts, truth)
    assert kl == pytest.approx(0.5 * (shift**2).sum(), rel=0.03)
    # Of two Gaussians so close JS is an eighth of their symmetric divergence, ‖m‖² / 8.
    assert js == pytest.approx((shift**2).sum() / 8, rel=0.06)
    exact = rules.gaussian_masses(shift[None], 1.0, box)
    own = (truth > 1e-30) & (exact > 1e-30)
    assert (truth[own] * np.log(truth[own] / exact[own])).sum() == pytest.approx(0.225, rel=0.01)


def test_masses_of_a_mixture_are_what_many_samples_show():
    data, truth = points("grid")
    assert truth.exact
    assert truth.masses.sum() == pytest.approx(1, abs=1e-12)
    shares = rules.histogram(data.x, truth.box) / len(data.x)
    assert np.abs(shares - truth.masses).max() < 5 * math.sqrt(0.04 / len(data.x))
    # One Gaussian in the middle of a box of ± 2: each quarter alike, and the rest outside.
    one = rules.gaussian_masses(np.zeros((1, 2)), 1.0, (-2.0, 2.0, -2.0, 2.0))
    inside = math.erf(2 / math.sqrt(2)) ** 2
    assert one[-1] == pytest.approx(1 - inside, abs=1e-12)
    square = one[:-1].reshape(40, 40)
    assert square[:20, :20].sum() == pytest.approx(inside / 4, abs=1e-12)


def test_the_grid_s_first_cells_run_along_x_at_the_bottom():
    box = (0.0, 40.0, 0.0, 80.0)
    counts = rules.histogram(np.array([[3.5, 1.0], [0.5, 3.0], [40.0, 1.0], [-0.1, 1.0]]), box)
    assert counts[3] == 1
    assert counts[40] == 1
    assert counts[-1] == 2


# -- models --------------------------------------------------------------------------------------------------


def test_a_model_is_measured_without_being_moved():
    spec = resolve("gan", "points", {"n": 500, "steps": 3})
    data = datasets.load("points", spec.data)
    trainer = Trainer(spec, data)
    truth = modes.truth_of(data, spec.data)
    state = torch.get_rng_state()
    first, again = (modes.coverage(trainer.model, data, truth, 400) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), state)
    assert first.measures == again.measures
    assert first.counts.shape == (8,)
    assert first.counts.sum() == pytest.approx(400 * first.measures["high_quality"])
    assert modes.coverage(trainer.model, data, truth, 400, seed=2).measures != first.measures


def test_images_and_points_in_space_have_no_truth_in_the_plane():
    assert modes.truth_of(datasets.load("digits")) is None
    assert modes.truth_of(datasets.load("plane3d", {"n": 100})) is None

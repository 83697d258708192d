"""Groups of codes: their means, the way between them, how well it tells them apart, how they are looked at."""

import numpy as np
import pytest

from core.analysis import directions
from core.analysis.neighbours import distances, nearest_of_each
from core.errors import BadInput


def test_means_of_classes_and_of_an_empty_one():
    codes = np.array([[0.0, 0], [2, 4], [5, 5]], np.float32)
    means, counts = directions.means(codes, np.array([0, 0, 2]), 4)
    assert counts.tolist() == [2, 0, 1, 0]
    assert means[[0, 2]].tolist() == [[1, 2], [5, 5]]
    assert np.isnan(means[[1, 3]]).all()


def test_the_direction_leads_from_one_mean_to_the_other():
    codes = np.array([[0.0, 0], [2, 0], [5, 1], [7, 3]])
    a = np.array([True, True, False, False])
    assert directions.direction(codes, a, ~a).tolist() == [5, 2]
    with pytest.raises(BadInput, match="at least one example"):
        directions.direction(codes, a, np.zeros(4, bool))


def test_separation_counts_pairs():
    along = np.array([[1.0], [2], [3], [2]])
    a = np.array([True, True, False, False])
    # Pairs (1, 3), (1, 2), (2, 3) go upwards and (2, 2) is a tie, which counts half.
    assert directions.separation(along, np.ones(1), a, ~a) == pytest.approx(3.5 / 4)
    assert directions.separation(along, -np.ones(1), a, ~a) == pytest.approx(0.5 / 4)
    assert np.isnan(directions.separation(along, np.ones(1), a, np.zeros(4, bool)))


def test_the_extremes_of_a_factor_are_quarters():
    low, high = directions.extremes(np.arange(100.0))
    assert np.flatnonzero(low).tolist() == list(range(25))
    assert np.flatnonzero(high).tolist() == list(range(75, 100))


def test_two_units_are_looked_at_as_they_are():
    codes = np.random.default_rng(0).normal(size=(50, 2))
    origin, axes, shares = directions.flat_view(codes)
    assert np.array_equal((codes - origin) @ axes, codes)
    assert shares is None
    assert directions.flat_view(codes[:, :1])[1].tolist() == [[1, 0]]


def test_more_are_looked_at_by_their_principal_axes():
    random = np.random.default_rng(0)
    codes = random.normal(size=(5000, 5)) * [0.1, 3, 0.1, 2, 0.1] + 7
    origin, axes, shares = directions.flat_view(codes)
    assert axes[1, 0] == pytest.approx(1, abs=0.02)
    assert axes[3, 1] == pytest.approx(1, abs=0.02)
    assert axes.T @ axes == pytest.approx(np.eye(2))
    assert shares == pytest.approx([9 / 13.03, 4 / 13.03], abs=0.02)
    assert origin == pytest.approx(codes.mean(0))
    constant = directions.flat_view(np.ones((9, 3)))
    assert all(np.isfinite(part).all() for part in constant)


def test_the_nearest_of_each_is_the_brute_force_one():
    random = np.random.default_rng(0)
    values = random.integers(0, 256, (2300, 1, 3, 3)).astype(np.uint8)
    queries = random.integers(0, 256, (7, 1, 3, 3)).astype(np.uint8)
    at, apart = nearest_of_each(values, queries)
    for query, place, far in zip(queries, at, apart, strict=True):
        known = distances(values, query)
        assert place == known.argmin()
        assert far == pytest.approx(known.min(), abs=1e-5)

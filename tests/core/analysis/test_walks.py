"""Ways through a space: exact ends, kept norms, and what happens where there is no angle."""

import numpy as np
import pytest

from core.analysis import walks
from core.errors import BadInput

T = np.linspace(0, 1, 9)


@pytest.fixture
def ends():
    random = np.random.default_rng(0)
    return random.normal(size=(2, 64))


@pytest.mark.parametrize("way", walks.WAYS)
def test_both_ends_are_exact(ends, way):
    found = walks.between(*ends, T, way)
    assert np.array_equal(found[0], ends[0])
    assert np.array_equal(found[-1], ends[1])


def test_straight_is_the_line(ends):
    found = walks.between(*ends, T)
    assert found == pytest.approx(ends[0] + T[:, None] * (ends[1] - ends[0]))


def test_a_quarter_of_a_circle_is_known():
    found = walks.between(np.array([2.0, 0]), np.array([0, 2.0]), T, "spherical")
    angle = T * np.pi / 2
    assert found == pytest.approx(2 * np.stack([np.cos(angle), np.sin(angle)], 1))


def test_the_spherical_way_keeps_the_norm_and_the_straight_one_loses_it(ends):
    a, b = (5 * end / np.linalg.norm(end) for end in ends)
    assert np.linalg.norm(walks.between(a, b, T, "spherical"), axis=1) == pytest.approx(5)
    straight = np.linalg.norm(walks.between(a, b, T), axis=1)
    assert straight[len(T) // 2] < 4
    steps = np.diff(walks.between(a, b, T, "spherical"), axis=0)
    assert np.ptp(np.linalg.norm(steps, axis=1)) < 1e-12


@pytest.mark.parametrize(
    ("a", "b"),
    [([0, 0], [1, 2]), ([1, 2], [0, 0]), ([0, 0], [0, 0]), ([1, 2], [2, 4]), ([1, 2], [-1, -2])],
    ids=["from 0", "to 0", "nowhere", "same direction", "opposite"],
)
def test_without_an_angle_the_spherical_way_is_straight(a, b):
    a, b = np.array(a, float), np.array(b, float)
    assert walks.no_sphere(a, b)
    assert walks.between(a, b, T, "spherical") == pytest.approx(walks.between(a, b, T))


def test_where_there_is_an_angle_it_is_not(ends):
    assert not walks.no_sphere(*ends)
    both = walks.no_sphere(np.stack([ends[0], np.zeros(64)]), np.stack([ends[1], ends[1]]))
    assert both.tolist() == [False, True]


@pytest.mark.parametrize("way", walks.WAYS)
def test_a_path_goes_through_every_point_once(way):
    points = np.random.default_rng(1).normal(size=(4, 3))
    found = walks.path(points, 5, way)
    assert found.shape == (16, 3)
    assert np.array_equal(found[::5], points)
    assert found[5:11] == pytest.approx(walks.between(points[1], points[2], np.arange(6) / 5, way))


def test_a_square_has_its_corners_and_is_bilinear():
    four = np.random.default_rng(2).normal(size=(4, 3))
    found = walks.corners(four, 5)
    assert np.array_equal(found[[0, 0, -1, -1], [0, -1, 0, -1]], four)
    assert found[2, 2] == pytest.approx(four.mean(0))
    assert found[1, 3] == pytest.approx(
        0.75 * (0.25 * four[0] + 0.75 * four[1]) + 0.25 * (0.25 * four[2] + 0.75 * four[3])
    )


def test_a_spherical_square_of_points_on_a_sphere_stays_on_it():
    four = np.random.default_rng(3).normal(size=(4, 8))
    four /= np.linalg.norm(four, axis=1, keepdims=True)
    assert np.linalg.norm(walks.corners(four, 7, "spherical"), axis=-1) == pytest.approx(1)


def test_quantiles_are_those_of_the_normal():
    found = walks.quantiles(4)
    assert found == pytest.approx([-1.150349, -0.318639, 0.318639, 1.150349], abs=1e-6)
    drawn = np.random.default_rng(0).normal(size=100_000)
    inner = (walks.quantiles(10)[:-1] + walks.quantiles(10)[1:]) / 2
    assert np.diff(np.searchsorted(np.sort(drawn), inner)) / 1e5 == pytest.approx(0.1, abs=0.02)


def test_a_grid_changes_its_units_alone_and_grows_upwards():
    base = np.arange(4.0)
    found = walks.grid(base, [3, 1], np.array([-1.0, 0, 1]), np.array([10.0, 20]))
    assert found.shape == (2, 3, 4)
    assert (found[..., [0, 2]] == base[[0, 2]]).all()
    assert found[0, :, 3].tolist() == [-1, 0, 1]
    assert found[:, 0, 1].tolist() == [20, 10]
    strip = walks.grid(base[:1], [0], np.array([5.0, 6]))
    assert strip.tolist() == [[[5], [6]]]


def test_a_sweep_changes_one_unit_in_each_row():
    base = np.zeros(3)
    found = walks.sweep(base, [2, 0], np.array([[1.0, 2], [3, 4]]))
    assert found.tolist() == [[[0, 0, 1], [0, 0, 2]], [[3, 0, 0], [4, 0, 0]]]


def test_another_way_is_refused():
    with pytest.raises(BadInput, match="way: one of straight, spherical"):
        walks.between(np.zeros(2), np.ones(2), T, "crooked")

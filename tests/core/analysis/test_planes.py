"""Planes through codes: exact coordinates, orthonormal axes, the place of what spans them, and how far they reach."""

import numpy as np
import pytest

from core.analysis import planes
from core.errors import BadInput


def cloud(width: int, n: int = 300) -> np.ndarray:
    """Codes whose numbers differ in deviation, the last one standing still where there are several."""
    codes = np.random.default_rng(width).normal(size=(n, width)) * np.linspace(4, 1, width) + 2
    if width > 2:
        codes[:, -1] = 0.5
    return codes


def all_planes(codes: np.ndarray) -> dict[str, planes.Plane]:
    found = {"units": planes.units(codes), "principal": planes.principal(codes)}
    if codes.shape[1] > 1:
        found["images"] = planes.through(codes, codes[:3])
        found["classes"] = planes.direction(codes, codes[:100].mean(0), codes[100:].mean(0))
    return found


@pytest.mark.parametrize("width", [1, 2, 3, 64])
def test_axes_are_orthonormal_and_lose_nothing(width):
    codes = cloud(width)
    for name, plane in all_planes(codes).items():
        d = plane.directions
        assert np.allclose(d @ d.T, np.eye(width), atol=1e-9), name
        assert len(plane.names) == len(set(plane.names)) == width
        assert plane.codes(plane.coordinates(codes)) == pytest.approx(codes)


@pytest.mark.parametrize("name", ["units", "principal", "images", "classes"])
def test_a_wide_code_keeps_as_many_axes_as_a_hand_can_hold(name):
    plane = all_planes(cloud(300, 120))[name]
    d = plane.directions
    assert d.shape == (planes.MOST, 300)
    assert np.allclose(d @ d.T, np.eye(planes.MOST), atol=1e-9)


def test_units_are_the_numbers_themselves():
    codes = cloud(5)
    plane = planes.units(codes, 3, 1)
    at = plane.coordinates(codes)
    assert np.array_equal(at[:, :2], codes[:, [3, 1]])
    assert plane.names == ["unit 3", "unit 1", "unit 0", "unit 2", "unit 4"]
    with pytest.raises(BadInput, match="two different units"):
        planes.units(codes, 2, 2)
    with pytest.raises(BadInput, match="units 0 to 4, not 5"):
        planes.units(codes, 0, 5)


def test_principal_axes_are_those_of_the_covariance():
    codes = cloud(6)
    at = planes.principal(codes).coordinates(codes)
    values = np.linalg.eigvalsh(np.cov(codes.T))[::-1]
    assert at.mean(axis=0) == pytest.approx(np.zeros(6), abs=1e-9)
    assert at.var(axis=0, ddof=1) == pytest.approx(values, abs=1e-9)
    swapped = planes.principal(codes, 2, 0).coordinates(codes)
    assert swapped[:, :2] == pytest.approx(at[:, [2, 0]])
    with pytest.raises(BadInput, match="two different axes between 0 and 5"):
        planes.principal(codes, 0, 6)


def test_a_plane_through_three_images_holds_all_three():
    codes = cloud(7)
    at = planes.through(codes, codes[:3]).coordinates(codes[:3])
    assert at[0] == pytest.approx(np.zeros(7), abs=1e-9)
    assert at[1, 1:] == pytest.approx(np.zeros(6), abs=1e-9)
    assert at[2, 2:] == pytest.approx(np.zeros(5), abs=1e-9)
    assert at[1, 0] == pytest.approx(np.linalg.norm(codes[1] - codes[0]))
    with pytest.raises(BadInput, match="on one line"):
        planes.through(codes, np.stack([codes[0], codes[1], (codes[0] + codes[1]) / 2]))


def test_a_direction_leads_from_one_mean_to_the_other():
    codes = cloud(4)
    start, end = codes[:50].mean(0), codes[50:].mean(0)
    plane = planes.direction(codes, start, end)
    at = plane.coordinates(np.stack([start, end]))
    half = np.linalg.norm(end - start) / 2
    assert at[:, 0] == pytest.approx([-half, half])
    assert at[:, 1:] == pytest.approx(np.zeros((2, 3)), abs=1e-9)
    assert plane.names[:2] == ["from group to group", "across"]
    with pytest.raises(BadInput, match="same mean code"):
        planes.direction(codes, start, start)


def test_spreads_are_the_covariance_on_the_square():
    codes = cloud(5)
    deviation = np.random.default_rng(0).uniform(0.1, 2, (4, 5))
    plane = planes.principal(codes)
    for found, sigma in zip(plane.spreads(deviation), deviation, strict=True):
        seen = plane.directions[:2] @ np.diag(sigma**2) @ plane.directions[:2].T
        assert found == pytest.approx([seen[0, 0], seen[0, 1], seen[1, 1]])
    line = planes.units(cloud(1))
    assert line.spreads(np.array([[0.5]])) == pytest.approx(np.array([[0.25, 0, 0]]))


def test_the_square_holds_the_codes_and_the_prior():
    codes = np.random.default_rng(0).normal(size=(1000, 2))
    plane = planes.units(codes)
    wide = planes.box(plane, codes, 2.0)
    assert wide["low"] == pytest.approx([-6, -6])
    assert wide["high"] == pytest.approx([6, 6])
    own = planes.box(plane, codes, None)
    inside = ((codes > own["low"]) & (codes < own["high"])).all(axis=1)
    assert inside.mean() > 0.97
    assert np.ptp(own["high"] - own["low"]) == pytest.approx(0)
    assert own["start"] == pytest.approx(codes.mean(axis=0))


def test_unlike_axes_have_scales_of_their_own_and_a_dead_one_still_has_room():
    codes = np.random.default_rng(0).normal(size=(500, 3)) * [100.0, 1.0, 0.0]
    reach = planes.box(planes.units(codes), codes, None)
    length = reach["high"] - reach["low"]
    assert length[0] > 50 * length[1]
    assert length[2] == pytest.approx(length[0])
    still = np.ones((5, 2))
    reach = planes.box(planes.units(still), still, None)
    assert (reach["high"] - reach["low"]).tolist() == [1, 1]


def test_voids_are_where_no_code_is_near():
    grid = np.stack(np.meshgrid(np.arange(10), np.arange(10)), -1).reshape(-1, 2) / 40.0
    corner = planes.voids(grid, [0, 0], [1, 1], 40)
    # Neighbours are 1/40 apart: three times as far is near. The codes fill [0, 9/40]².
    assert not corner[:10, :10].any()
    assert corner[:, 14:].all()
    assert corner[14:].all()
    assert not corner[5, 11]
    assert not planes.voids(grid * 4.1, [0, 0], [1, 1], 40).any()

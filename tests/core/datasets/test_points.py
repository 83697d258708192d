"""Known answers of the two- and three-dimensional sets."""

import numpy as np
import pytest

from core import datasets
from core.datasets import plane3d, points
from core.errors import BadInput


def nearest(data) -> tuple[np.ndarray, np.ndarray]:
    """For each row the number of the nearest mode and the distance to it."""
    away = np.linalg.norm(data.x[:, None] - data.modes[None], axis=2)
    return away.argmin(axis=1), away.min(axis=1)


@pytest.mark.parametrize("k", [1, 2, 3, 8, 25, 64])
def test_a_ring_has_k_distinct_modes(k):
    data = datasets.load("points", {"modes": k, "n": 4000})
    assert data.modes.shape == (k, 2)
    assert data.mode_std == 0.01
    np.testing.assert_allclose(np.linalg.norm(data.modes, axis=1), 1, atol=1e-6)
    apart = np.linalg.norm(data.modes[:, None] - data.modes[None], axis=2) + 9 * np.eye(k)
    assert apart.min() > 0.09
    assert len(data.classes) == k
    assert set(data.y) == set(range(k))


def test_points_of_a_ring_lie_at_their_mode():
    data = datasets.load("points", {"n": 20_000})
    mode, away = nearest(data)
    np.testing.assert_array_equal(mode, data.y)
    assert abs(np.sqrt((away**2).mean() / 2) - 0.01) < 2e-4
    np.testing.assert_allclose(np.bincount(data.y) / 20_000, 1 / 8, atol=0.01)


def test_the_grid_stands_on_even_numbers():
    data = datasets.load("points", {"distribution": "grid", "n": 20_000})
    side = [-4, -2, 0, 2, 4]
    assert {tuple(mode) for mode in data.modes.tolist()} == {(a, b) for a in side for b in side}
    mode, away = nearest(data)
    np.testing.assert_array_equal(mode, data.y)
    assert data.mode_std == 0.05
    assert abs(np.sqrt((away**2).mean() / 2) - 0.05) < 1e-3


def test_the_ring_listens_to_its_options():
    data = datasets.load("points", {"radius": 2, "mode_std": 0.1, "modes": 5})
    np.testing.assert_allclose(np.linalg.norm(data.modes, axis=1), 2, rtol=1e-6)
    assert data.mode_std == 0.1
    assert abs((data.x - data.modes[data.y]).std() - 0.1) < 0.003


@pytest.mark.parametrize(
    ("name", "classes"),
    [("moons", 2), ("spiral", 2), ("pinwheel", 5), ("checkerboard", 8), ("blobs", 3)],
)
def test_parts_are_labelled(name, classes):
    data = datasets.load("points", {"distribution": name, "n": 2000})
    assert len(data.classes) == classes
    assert set(data.y) == set(range(classes))


@pytest.mark.parametrize("name", ["line", "moons", "spiral", "swiss_roll"])
def test_curves_without_jitter_are_curves_of_their_factor(name):
    data = datasets.load("points", {"distribution": name, "n": 3000, "jitter": 0})
    for part in range(max(len(data.classes), 1)):
        mine = np.ones(3000, bool) if data.y is None else data.y == part
        order = np.argsort(data.factors["along"][mine])
        steps = np.linalg.norm(np.diff(data.x[mine][order], axis=0), axis=1)
        assert steps.max() < 0.2


def test_moons_are_scikit_learns():
    from sklearn.datasets import make_moons

    theirs, which = make_moons(4000, noise=None)
    ours = datasets.load("points", {"distribution": "moons", "jitter": 0, "n": 4000})
    centred = theirs - (0.5, 0.25)
    for part in (0, 1):
        mine = ours.x[ours.y == part]
        away = np.linalg.norm(mine[:, None] - centred[which == part][None], axis=2).min(axis=1)
        assert away.max() < 0.01


def test_a_checkerboard_leaves_the_other_squares_empty():
    data = datasets.load("points", {"distribution": "checkerboard", "n": 5000})
    column, row = np.floor(data.x).astype(int).T
    assert ((column + row) % 2 == 0).all()
    assert len(set(zip(column, row, strict=True))) == 8


def test_a_drawing_is_drawn_again_nearby():
    drawing = [(0.0, 0.0), (3.0, 1.0)]
    data = datasets.load("points", {"distribution": "drawn", "drawing": drawing, "jitter": 0.02})
    away = np.linalg.norm(data.x[:, None] - np.array(drawing)[None], axis=2)
    assert away.min(axis=1).max() < 0.15
    np.testing.assert_allclose(np.bincount(away.argmin(axis=1)) / len(data.x), 0.5, atol=0.02)


@pytest.mark.parametrize("drawing", [[], [(1, float("nan"))], [(1, 1e9)], [(1, 2, 3)], "abc"])
def test_a_bad_drawing_is_named(drawing):
    with pytest.raises(BadInput) as caught:
        datasets.load("points", {"distribution": "drawn", "drawing": drawing})
    assert set(caught.value.fields) == {"drawing"}


def test_every_distribution_can_be_chosen():
    choices = points.Options.model_json_schema()["properties"]["distribution"]["enum"]
    assert len(choices) == 10
    for name in choices:
        data = datasets.load("points", {"distribution": name, "drawing": [(0, 1)], "n": 50})
        assert data.x.shape == (50, 2)


def test_fields_say_when_they_matter():
    for field, spec in points.Options.model_json_schema()["properties"].items():
        for other, values in spec.get("when", {}).items():
            allowed = points.Options.model_json_schema()["properties"][other]["enum"]
            assert set(values) <= set(allowed), field


def test_the_plane_is_what_its_axes_say():
    options = plane3d.Options(n=20_000)
    data = plane3d.load(options)
    axes = plane3d.axes(options)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    assert np.rad2deg(np.arccos(axes[2, 2])) == pytest.approx(options.tilt)
    own = data.x @ axes.T
    for column, key in enumerate(data.factors):
        np.testing.assert_allclose(own[:, column], data.factors[key], atol=1e-5)
    np.testing.assert_allclose(own.std(axis=0), (1, 0.5, 0.1), rtol=0.03)


def test_principal_axes_of_the_plane_are_its_own():
    options = plane3d.Options(n=20_000)
    x = plane3d.load(options).x
    found = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2]
    agreement = np.abs((found * plane3d.axes(options)).sum(axis=1))
    assert agreement.min() > 0.999

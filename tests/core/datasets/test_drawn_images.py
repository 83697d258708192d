"""Digits, shapes and glyphs: rows that are real, and factors that are true."""

import numpy as np
import pytest

from core import arrays, datasets
from core.datasets import glyphs, raster, shapes
from core.errors import DataUnavailable


def test_digits_are_scikit_learns():
    from sklearn.datasets import load_digits

    theirs = load_digits()
    ours = datasets.load("digits")
    assert ours.x.shape == (1797, 1, 8, 8)
    np.testing.assert_array_equal(ours.x[:, 0], np.rint(theirs.images * 255 / 16))
    np.testing.assert_array_equal(ours.y, theirs.target)
    assert ours.classes == tuple(map(str, theirs.target_names))


def test_digits_without_their_file_say_so(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DataUnavailable, match="scikit-learn"):
        datasets.load("digits", {"data_seed": 77})


def shape_images(name: str, **factors: float) -> np.ndarray:
    values = {"scale": 8.0, "rotation": 0.0, "x": 0.0, "y": 0.0} | factors
    given = {key: np.array([value], np.float32) for key, value in values.items()}
    away = shapes.distances((name,), np.array([0]), **given)
    return raster.covered(away).reshape(28, 28).astype(int)


@pytest.mark.parametrize("name", shapes.SYMMETRY)
def test_a_turn_by_the_symmetry_changes_nothing_and_half_of_it_does(name):
    period = shapes.SYMMETRY[name]
    at = shape_images(name, rotation=17)
    assert np.abs(at - shape_images(name, rotation=17 + period)).max() <= 1
    assert np.abs(at - shape_images(name, rotation=17 + period / 2)).max() > 100


@pytest.mark.parametrize("name", shapes.OUTLINES)
def test_a_shift_moves_the_pixels(name):
    at = shape_images(name, scale=6)
    np.testing.assert_array_equal(
        np.roll(at, (2, 3), (0, 1)), shape_images(name, scale=6, x=3, y=2)
    )


AREAS = {"square": 1.5**2, "ellipse": np.pi / 2, "triangle": np.sqrt(27) / 4, "circle": np.pi}


@pytest.mark.parametrize(("name", "area"), AREAS.items())
def test_grey_adds_up_to_the_area(name, area):
    for turn in (0, 10, 33):
        ink = shape_images(name, rotation=turn, scale=8).sum() / 255
        assert ink == pytest.approx(64 * area, rel=0.02)


def test_the_heart_is_upright_and_its_own_mirror_image():
    heart = shape_images("heart", scale=9)
    assert np.abs(heart - heart[:, ::-1]).max() <= 1
    rows = np.flatnonzero(heart.sum(axis=1))
    assert heart[rows[2]].sum() > heart[rows[-3]].sum()


def test_shapes_fit_the_frame_and_are_smooth():
    x = datasets.load("shapes", {"n": 2000}).x[:, 0]
    border = np.concatenate([x[:, 0], x[:, -1], x[:, :, 0], x[:, :, -1]], axis=1)
    assert (border.max(axis=1) > 128).mean() < 0.005
    assert 0.2 < ((x > 0) & (x < 255)).sum() / (x > 0).sum() < 0.6


def test_a_circle_has_no_angle_and_the_others_are_drawn_as_without_it():
    assert (shape_images("circle", rotation=np.nan) == shape_images("circle", rotation=50)).all()
    data = datasets.load("shapes", {"n": 400, "shapes": ["heart", "circle"]})
    circle = data.factors["shape"] == 1
    assert (np.isnan(data.factors["rotation"]) == circle).all()
    ink = data.x[circle].sum(axis=(1, 2, 3), dtype=float) / 255
    np.testing.assert_allclose(ink, np.pi * data.factors["scale"][circle] ** 2, rtol=0.02)


def test_one_shape_alone():
    data = datasets.load("shapes", {"n": 200, "shapes": ["triangle"]})
    assert data.classes == ("triangle",)
    assert data.factors["rotation"].max() <= 120


@pytest.mark.parametrize("name", ["shapes", "glyphs"])
def test_images_are_drawn_once(name, home, monkeypatch):
    module = datasets.get(name)
    options = datasets.options(name, {"n": 200})
    heard = []
    first = module.load(options, progress=lambda share, text: heard.append((share, text)))
    assert heard[-1][0] == 1
    monkeypatch.setattr(module, "_draw", lambda *anything: pytest.fail("drawn twice"))
    again = module.load(options)
    np.testing.assert_array_equal(first.x, again.x)
    assert list(first.factors) == list(again.factors)
    assert len(list((home / "cache").glob(f"{name}-*"))) == 1


def test_the_split_and_the_binarising_share_one_drawing(home):
    for values in ({}, {"validation": 0.2}, {"binarise": "fixed"}):
        datasets.get("shapes").load(datasets.options("shapes", {"n": 200} | values))
    assert len(list((home / "cache").iterdir())) == 1


def test_a_damaged_cache_is_drawn_anew(home):
    module, options = datasets.get("shapes"), datasets.options("shapes", {"n": 200})
    first = module.load(options)
    (file,) = (home / "cache").iterdir()
    file.write_bytes(b"rubbish")
    np.testing.assert_array_equal(first.x, module.load(options).x)
    assert "images" in arrays.read(file)[0]


def test_a_home_that_cannot_be_written_costs_only_the_cache(home):
    home.write_text("a file where the folder should be")
    data = datasets.get("shapes").load(datasets.options("shapes", {"n": 200}))
    assert len(data.x) == 200


def glyph_image(field: np.ndarray, **style: float) -> np.ndarray:
    values = {"slant": 0.0, "rotation": 0.0, "scale": 15.0, "weight": 0.0} | style
    given = {key: np.array([value], np.float32) for key, value in values.items()}
    return raster.covered(glyphs.distances(field[None], **given)).reshape(28, 28).astype(float)


def test_style_does_what_it_says():
    field = glyphs.outline("H")
    plain = glyph_image(field)
    rows = np.flatnonzero(plain.sum(axis=1) > 255)
    assert rows[-1] - rows[0] + 1 == pytest.approx(15, abs=1)
    taller = np.flatnonzero(glyph_image(field, scale=17).sum(axis=1) > 255)
    assert taller[-1] - taller[0] == pytest.approx(rows[-1] - rows[0] + 2, abs=1)
    assert glyph_image(field, weight=0.5).sum() > 1.3 * plain.sum()
    leaning = glyph_image(glyphs.outline("I"), slant=15)[rows[1:-1]]
    middles = leaning @ np.arange(28) / leaning.sum(axis=1)
    slope = np.polyfit(rows[1:-1], middles, 1)[0]
    assert -slope == pytest.approx(np.tan(np.deg2rad(15)), rel=0.05)


def test_glyphs_turn_clockwise():
    image = glyph_image(glyphs.outline("I"), rotation=20)
    place = np.arange(28)
    rows = np.flatnonzero(image.sum(axis=1) > 255)
    top, bottom = (image[row] @ place / image[row].sum() for row in (rows[1], rows[-2]))
    assert top > bottom


@pytest.mark.parametrize(("characters", "count"), [("digits", 10), ("letters", 26), ("both", 36)])
def test_glyphs_of_each_alphabet(characters, count):
    data = datasets.load("glyphs", {"n": 400, "characters": characters})
    assert len(data.classes) == count
    assert data.x.max() == 255
    border = np.concatenate([data.x[:, 0, 0], data.x[:, 0, -1]], axis=1)
    assert (border.max(axis=1) > 0).mean() < 0.02

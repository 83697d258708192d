"""Numbers as pictures: where zero lies, where the ends are, what is scaled with what."""

import numpy as np
import pytest

from core.figures import palette
from core.figures.images import DEEP, PAPER, magnitude, signed


def colour(text: str) -> list[int]:
    return [int(text[i : i + 2], 16) for i in (1, 3, 5)]


def test_signs_have_the_palette_s_colours_and_zero_is_paper():
    picture = signed(np.array([[[-2.0, 0.0, 2.0, 1.0]]]))
    assert (picture.shape, picture.dtype) == ((1, 3, 1, 4), np.uint8)
    assert picture[0, :, 0, 0].tolist() == colour(palette.REAL)
    assert picture[0, :, 0, 1].tolist() == colour(PAPER)
    assert picture[0, :, 0, 2].tolist() == colour(palette.GENERATED)
    half = (np.array(colour(PAPER)) + colour(palette.GENERATED)) / 2
    assert np.abs(picture[0, :, 0, 3] - half).max() <= 0.5


def test_the_scale_is_symmetric():
    picture = signed(np.array([[[-1.0, 4.0]]]))
    same = signed(np.array([[[-1.0, -4.0]]]))
    assert np.array_equal(picture[..., 0], same[..., 0])


@pytest.mark.parametrize("draw", [signed, magnitude])
def test_each_picture_has_its_own_scale_or_all_have_one(draw):
    values = np.stack([np.eye(3), 10 * np.eye(3)])
    alone, together = draw(values), draw(values, together=True)
    assert np.array_equal(alone[0], alone[1])
    assert np.array_equal(together[1], alone[1])
    assert not np.array_equal(together[0], together[1])


def test_sizes_run_from_paper_to_the_deepest():
    picture = magnitude(np.array([[[0.0, 0.5, 1.0, -3.0]]]))[0, :, 0].T
    wanted = [PAPER, palette.GENERATED, DEEP, PAPER]
    assert picture.tolist() == [colour(text) for text in wanted]


def test_larger_is_darker_throughout():
    picture = magnitude(np.linspace(0, 1, 50)[None, None])[0, :, 0]
    lightness = np.array([0.2126, 0.7152, 0.0722]) @ picture
    assert (np.diff(lightness) < 0).all()


def test_channels_are_drawn_as_their_mean_and_what_is_no_number_as_zero():
    values = np.random.default_rng(0).standard_normal((2, 3, 4, 4))
    assert np.array_equal(signed(values), signed(values.mean(axis=1)))
    broken = np.array([[[np.nan, np.inf, 1.0]]])
    assert np.array_equal(signed(broken), signed(np.array([[[0.0, 0.0, 1.0]]])))


@pytest.mark.parametrize("draw", [signed, magnitude])
def test_nothing_and_no_picture_at_all(draw):
    assert draw(np.zeros((1, 2, 2)))[0, :, 0, 0].tolist() == colour(PAPER)
    assert draw(np.zeros((0, 2, 2)), together=True).shape == (0, 3, 2, 2)
    assert draw(np.zeros((0, 1, 2, 2))).shape == (0, 3, 2, 2)

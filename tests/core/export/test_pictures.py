"""Pictures as files: every image at its place, as many frames as there are."""

import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from core.errors import BadInput
from core.export.pictures import gif, png, sheet


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, 3, 1, 4, 5)).astype(np.uint8)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("gap", [0, 2])
def test_a_sheet_holds_every_image_at_its_place(images, gap):
    whole = sheet(images, gap)
    assert whole.shape == (2 * 4 + gap, 3 * 5 + 2 * gap, 4)
    for row in range(2):
        for column in range(3):
            top, left = row * (4 + gap), column * (5 + gap)
            cell = whole[top : top + 4, left : left + 5]
            assert (cell[..., :3] == images[row, column, 0, :, :, None]).all()
            assert (cell[..., 3] == 255).all()
    assert (whole[..., 3] == 0).sum() == whole[..., 3].size - 6 * 20


def test_colours_stay_in_their_channels():
    image = np.zeros((1, 1, 3, 2, 2), np.uint8)
    image[0, 0, 1] = 200
    assert (sheet(image)[..., :3] == [0, 200, 0]).all()


def test_a_png_is_the_sheet_enlarged(images):
    found = np.asarray(opened(png(images, gap=1, side=64)))
    assert found.shape == (9 * 3, 17 * 3, 4)
    assert (found[::3, ::3] == sheet(images, 1)).all()
    large = np.zeros((1, 1, 1, 90, 90), np.uint8)
    assert opened(png(large, side=64)).size == (90, 90)


@pytest.mark.parametrize(("swing", "count"), [(True, 8), (False, 5)])
def test_a_gif_has_a_frame_for_each_image_there_and_back(swing, count):
    frames = (np.arange(5)[:, None, None, None] * 40 + np.zeros((5, 1, 8, 8))).astype(np.uint8)
    found = opened(gif(frames, 100, swing))
    assert found.n_frames == count
    shades = [np.asarray(f.convert("L"))[0, 0] for f in ImageSequence.Iterator(found)]
    assert shades == [0, 40, 80, 120, 160, *([120, 80, 40] if swing else [])]
    assert found.info["loop"] == 0
    assert found.info["duration"] == 100


def test_a_grey_gif_loses_nothing():
    frames = np.random.default_rng(0).integers(0, 256, (3, 1, 28, 28)).astype(np.uint8)
    found = opened(gif(frames, swing=False))
    for frame, known in zip(ImageSequence.Iterator(found), frames, strict=True):
        assert (np.asarray(frame.convert("L"))[::8, ::8] == known[0]).all()


def test_one_image_and_a_coloured_film_are_gifs_too():
    assert opened(gif(np.zeros((1, 1, 8, 8), np.uint8))).n_frames == 1
    frames = np.random.default_rng(0).integers(0, 256, (4, 3, 8, 8)).astype(np.uint8)
    assert opened(gif(frames)).n_frames == 6


def test_what_is_no_image_is_refused():
    with pytest.raises(BadInput, match="A sheet is made of"):
        sheet(np.zeros((2, 2, 2, 8, 8), np.uint8))
    with pytest.raises(BadInput, match="milliseconds"):
        gif(np.zeros((2, 1, 8, 8), np.uint8), 1)

"""Digits and capital letters in Pillow's built-in typeface, slanted, turned, scaled and thickened by known amounts.

Like MNIST to look at, but with every factor of style known: slant, rotation, scale and weight beside the class.
The typeface is Aileron, by Sora Sagano.
"""

from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from core.datasets import raster
from core.datasets.base import Data, Factor, ImageOptions, Progress, image_data

TITLE = "Glyphs"
KIND = "images"

CHARACTERS = {"digits": "0123456789", "letters": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
CHARACTERS["both"] = CHARACTERS["digits"] + CHARACTERS["letters"]
RANGES = {
    "slant": Factor("Slant to the right", "degrees", range=(-20.0, 20.0)),
    "rotation": Factor("Rotation, clockwise", "degrees", range=(-30.0, 30.0)),
    "scale": Factor("Height", "pixels", range=(11.0, 17.0)),
    "weight": Factor("Added to each side of a stroke", "pixels", range=(-0.3, 0.8)),
}
FONT, CANVAS = 96, 192  # pixels of the font and of the square that each character is measured on
CAPITAL = 67.0  # the height of a capital at that size


class Options(ImageOptions):
    """How many images, and which characters they show."""

    n: int = Field(10_000, ge=100, le=100_000, description="How many images are drawn in all.")
    characters: Literal["digits", "letters", "both"] = Field(
        "digits", description="Ten digits, 26 capital letters, or all 36."
    )


def load(
    options: Options, *, data_dir: Path | None = None, progress: Progress | None = None
) -> Data:
    """Images (n, 1, 28, 28) with the factors class, slant, rotation, scale and weight; drawn once, then cached."""
    names = tuple(CHARACTERS[options.characters])
    key = {"n": options.n, "characters": options.characters, "seed": options.data_seed}
    drawn = raster.cached(__file__, key, lambda: _draw(names, options, progress))
    info = {"class": Factor("Character", values=names), **RANGES}
    return image_data(
        "glyphs",
        options,
        drawn["images"],
        drawn["class"],
        classes=names,
        factors={name: drawn[name] for name in info},
        factor_info=info,
    )


def _draw(
    names: tuple[str, ...], options: Options, progress: Progress | None
) -> dict[str, np.ndarray]:
    random = np.random.default_rng([options.data_seed, 0x61])
    which = random.integers(0, len(names), options.n)
    style = {
        name: random.uniform(*factor.range, options.n).astype(np.float32)
        for name, factor in RANGES.items()
    }
    fields = np.stack([outline(name) for name in names])

    def draw(rows: slice) -> np.ndarray:
        return distances(fields[which[rows]], **{name: v[rows] for name, v in style.items()})

    pictures = raster.images(options.n, draw, "Drawing glyphs", progress)
    return {"images": pictures, "class": which, **style}


def outline(character: str) -> np.ndarray:
    """The signed distance (192, 192) of each place to the character's outline, negative inside."""
    from PIL import Image, ImageDraw, ImageFont
    from scipy.ndimage import distance_transform_edt

    font = ImageFont.load_default(FONT)
    left, top, right, bottom = font.getbbox(character)
    canvas = Image.new("L", (CANVAS, CANVAS))
    corner = ((CANVAS - left - right) / 2, (CANVAS - top - bottom) / 2)
    ImageDraw.Draw(canvas).text(corner, character, fill=255, font=font)
    ink = np.asarray(canvas) >= 128
    return (distance_transform_edt(~ink) - distance_transform_edt(ink)).astype(np.float32)


def distances(
    fields: np.ndarray,
    slant: np.ndarray,
    rotation: np.ndarray,
    scale: np.ndarray,
    weight: np.ndarray,
) -> np.ndarray:
    """Signed distances (B, 784) in pixels of the image, for the ``fields`` (B, 192, 192) of B characters.

    Slanting bends distances: at 20° an edge is up to a fifth softer or harder than elsewhere.
    """
    zoom = CAPITAL / scale  # places of the field in one pixel
    places = raster.turned(
        np.broadcast_to(raster.pixels(), (len(scale), raster.SIDE**2, 2)), rotation
    )
    lean = np.tan(np.deg2rad(slant)).astype(np.float32)
    x = (places[..., 0] + lean[:, None] * places[..., 1]) * zoom[:, None] + (CANVAS - 1) / 2
    y = places[..., 1] * zoom[:, None] + (CANVAS - 1) / 2
    return _between(fields, x, y) / zoom[:, None] - weight[:, None]


def _between(fields: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Each field (B, H, W) read at its own places (B, P), linearly between the four nearest values."""
    x, y = (np.clip(v, 0, CANVAS - 1.001) for v in (x, y))
    column, row = x.astype(np.intp), y.astype(np.intp)
    right, down = x - column, y - row
    each = np.arange(len(fields))[:, None]
    upper = fields[each, row, column] * (1 - right) + fields[each, row, column + 1] * right
    lower = fields[each, row + 1, column] * (1 - right) + fields[each, row + 1, column + 1] * right
    return upper * (1 - down) + lower * down

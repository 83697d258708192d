"""Squares, ellipses, triangles, hearts, circles whose size, angle and place are known exactly: ground truth for codes.

After dSprites (L. Matthey, I. Higgins, D. Hassabis and A. Lerchner, 2017), with factors drawn at random rather than
on a grid, smooth edges, and each angle within the shape's own symmetry: a square turned by 90° is the same image,
so a larger angle would be a label that no model could ever learn. A circle has no angle. The distances to the
outlines are I. Quilez's (https://iquilezles.org/articles/distfunctions2d).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from core.datasets import raster
from core.datasets.base import Data, Factor, ImageOptions, Progress, image_data

TITLE = "Shapes"
KIND = "images"

SYMMETRY = {"square": 90.0, "ellipse": 180.0, "triangle": 120.0, "heart": 360.0}  # degrees
SCALE = (5.0, 9.0)
SHIFT = (-4.5, 4.5)


class Options(ImageOptions):
    """How many images, and which shapes they show."""

    n: int = Field(20_000, ge=100, le=100_000, description="How many images are drawn in all.")
    shapes: list[Literal["square", "ellipse", "triangle", "heart", "circle"]] = Field(
        ["square", "ellipse", "triangle", "heart"],
        min_length=1,
        description="The shapes to draw; one alone leaves size, angle and place to learn.",
    )


def load(
    options: Options, *, data_dir: Path | None = None, progress: Progress | None = None
) -> Data:
    """Images (n, 1, 28, 28) with the factors shape, scale, rotation, x and y; drawn once, then cached.

    The rotation of a circle is not a number, and circles alone have no such factor.
    """
    names = tuple(name for name in OUTLINES if name in options.shapes)
    key = {"n": options.n, "shapes": names, "seed": options.data_seed}
    drawn = raster.cached(__file__, key, lambda: _draw(names, options, progress))
    info = {
        "shape": Factor("Shape", values=names),
        "scale": Factor("Radius", "pixels", range=SCALE),
    }
    if turns := [SYMMETRY[name] for name in names if name in SYMMETRY]:
        info["rotation"] = Factor("Rotation", "degrees", range=(0, max(turns)), within="shape")
    info["x"] = Factor("Shift to the right", "pixels", range=SHIFT)
    info["y"] = Factor("Shift down", "pixels", range=SHIFT)
    return image_data(
        "shapes",
        options,
        drawn["images"],
        drawn["shape"],
        classes=names,
        factors={name: drawn[name] for name in info},
        factor_info=info,
    )


def _draw(
    names: tuple[str, ...], options: Options, progress: Progress | None
) -> dict[str, np.ndarray]:
    random = np.random.default_rng([options.data_seed, 0x5A])
    n = options.n
    shape = random.integers(0, len(names), n)
    period = np.array([SYMMETRY.get(name, np.nan) for name in names])[shape]
    factors = {
        "scale": random.uniform(*SCALE, n),
        "rotation": period * random.random(n),
        "x": random.uniform(*SHIFT, n),
        "y": random.uniform(*SHIFT, n),
    }
    factors = {"shape": shape, **{k: v.astype(np.float32) for k, v in factors.items()}}

    def draw(rows: slice) -> np.ndarray:
        return distances(names, **{name: values[rows] for name, values in factors.items()})

    return {"images": raster.images(n, draw, "Drawing shapes", progress), **factors}


def distances(
    names: tuple[str, ...],
    shape: np.ndarray,
    scale: np.ndarray,
    rotation: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
) -> np.ndarray:
    """Signed distances (B, 784) in pixels to the outlines of ``names[shape]`` with these factors, each (B,)."""
    centre = np.stack([x, y], axis=-1)[:, None]
    turn = np.nan_to_num(rotation)  # a circle has none
    places = raster.turned(raster.pixels() - centre, turn) / scale[:, None, None]
    result = np.empty(places.shape[:2], np.float32)
    for number, name in enumerate(names):
        mine = shape == number
        result[mine] = OUTLINES[name](places[mine])
    return result * scale[:, None]


def _square(p: np.ndarray) -> np.ndarray:
    """Half a side is 0.75."""
    q = np.abs(p) - 0.75
    return np.hypot(*np.maximum(np.moveaxis(q, -1, 0), 0)) + np.minimum(q.max(axis=-1), 0)


def _ellipse(p: np.ndarray) -> np.ndarray:
    """Half axes 1 and 0.5; the distance is right to first order, which is all that an edge needs."""
    q = p / np.float32([1, 0.5])
    length = np.hypot(q[..., 0], q[..., 1])
    slope = np.hypot(q[..., 0], 2 * q[..., 1])
    return length * (length - 1) / np.maximum(slope, 1e-6)


def _triangle(p: np.ndarray) -> np.ndarray:
    """Equilateral, its corners at distance 1 from the middle, one of them up."""
    # The outline is the farthest of three lines; beyond a corner, the nearest point is the corner itself.
    corners = np.float32([[0, -1], [np.sqrt(0.75), 0.5], [-np.sqrt(0.75), 0.5]])
    sides = (-(p @ corners.T) - 0.5).max(axis=-1)
    nearest = np.full(p.shape[:2], np.inf, np.float32)
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = np.clip((p - a) @ (b - a) / 3, 0, 1)  # a side is √3 long
        off = p - a - along[..., None] * (b - a)
        nearest = np.minimum(nearest, np.hypot(off[..., 0], off[..., 1]))
    return np.where(sides < 0, -nearest, nearest)


def _heart(p: np.ndarray) -> np.ndarray:
    """Two arcs above two straight sides that meet at a right angle, about its own middle."""
    size = 0.6
    x, y = np.abs(p[..., 0]) * size, 0.55 - p[..., 1] * size
    arc = np.hypot(x - 0.25, y - 0.75) - np.sqrt(np.float32(2)) / 4
    half = 0.5 * np.maximum(x + y, 0)
    straight = np.sqrt(np.minimum(x**2 + (y - 1) ** 2, (x - half) ** 2 + (y - half) ** 2))
    return np.where(x + y > 1, arc, straight * np.sign(x - y)) / size


def _circle(p: np.ndarray) -> np.ndarray:
    """Its radius is 1."""
    return np.hypot(p[..., 0], p[..., 1]) - 1


OUTLINES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "square": _square,
    "ellipse": _ellipse,
    "triangle": _triangle,
    "heart": _heart,
    "circle": _circle,
}

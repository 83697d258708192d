"""What the drawn image sets share: pixels from signed distances, and a cache so that each set is drawn once.

A pixel's grey is how much of it the figure covers, read off the distance from its centre to the outline: smooth
edges without drawing anything larger first.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core import arrays
from core.datasets.base import Progress
from core.errors import DamagedFile, StorageFull
from core.settings import settings

SIDE = 28
CHUNK = 500  # images drawn at once: keeps the working arrays within a processor's cache


def pixels() -> np.ndarray:
    """The centres of the pixels (784, 2) as (x, y), in pixels from the image's middle; y points down."""
    place = np.arange(SIDE, dtype=np.float32) - (SIDE - 1) / 2
    return np.stack(np.meshgrid(place, place), axis=-1).reshape(-1, 2)


def turned(points: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """Points (B, P, 2) turned back by an angle each (B,): a figure read there stands turned by that angle.

    With y pointing down, the figure turns clockwise as one sees it.
    """
    angle = np.deg2rad(degrees).astype(np.float32)[:, None]
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = points[..., 0], points[..., 1]
    return np.stack([cos * x + sin * y, cos * y - sin * x], axis=-1)


def covered(distance: np.ndarray) -> np.ndarray:
    """Grey (0 to 255, uint8) from the signed distance to the outline in pixels, negative inside."""
    return np.rint(255 * np.clip(0.5 - distance, 0, 1)).astype(np.uint8)


def images(
    count: int, draw: Callable[[slice], np.ndarray], text: str, progress: Progress | None
) -> np.ndarray:
    """Images (count, 1, 28, 28) uint8; ``draw(rows)`` gives the signed distances (B, 784) of a slice of rows."""
    x = np.empty((count, SIDE * SIDE), np.uint8)
    for start in range(0, count, CHUNK):
        rows = slice(start, min(start + CHUNK, count))
        x[rows] = covered(draw(rows))
        if progress is not None:
            progress(rows.stop / count, text)
    return x.reshape(count, 1, SIDE, SIDE)


def cached(
    source: str, key: dict[str, Any], draw: Callable[[], dict[str, np.ndarray]]
) -> dict[str, np.ndarray]:
    """``draw()``, or what it gave the last time for this ``key`` and these source files.

    ``source`` is the drawing file. A damaged cache is drawn anew; where nothing can be written, nothing is cached.
    """
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode())
    for file in (source, __file__):
        digest.update(Path(file).read_bytes())
    name = f"{Path(source).stem}-{digest.hexdigest()[:16]}.safetensors"
    path = settings().home / "cache" / name
    if path.exists():
        try:
            return arrays.read(path)[0]
        except DamagedFile:
            path.unlink(missing_ok=True)
    drawn = draw()
    try:
        arrays.write(path, drawn)
    except StorageFull:
        return drawn  # it is only drawn again the next time
    return drawn

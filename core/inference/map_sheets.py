"""The images of a map's points, small, many to a picture, so that a page shows any of them without asking."""

import io
from typing import Any

import numpy as np

from core.errors import BadInput
from core.inference import asking
from core.inference.mapped import kept

__all__ = ["map_sheet"]

SHEET = 2500
ACROSS = 50
LARGEST = 28  # pixels on a thumbnail's longer side
COMPRESSION = 3  # of zlib's 9: a few bytes more, made in a third of the time


def map_sheet(run: str, key: str, i: int = 0) -> dict[str, Any]:
    """Sheet ``i``: the images of the map's rows 2,500 i to 2,500 (i + 1), 50 a row from the top left, ``png`` (bytes).

    Each is as large as it is, or reduced to 28 pixels on its longer side: ``width`` by ``height``. ``count`` of them,
    of ``sheets`` sheets. Without loss; grey, or in colour.
    """
    found = kept(run, key)
    data, rows = found.data, found.rows
    if data.kind != "images":
        raise BadInput("These data are points; they have no images.")
    sheets = -(-len(rows) // SHEET)
    asking.whole("i", i, 0, sheets - 1)
    chosen = rows[i * SHEET : (i + 1) * SHEET]
    images = reduced(data.x[chosen])
    height, width = images.shape[1:3]
    return {
        "png": picture(images),
        "width": width,
        "height": height,
        "count": len(chosen),
        "sheets": sheets,
    }


def reduced(x: np.ndarray) -> np.ndarray:
    """Images (n, C, H, W) uint8 as (n, h, w) of one channel or (n, h, w, 3), at most 28 pixels on a side."""
    from PIL import Image

    _, channels, height, width = x.shape
    images = x[:, 0] if channels != 3 else x.transpose(0, 2, 3, 1)
    scale = LARGEST / max(height, width)
    if scale >= 1:
        return images
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = [Image.fromarray(np.ascontiguousarray(one)).resize(size, Image.BOX) for one in images]
    return np.stack([np.asarray(one) for one in small])


def picture(images: np.ndarray) -> bytes:
    """Images (n, h, w) or (n, h, w, 3) beside and below each other, 50 a row; what is left of the last row is black."""
    from PIL import Image

    n, height, width, *channels = images.shape
    down = -(-n // ACROSS)
    whole = np.zeros((down * ACROSS, height, width, *channels), np.uint8)
    whole[:n] = images
    rows = whole.reshape(down, ACROSS, height, width, *channels)
    sheet = rows.swapaxes(1, 2).reshape(down * height, ACROSS * width, *channels)
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(sheet)).save(out, "PNG", compress_level=COMPRESSION)
    return out.getvalue()

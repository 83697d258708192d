"""Arrays of images as files: a sheet of many as PNG, one after the other as GIF. Bytes out, nothing is written."""

import io

import numpy as np
from PIL import Image

from core.errors import BadInput

__all__ = ["gif", "png", "sheet"]

SIDE = 1200  # pixels that the longer side of a sheet comes near to: small images are enlarged by whole numbers
FRAME = 224  # the same for one frame
SHORTEST = 20  # milliseconds: browsers slow down what is faster
OPAQUE = 255


def sheet(images: np.ndarray, gap: int = 0) -> np.ndarray:
    """A table of images (rows, columns, C, H, W) uint8 as one image (H', W', 4), nothing in the gaps between them."""
    if images.dtype != np.uint8 or images.ndim != 5 or images.shape[2] not in (1, 3):
        raise BadInput("A sheet is made of uint8 images (rows, columns, 1 or 3, H, W).")
    rows, columns, _, height, width = images.shape
    whole = np.zeros((rows * (height + gap), columns * (width + gap), 4), np.uint8)
    cells = whole.reshape(rows, height + gap, columns, width + gap, 4)
    cells[:, :height, :, :width, :3] = images.transpose(0, 3, 1, 4, 2)
    cells[:, :height, :, :width, 3] = OPAQUE
    return whole[: len(whole) - gap, : whole.shape[1] - gap]


def png(images: np.ndarray, gap: int = 0, side: int = SIDE) -> bytes:
    """The sheet of (rows, columns, C, H, W) as a PNG file, its pixels enlarged until it is about ``side`` long."""
    whole = sheet(images, gap)
    return _file(Image.fromarray(_enlarged(whole, side)), "PNG")


def gif(frames: np.ndarray, milliseconds: int = 80, swing: bool = True) -> bytes:
    """Images (n, C, H, W) uint8 one after the other as an endless GIF; with ``swing`` there and back, 2n - 2 frames.

    GIF has 256 colours: grey images lose nothing, coloured ones get a palette of their own for each frame.
    """
    if not SHORTEST <= milliseconds <= 10_000:
        raise BadInput(f"milliseconds: {SHORTEST} to 10,000 for each frame, not {milliseconds}.")
    pictures = [_picture(_enlarged(sheet(one[None, None])[..., :3], FRAME)) for one in frames]
    if swing:
        pictures += pictures[-2:0:-1]
    # Of neighbours that are the same Pillow makes one frame that stands as long as both.
    return _file(
        pictures[0],
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=milliseconds,
        loop=0,
    )


def _picture(rgb: np.ndarray) -> Image.Image:
    grey = (rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 1] == rgb[..., 2]).all()
    return Image.fromarray(rgb[..., 0] if grey else rgb)


def _enlarged(image: np.ndarray, side: int) -> np.ndarray:
    """``image`` (H, W, channels) with each pixel repeated, as often as the longer side stays below ``side``."""
    times = max(side // max(image.shape[:2]), 1)
    return image.repeat(times, axis=0).repeat(times, axis=1)


def _file(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()

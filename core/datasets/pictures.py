"""Make equal small pictures of whatever pictures somebody brings; name each one that cannot be used."""

import io
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.datasets.base import Progress
from core.datasets.unpacking import ONE, UNREADABLE, File
from core.errors import BadInput

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
SIDE = 10_000  # pixels; with AREA it bounds what decoding one picture may take
AREA = 40_000_000
LARGEST = 64  # pixels on a side, of what is kept
USUAL = 28  # where the pictures are larger or unlike and nobody said
PLACES = 400 << 20  # bytes of all pictures together
Fit = Literal["crop", "pad", "stretch"]


class Unusable(Exception):
    """One file that cannot be used; the text says why, without the file's name."""


def of_files(
    files: Sequence[File], size: int | None, colour: bool, fit: Fit, progress: Progress | None
) -> tuple[np.ndarray, list[int], list[str]]:
    """Decode pictures: (n, C, H, W) uint8, the places in ``files`` of those used, a sentence for each other."""
    problems: dict[int, str] = {}
    sizes: dict[int, tuple[int, int]] = {}
    for place, file in enumerate(files):
        try:
            sizes[place] = _open(file).size
        except Unusable as error:
            problems[place] = f"{file.name} {error}."
    width, height = target(set(sizes.values()), size)
    bands = 3 if colour else 1
    room = PLACES // (bands * width * height)
    pictures, used = [], []
    for done, place in enumerate(sizes):
        try:
            if len(used) >= room:
                raise Unusable(f"was left out: {room:,} pictures of this size are all that fit")
            pictures.append(_decoded(files[place], (width, height), colour, fit))
            used.append(place)
        except Unusable as error:
            problems[place] = f"{files[place].name} {error}."
        if progress is not None:
            progress((done + 1) / len(sizes), "Reading pictures")
    x = np.stack(pictures) if pictures else np.empty((0, bands, height, width), np.uint8)
    return x, used, [problems[place] for place in sorted(problems)]


def of_array(x: np.ndarray, size: int | None, colour: bool, fit: Fit) -> np.ndarray:
    """Fit uint8 images (n, H, W, 1 or 3) to the same: (n, C, h, w)."""
    from PIL import Image

    width, height = target({(x.shape[2], x.shape[1])}, size)
    if len(x) * width * height * (3 if colour else 1) > PLACES:
        raise BadInput(f"{len(x):,} pictures of this size are too many; choose a smaller size.")
    if (height, width) == x.shape[1:3] and x.shape[3] == (3 if colour else 1):
        return np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    rows = (row[..., 0] if row.shape[-1] == 1 else row for row in x)
    return np.stack([_fitted(Image.fromarray(row), (width, height), colour, fit) for row in rows])


def target(sizes: set[tuple[int, int]], size: int | None) -> tuple[int, int]:
    """The (width, height) to keep: a square of ``size``; without it their own, if all are alike and small."""
    if size is not None:
        return size, size
    own = next(iter(sizes), (USUAL, USUAL))
    return own if len(sizes) <= 1 and max(own) <= LARGEST else (USUAL, USUAL)


def _open(file: File) -> "Image.Image":
    """The picture of a file with only its header read, once its size is known to be harmless."""
    from PIL import Image

    if file.size > ONE:
        raise Unusable(f"is larger than {ONE >> 20} MB")
    try:
        with warnings.catch_warnings():
            # The reader warns of sizes that are refused below, and of oddities that do no harm.
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(file.read()), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise Unusable(f"is too large: {SIDE:,} pixels on a side at most") from error
    except UNREADABLE as error:
        raise Unusable("is no picture that can be read") from error
    width, height = picture.size
    if max(width, height) > SIDE or width * height > AREA:
        limit = f"{SIDE:,} on a side and {AREA // 10**6} million in all at most"
        raise Unusable(f"is too large: {width:,} × {height:,} pixels; {limit}")
    return picture


def _decoded(file: File, size: tuple[int, int], colour: bool, fit: Fit) -> np.ndarray:
    """(C, H, W) uint8. Raises ``Unusable`` for a picture that ends early or does not decode."""
    from PIL import ImageOps

    try:
        with warnings.catch_warnings(), _open(file) as picture:
            warnings.simplefilter("ignore")
            picture.load()
            return _fitted(ImageOps.exif_transpose(picture), size, colour, fit)
    except UNREADABLE as error:
        raise Unusable("is damaged") from error


def _fitted(picture: "Image.Image", size: tuple[int, int], colour: bool, fit: Fit) -> np.ndarray:
    """Grey or colour, what is transparent in white, cut or padded or stretched to ``size``: (C, H, W)."""
    from PIL import Image, ImageOps

    if picture.mode.startswith("I"):  # 16 bits a pixel, which a plain conversion would clip at 255
        deep = np.asarray(picture).astype(np.float64)
        picture = Image.fromarray(
            (deep / (257 if deep.max() > 255 else 1)).clip(0, 255).astype(np.uint8)
        )
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    picture = picture.convert("RGB" if colour else "L")
    if picture.size != size:
        ways = {"crop": ImageOps.fit, "pad": ImageOps.pad}
        smooth = Image.Resampling.LANCZOS
        way = ways.get(fit)
        picture = way(picture, size, smooth) if way else picture.resize(size, smooth)
    array = np.asarray(picture)
    return array.transpose(2, 0, 1) if colour else array[None]

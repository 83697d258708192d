"""What somebody may bring, made small, and how it comes back."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from core import datasets
from core.datasets import own
from core.errors import BadInput


def picture(shade: int = 128, size: tuple[int, int] = (12, 12), mode: str = "L", kind: str = "PNG"):
    """The bytes of a plain picture."""
    file = io.BytesIO()
    colour = {"L": shade, "RGB": (shade, 0, 0), "RGBA": (shade, 0, 0, 0), "I;16": shade * 257}[mode]
    Image.new(mode, size, colour).save(file, kind)
    return file.getvalue()


def zipped(files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def saved(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def dozen(**rest) -> dict[str, bytes]:
    """Twelve good pictures of two classes."""
    return {f"{'cat' if k % 2 else 'dog'}/{k:02}.png": picture(20 * k) for k in range(12)}


def back(report: own.Report, **values):
    """What was kept, as a run would load it."""
    return datasets.load("own", {"content": report.hash} | values)


def refused(source: bytes, name: str, **choices) -> str:
    """The sentence with which something is refused, checked to be one and to name the file."""
    with pytest.raises(BadInput) as caught:
        own.keep(source, name, **choices)
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 250
    assert own.kept() == []
    return text


def random_images(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)


TABLE = "width,height,species\n" + "".join(
    f"{k / 10},{k % 3},{'iris' if k % 2 else 'rose'}\n" for k in range(20)
)

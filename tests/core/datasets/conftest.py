"""Small stand-ins for files that are large or not there: MNIST in its own format, and somebody's own data."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.datasets import own


def idx_bytes(array: np.ndarray) -> bytes:
    """An array of bytes as an IDX file."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture(name="idx_bytes")
def idx_bytes_fixture() -> Callable[[np.ndarray], bytes]:
    return idx_bytes


@pytest.fixture
def small_files(tmp_path: Path) -> Path:
    """A data directory with 200 training and 50 test rows of each set in MNIST's format."""
    root = tmp_path / "files"
    for number, name in enumerate(("MNIST", "FashionMNIST", "KMNIST")):
        random = np.random.default_rng(number)
        folder = root / name / "raw"
        folder.mkdir(parents=True)
        for part, rows in (("train", 200), ("t10k", 50)):
            images = random.integers(0, 256, (rows, 28, 28)).astype(np.uint8)
            labels = (np.arange(rows) % 10).astype(np.uint8)
            (folder / f"{part}-images-idx3-ubyte").write_bytes(idx_bytes(images))
            (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    return root


@pytest.fixture
def own_content(home: Path, tmp_path: Path) -> str:
    """The name of 120 small pictures of three classes that were taken in."""
    random = np.random.default_rng(0)
    file = tmp_path / "pictures.npz"
    np.savez(file, x=random.integers(0, 256, (120, 12, 12)).astype(np.uint8), y=np.arange(120) % 3)
    return own.keep(file).hash

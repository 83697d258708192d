"""What MNIST, Fashion-MNIST and Kuzushiji-MNIST share: four IDX files in torchvision's layout,
found or fetched.

Files that are present are read by our own reader; torchvision (3 s to import) is asked only for
where to download from. A test holds our reading equal to torchvision's.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets import EMBEDDED, download, idx
from core.datasets.base import ClassOptions, Data, Progress, image_data
from core.errors import DamagedFile, DataUnavailable
from core.settings import settings

TRAIN = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
TEST = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


@dataclass(frozen=True)
class Source:
    """A data set of torchvision: our name and title, torchvision's class (and folder), the names of
    classes.
    """

    name: str
    title: str
    torchvision: str
    classes: tuple[str, ...]


def load_source(
    source: Source, options: ClassOptions, data_dir: Path | None, progress: Progress | None
) -> Data:
    """Training rows first, then test rows; ``index`` is the row within its own file.

    Raises ``DataUnavailable`` where the files are neither here nor to be had, ``DamagedFile`` for
    bad ones.
    """
    folder = find(source, data_dir) or fetch(source, progress)
    (train_x, train_y), (test_x, test_y) = (_pair(folder, files) for files in (TRAIN, TEST))
    rows = len(train_y) + len(test_y)
    return image_data(
        source.name,
        options,
        np.concatenate([train_x, test_x])[:, None],
        np.concatenate([train_y, test_y]).astype(np.int64),
        test=np.arange(len(train_y), rows),
        index=np.concatenate([np.arange(len(train_y)), np.arange(len(test_y))]),
        classes=source.classes,
    )


def find(source: Source, data_dir: Path | None) -> Path | None:
    """The first folder that holds all four files: of ``data_dir``, ``EXPLORER_DATA`` and our own
    ``data``.
    """
    here = settings()
    for root in (data_dir, here.data, here.home / "data"):
        folder = None if root is None else root / source.torchvision / "raw"
        if folder is not None and all(_file(folder, name) for name in TRAIN + TEST):
            return folder
    return None


def fetch(source: Source, progress: Progress | None) -> Path:
    """Download what is missing into our own data folder, and return the folder."""
    folder = settings().home / "data" / source.torchvision / "raw"
    mirrors, resources = _where(source)
    wanted = [(file, md5) for file, md5 in resources if not _file(folder, Path(file).stem)]
    for number, (file, md5) in enumerate(wanted):

        def report(share: float, start: int = number) -> None:
            if progress is not None:
                progress((start + share) / len(wanted), f"Downloading {source.title}")

        try:
            urls = [mirror + file for mirror in mirrors]
            download.unpacked(urls, folder / Path(file).stem, md5, report)
        except download.Failed as error:
            raise DataUnavailable(
                f"{source.title} is not here and could not be downloaded ({error}); "
                f"{', '.join(EMBEDDED[:-1])} and {EMBEDDED[-1]} need no network."
            ) from error
    return folder


def _where(source: Source) -> tuple[list[str], list[tuple[str, str]]]:
    """torchvision's own table: the mirrors to try in turn, and each file with its MD5 sum."""
    from torchvision import datasets

    known = getattr(datasets, source.torchvision)
    return known.mirrors, known.resources


def _file(folder: Path, name: str) -> Path | None:
    """A file of the folder, unpacked or as ``.gz``."""
    return next((p for p in (folder / name, folder / f"{name}.gz") if p.is_file()), None)


def _pair(folder: Path, files: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """The images (n, 28, 28) and labels (n,) of two files, checked to be just that."""
    x, y = (idx.read(_file(folder, name) or folder / name) for name in files)
    if x.dtype != np.uint8 or x.shape[1:] != (28, 28) or y.shape != x.shape[:1]:
        raise DamagedFile(
            f"{files[0]} and {files[1]} do not hold images of 28×28 and a label each."
        )
    if y.size == 0 or y.min() < 0 or y.max() > 9:
        raise DamagedFile(f"{files[1]} holds labels that are no class from 0 to 9.")
    return x, y

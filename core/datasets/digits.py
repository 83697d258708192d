"""1,797 real handwritten digits of 8×8 pixels that come with scikit-learn: no network, no wait.

Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
Repository, 1998 (its test part, 17 grey levels). The file is read as it lies in the package:
importing scikit-learn would take a second, reading the file takes milliseconds.
"""

import gzip
import importlib.util
import io
import zlib
from pathlib import Path

import numpy as np

from core.datasets.base import ClassOptions, Data, Progress, image_data
from core.errors import DataUnavailable

TITLE = "Digits 8×8"
KIND = "images"


class Options(ClassOptions):
    """What can be chosen about the digits."""


def load(
    options: Options, *, data_dir: Path | None = None, progress: Progress | None = None
) -> Data:
    """Images (1797, 1, 8, 8), the 17 grey levels spread over 0 to 255; ``index`` is scikit-learn's
    row.
    """
    table = _table()
    x = np.rint(table[:, :64] * (255 / 16)).astype(np.uint8).reshape(-1, 1, 8, 8)
    y = table[:, 64].astype(np.int64)
    return image_data("digits", options, x, y, classes=tuple("0123456789"))


def _table() -> np.ndarray:
    """The package's own table, uint8 (1797, 65): 64 pixels of 0 to 16, and the digit."""
    spec = importlib.util.find_spec("sklearn")
    places = spec.submodule_search_locations if spec else None
    try:
        file = Path((places or ["."])[0]) / "datasets" / "data" / "digits.csv.gz"
        text = gzip.decompress(file.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataUnavailable(
            "The digits come with scikit-learn, which is not installed whole: install it again."
        ) from error
    return np.loadtxt(io.BytesIO(text), np.uint8, delimiter=",")

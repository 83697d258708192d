"""70,000 handwritten digits of 28×28 pixels, the field's first example.

Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document
recognition", Proceedings of the IEEE, 1998. 60,000 rows for training and 10,000 for testing, by
different writers.
"""

from pathlib import Path

from core.datasets.base import ClassOptions, Data, Progress
from core.datasets.mnist_files import Source, load_source

TITLE = "MNIST"
KIND = "images"

SOURCE = Source("mnist", TITLE, "MNIST", tuple("0123456789"))


class Options(ClassOptions):
    """What can be chosen about MNIST."""


def load(
    options: Options, *, data_dir: Path | None = None, progress: Progress | None = None
) -> Data:
    """Images (70000, 1, 28, 28), training rows first; ``index`` is the row within its own file.

    Raises ``DataUnavailable`` without files and network, ``DamagedFile`` for files that are not
    whole.
    """
    return load_source(SOURCE, options, data_dir, progress)

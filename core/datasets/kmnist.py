"""70,000 handwritten Japanese characters of ten classes in MNIST's format, with many shapes to a
class.

Source: T. Clanuwat et al., "Deep Learning for Classical Japanese Literature", arXiv:1812.01718,
2018.
"""

from pathlib import Path

from core.datasets.base import ClassOptions, Data, Progress
from core.datasets.mnist_files import Source, load_source

TITLE = "Kuzushiji-MNIST"
KIND = "images"

SOURCE = Source(
    "kmnist", TITLE, "KMNIST", ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
)


class Options(ClassOptions):
    """What can be chosen about Kuzushiji-MNIST."""


def load(
    options: Options, *, data_dir: Path | None = None, progress: Progress | None = None
) -> Data:
    """Images (70000, 1, 28, 28), training rows first; ``index`` is the row within its own file.

    Raises ``DataUnavailable`` without files and network, ``DamagedFile`` for files that are not
    whole.
    """
    return load_source(SOURCE, options, data_dir, progress)

"""70,000 pictures of clothes in MNIST's format: as easy to load, harder to learn.

Source: H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking
Machine Learning Algorithms", arXiv:1708.07747, 2017.
"""

from pathlib import Path

from core.datasets.base import ClassOptions, Data, Progress
from core.datasets.mnist_files import Source, load_source

TITLE = "Fashion-MNIST"
KIND = "images"

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
SOURCE = Source("fashion_mnist", TITLE, "FashionMNIST", CLASSES)


class Options(ClassOptions):
    """What can be chosen about Fashion-MNIST."""


def load(
    options: Options, *, data_dir: Path | None = None, progress: Progress | None = None
) -> Data:
    """Images (70000, 1, 28, 28), training rows first; ``index`` is the row within its own file.

    Raises ``DataUnavailable`` without files and network, ``DamagedFile`` for files that are not
    whole.
    """
    return load_source(SOURCE, options, data_dir, progress)

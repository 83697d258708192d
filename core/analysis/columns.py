"""What the points of a map can be coloured by: a value for each example, of the data, the model or the vectors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.analysis.column import Column
from core.datasets.base import Data
from core.models.base import Model

__all__ = ["COLUMNS", "Asked", "Column", "available", "column"]


@dataclass(frozen=True, eq=False)
class Asked:
    """Which examples (``rows`` (n,) into ``data``), what was projected of them (``vectors`` (n, d)), and by whom."""

    model: Model
    data: Data
    rows: np.ndarray
    vectors: np.ndarray
    parameter: str = ""
    seed: int = 0


COLUMNS: dict[str, Callable[[Asked], Column]] = {}


def available(model: Model, data: Data) -> list[dict[str, Any]]:
    """What can be asked for, in the order of a menu: ``name``, ``title``, ``kind`` and ``help``, a sentence.

    Names that end in ":" take a whole number: ``kmeans:`` the clusters, ``hdbscan:`` the least size of one; for them
    ``low``, ``high`` and ``default`` are given.
    """
    raise NotImplementedError


def column(
    name: str, model: Model, data: Data, rows: np.ndarray, vectors: np.ndarray, seed: int = 0
) -> Column:
    """The column ``name`` ("class", "factor:angle", "error", "kl", "outlier", "prediction", "kmeans:10", "hdbscan:50").

    Raises ``BadInput`` for a name or parameter that cannot work with this model and these data.
    """
    raise NotImplementedError

"""Data of known shape, and what the eye reads off a map of them: how maps mislead, in numbers.

After M. Wattenberg, F. Viégas and I. Johnson 2016, "How to use t-SNE effectively" (Distill).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["SHAPES", "Shape", "shape", "what_one_reads"]


@dataclass(frozen=True, eq=False)
class Shape:
    """Vectors (n, d) float32 of known shape, the part ``y`` (n,) int32 each belongs to, ``parts`` their names.

    ``truth`` is a number for each of ``what_one_reads``'s names that this shape has; ``lesson`` a sentence.
    """

    name: str
    title: str
    lesson: str
    vectors: np.ndarray
    y: np.ndarray
    parts: tuple[str, ...]
    truth: dict[str, float]


SHAPES: dict[str, Callable[[int], Shape]] = {}


def shape(name: str, seed: int = 0) -> Shape:
    """The shape ``name``, drawn by ``seed``; ``BadInput`` for a name that is not in ``SHAPES``."""
    raise NotImplementedError


def what_one_reads(at: np.ndarray, known: Shape) -> list[dict[str, Any]]:
    """What the eye would read off the map ``at`` (n, dims) beside the truth.

    Each row: ``name`` ("spreads", "gaps" or "clumps"), ``title``, ``true``, ``seen``, ``unit`` and ``protocol``.
    """
    raise NotImplementedError

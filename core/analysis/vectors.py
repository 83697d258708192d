"""What is projected of each example: its code, its pixels, or what a layer makes of it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from core.datasets.base import Data
from core.models.base import Model

__all__ = ["MOST", "layers", "vectors"]

MOST = 2**26  # numbers in all, 256 MiB: what wider layers make of many examples is refused


def vectors(
    model: Model,
    data: Data,
    rows: np.ndarray,
    of: str = "codes",
    progress: Callable[[float, str], None] | None = None,
) -> np.ndarray:
    """(n, d) float32, a row for each of the examples at ``rows`` (n,).

    ``of`` is "codes" (the means, flattened), "pixels" (of images in [0, 1]; points as they are) or "layer:NAME" (the
    activations of a layer that ``layers`` lists, flattened, the first time that data meet it). Raises ``BadInput``
    for what this model does not have, and where (n, d) would be more than 256 MiB.
    """
    raise NotImplementedError


def layers(model: Model, data: Data) -> list[dict[str, Any]]:
    """The layers that can be asked for, in the order in which data meet them: ``name``, ``kind``, ``group``, ``shape``.

    Empty where a model reads no examples.
    """
    raise NotImplementedError

"""What questions about codes share: a split's codes, kept for the next question, and codes turned into pictures."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from core.analysis.posteriors import decoded, posteriors, takes_class
from core.errors import BadInput
from core.inference import asking
from core.inference.weights import Loaded, load

__all__ = ["Coded", "class_given", "coded", "codes_at", "loaded_coder", "shown", "wanted"]

SURVEYED = 10_000


class Coded(NamedTuple):
    """Of the examples at ``rows`` (N,) the ``mean`` and, where there is one, the ``log_var`` of q(z|x), each (N, d)."""

    rows: np.ndarray
    mean: np.ndarray
    log_var: np.ndarray | None


def loaded_coder(run: str, step: int | None) -> Loaded:
    """A model that can encode and decode; ``BadInput`` for another."""
    loaded = load(run, step)
    for name in ("encode", "decode"):
        loaded.ability(name)
    return loaded


@lru_cache(maxsize=4)
def coded(loaded: Loaded, split: str, limit: int = SURVEYED) -> Coded:
    """The codes of a split, of at most ``limit`` rows evenly spread over it."""
    rows = asking.rows_of(loaded.data, split, limit)
    return Coded(rows, *posteriors(loaded.model, loaded.data, rows))


def wanted(loaded: Loaded, positions: Any, low: int, high: int) -> np.ndarray:
    """The ``positions`` of between ``low`` and ``high`` examples, (k,) int64, each checked."""
    if not isinstance(positions, list | tuple) or not low <= len(positions) <= high:
        many = f"{low}" if low == high else f"{low} to {high}"
        raise BadInput(f"positions: a list of {many} examples.")
    return np.concatenate([asking.position(loaded.data, one) for one in positions])


def codes_at(loaded: Loaded, rows: np.ndarray) -> np.ndarray:
    """The mean codes (k, d) of the examples at ``rows`` (k,)."""
    return posteriors(loaded.model, loaded.data, rows)[0]


def class_given(loaded: Loaded, y: Any) -> int | None:
    """The class to decode with, where the model takes one and one is given; else None."""
    if not takes_class(loaded.model) or y is None:
        return None
    return asking.whole("y", y, 0, max(len(loaded.data.classes) - 1, 0))


def shown(loaded: Loaded, z: np.ndarray, y: int | np.ndarray | None = None) -> np.ndarray:
    """What the codes ``z`` (…, d) decode to with the class ``y``, or none, as pages get examples: (…, *shape)."""
    flat = z.reshape(-1, z.shape[-1])
    classes = None if y is None else np.broadcast_to(y, z.shape[:-1]).reshape(-1)
    made = asking.as_shown(loaded.data, decoded(loaded.model, flat, classes))
    return made.reshape(*z.shape[:-1], *made.shape[1:])

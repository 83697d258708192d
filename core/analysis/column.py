"""One value for each point of a map, to colour or to list it by; numpy alone, so that pages may hold it too."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

__all__ = ["NONE", "Column"]

NONE = -1  # a category's code for "none of them": noise, or an example without a label


@dataclass(frozen=True, eq=False)
class Column:
    """``values`` (n,) float32: for a ``category`` the place in ``names`` (-1: none), for a ``number`` in ``unit``.

    A number that means nothing for an example is NaN. ``protocol`` says in a sentence where the values come from;
    ``figures`` are what they come to together, by name, each with ``value``, ``unit``, ``protocol`` and ``kind``
    (exact or estimate).
    """

    title: str
    values: np.ndarray
    kind: Literal["category", "number"]
    protocol: str
    names: tuple[str, ...] = ()
    unit: str = ""
    none: str = ""  # what -1 is called where it occurs
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)

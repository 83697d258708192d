"""The colours of a map's points, whoever draws them: a group a category, or steps along a scale."""

from typing import NamedTuple

import numpy as np

from core.analysis.column import Column
from core.figures.palette import CLASSES, MARK, NUMBERS, category

__all__ = ["STEPS", "Group", "Scale", "groups", "mixed", "scale", "title"]

STEPS = 24  # colours along a scale: more cannot be told apart
TAIL = 0.01  # share of the values at each end that take the colour of the end


class Group(NamedTuple):
    """The points ``rows`` (m,), rising, that have one ``colour``; ``name`` is that of their category, "" on a scale.

    ``known`` is False of those without a value.
    """

    name: str
    colour: str
    rows: np.ndarray
    known: bool


class Scale(NamedTuple):
    """The values at both ends of the colours, and whether there are values beyond them."""

    low: float
    high: float
    below: bool
    above: bool

    @property
    def ends(self) -> tuple[str, str]:
        """Both ends in words: "≤ 3.1", "27"."""
        return f"{'≤ ' * self.below}{self.low:.3g}", f"{'≥ ' * self.above}{self.high:.3g}"


def groups(column: Column) -> list[Group]:
    """The points by colour, those without a value first, so that they lie below: categories, or steps of the scale."""
    if column.kind == "category":
        codes = column.values.astype(np.int64)
    else:
        codes = _steps(column)
    return [
        Group(_name(column, k), _colour(column, k), np.flatnonzero(codes == k), bool(k >= 0))
        for k in np.unique(codes)
    ]


def scale(column: Column) -> Scale | None:
    """What the colours of a number reach over: all values but the outer hundredths. None where there are none."""
    values = column.values[np.isfinite(column.values)]
    if column.kind == "category" or not len(values):
        return None
    low, high = np.quantile(values, [TAIL, 1 - TAIL], method="nearest")
    return Scale(float(low), float(high), bool(values.min() < low), bool(values.max() > high))


def title(column: Column) -> str:
    """What stands at a legend: the title, and the unit of a number."""
    return f"{column.title} in {column.unit}" if column.unit else column.title


def mixed(share: float) -> str:
    """The colour at a ``share`` of the scale, 0 to 1."""
    stops = [[int(stop[i : i + 2], 16) for stop in NUMBERS] for i in (1, 3, 5)]
    places = np.linspace(0, 1, len(NUMBERS))
    return "#" + "".join(f"{round(np.interp(share, places, stop)):02x}" for stop in stops)


def _steps(column: Column) -> np.ndarray:
    """Each point's step along the scale, (n,), -1 where it has no value."""
    found, known = np.full(len(column.values), -1), np.isfinite(column.values)
    if (ends := scale(column)) is not None:
        width = (ends.high - ends.low) or 1.0
        shares = np.clip((column.values[known].astype(np.float64) - ends.low) / width, 0, 1)
        found[known] = np.minimum(shares * STEPS, STEPS - 1).astype(np.int64)
    return found


def _name(column: Column, k: int) -> str:
    if column.kind == "number":
        return "" if k >= 0 else "no value"
    if k < 0:
        return column.none or "none"
    return str(column.names[k]) if k < len(column.names) else str(k)


def _colour(column: Column, k: int) -> str:
    if k < 0:
        # With nothing to tell apart there is nothing to fade either.
        return CLASSES[0] if column.kind == "category" and (column.values < 0).all() else MARK
    return category(int(k)) if column.kind == "category" else mixed(k / (STEPS - 1))

"""A map to take along: its table as CSV or Parquet, its picture as SVG, PNG or a page that opens without a network."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from core.analysis.column import Column

__all__ = ["FORMATS", "MapTable", "csv", "html", "parquet", "png", "svg"]


@dataclass(frozen=True, eq=False)
class MapTable:
    """A map (n, dims) with the ``position`` and source row ``index`` (n,) of each point and its class ``y`` (n,), -1 none.

    ``axes`` name the coordinates; ``columns`` hold further values of each point by name.
    """

    at: np.ndarray
    position: np.ndarray
    index: np.ndarray
    y: np.ndarray
    classes: tuple[str, ...]
    axes: tuple[str, ...]
    title: str = ""
    columns: dict[str, Column] = field(default_factory=dict)


def csv(table: MapTable) -> bytes:
    """UTF-8 with a header line: position, index, class, a column for each axis and each of ``columns``."""
    raise NotImplementedError


def parquet(table: MapTable) -> bytes:
    """The same table as Parquet; title, units and protocols ride along in the file's metadata."""
    raise NotImplementedError


def svg(table: MapTable, colour: str = "class") -> bytes:
    """The picture as SVG: circles grouped by class or colour step, axis titles, a legend. ``colour``: class or a column."""
    raise NotImplementedError


def png(table: MapTable, colour: str = "class") -> bytes:
    """The same picture as PNG, two pixels for each unit of the SVG."""
    raise NotImplementedError


def html(table: MapTable, colour: str = "class") -> bytes:
    """A page with the map to turn and zoom, plotly inside: it asks no network for anything."""
    raise NotImplementedError


FORMATS: dict[str, Callable[..., bytes]] = {
    "csv": csv,
    "parquet": parquet,
    "svg": svg,
    "png": png,
    "html": html,
}

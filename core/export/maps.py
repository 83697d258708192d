"""A map to take along: its table as CSV or Parquet, its picture as SVG, PNG or a page that opens without a network.

Bytes out, nothing is written.
"""

import csv as comma_separated
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

import numpy as np

from core.analysis.column import NONE, Column
from core.errors import BadInput
from core.export.map_pictures import Picture, as_png, as_svg
from core.figures.maps import in_words, scatter

__all__ = ["FORMATS", "MapTable", "csv", "html", "parquet", "png", "svg"]

CLASS = "class"
# Nothing in the page may ask for anything from outside, whatever plotly would like to.
POLICY = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:"
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
html, body {{ height: 100%; margin: 0; font-family: system-ui, sans-serif; color: #1f2328; background: #fff; }}
body {{ display: flex; flex-direction: column; }}
h1 {{ font-size: 1.1rem; font-weight: 600; margin: 1rem 1rem 0; }}
p {{ font-size: 0.9rem; color: #57606a; margin: 0.3rem 1rem 0.6rem; }}
div[role="img"] {{ flex: 1; min-height: 0; }}
div[role="img"] > div {{ height: 100%; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{protocol}</p>
<div role="img" aria-label="{words}">{figure}</div>
</body>
</html>
"""


@dataclass(frozen=True, eq=False)
class MapTable:
    """A map ``at`` (n, 2 or 3), and of each point its ``position`` in the data, its row ``index`` in the source (n,)
    and its class ``y`` (n,), -1 none.

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

    def __post_init__(self) -> None:
        rows = [self.position, self.index, self.y, *(c.values for c in self.columns.values())]
        if any(len(one) != len(self.at) for one in rows) or len(self.axes) != self.at.shape[1]:
            raise ValueError("every column of a map has a value, and every axis a name")

    def column(self, name: str) -> Column:
        """The classes, or one of ``columns``; ``BadInput`` for a name that is neither."""
        if name in self.columns:
            return self.columns[name]
        if name != CLASS:
            raise BadInput(f"colour: this map has no column {name!r}.")
        values, labels = self.y.astype(np.float32), "the labels of the data"
        return Column("Class", values, "category", labels, self.classes, none="no class")


def csv(table: MapTable) -> bytes:
    """UTF-8 with a header line: position, index, class, a column for each axis and each of ``columns``.

    A number's unit stands behind its name; what has no value is empty.
    """
    head, columns = ["position", "index"], [table.position.tolist(), table.index.tolist()]
    for name, column in _columns(table).items():
        head.append(f"{name} ({column.unit})" if column.unit else name)
        columns.append(_named(column) if column.kind == "category" else _texts(column.values))
    for place, (axis, values) in enumerate(zip(table.axes, table.at.T, strict=True)):
        head.insert(3 + place, axis)
        columns.insert(3 + place, _texts(values))
    text = io.StringIO(newline="")
    writer = comma_separated.writer(text)
    writer.writerow(head)
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode()


def parquet(table: MapTable) -> bytes:
    """The same table as Parquet, its columns named alike but without units.

    Categories are dictionaries of strings, null where there is none; coordinates and numbers float32, NaN where there
    is none. ``title`` is in the metadata of the schema, ``title``, ``unit`` and ``protocol`` in those of each field.
    """
    import pyarrow as pa
    from pyarrow import parquet as files

    fields = [_field(pa, name, getattr(table, name)) for name in ("position", "index")]
    coordinates = [
        _field(pa, axis, np.ascontiguousarray(values, np.float32))
        for axis, values in zip(table.axes, table.at.T, strict=True)
    ]
    for name, column in _columns(table).items():
        about = {"title": column.title, "unit": column.unit, "protocol": column.protocol}
        values = column.values
        if column.kind == "category":
            names = [one or None for one in _named(column)]
            values = pa.array(names, pa.string()).dictionary_encode()
        fields.append(_field(pa, name, values, about))
    fields[3:3] = coordinates
    schema = pa.schema([one for one, _ in fields], {"title": table.title})
    held = io.BytesIO()
    files.write_table(pa.table([values for _, values in fields], schema), held)
    return held.getvalue()


def svg(table: MapTable, colour: str = CLASS) -> bytes:
    """The picture as SVG: circles grouped by class, or by step along a column's scale, axis titles, a legend."""
    return as_svg(_picture(table, colour))


def png(table: MapTable, colour: str = CLASS) -> bytes:
    """The same picture as PNG, two pixels for each unit of the SVG."""
    return as_png(_picture(table, colour))


def html(table: MapTable, colour: str = CLASS) -> bytes:
    """A page with the map to turn and zoom, plotly inside: it asks no network for anything."""
    column = table.column(colour)
    figure = scatter(table.at, column, table.axes, table.index)
    figure.update_layout(height=None, template="plotly_white")
    title = escape(table.title or "Map")
    config = {"displaylogo": False, "responsive": True, "plotlyServerURL": ""}
    inside = figure.to_html(config, full_html=False, include_plotlyjs=True, default_height="100%")
    page = PAGE.format(
        policy=POLICY,
        title=title,
        words=escape(in_words(table.at, column, table.axes)),
        figure=inside,
        protocol=escape(f"Colour: {column.title}, {column.protocol}." if column.protocol else ""),
    )
    return page.encode()


FORMATS: dict[str, Callable[..., bytes]] = {
    "csv": csv,
    "parquet": parquet,
    "svg": svg,
    "png": png,
    "html": html,
}


def _columns(table: MapTable) -> dict[str, Column]:
    """The class, then whatever else there is."""
    others = {name: column for name, column in table.columns.items() if name != CLASS}
    return {CLASS: table.column(CLASS), **others}


def _named(column: Column) -> list[str]:
    """The name of each point's category, "" where there is none."""
    names = dict(enumerate(map(str, column.names)))
    codes = column.values.astype(np.int64).tolist()
    return ["" if code == NONE else names.get(code, str(code)) for code in codes]


def _texts(values: np.ndarray) -> list[str]:
    """The shortest text that reads back as the same float32, "" for what is no number."""
    return [str(one) if np.isfinite(one) else "" for one in values.astype(np.float32)]


def _field(pa, name: str, values, about: dict[str, str] | None = None) -> tuple:
    array = pa.array(values) if isinstance(values, np.ndarray) else values
    return pa.field(name, array.type, metadata=about), array


def _picture(table: MapTable, colour: str) -> Picture:
    return Picture.of(table.at, table.column(colour), table.axes, table.title)

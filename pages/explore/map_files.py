"""A map to take along: coordinates as a table, the picture as a file."""

from collections.abc import Callable

import streamlit as st

from core.analysis.column import Column
from core.errors import ExplorerError
from core.export.maps import FORMATS, MapTable
from core.runs import Run
from pages.ui.backend import jobs, store
from pages.ui.saving import save

KINDS = {
    "csv": ("CSV", "text/csv"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
    "png": ("PNG", "image/png"),
    "svg": ("SVG", "image/svg+xml"),
    "html": ("HTML", "text/html"),
}
PICTURES = ("png", "svg", "html")
CLASS = "class"


def table(run: Run, key: str, colour: str = CLASS) -> MapTable:
    """The kept map as a table, with the column that it is coloured by. ``ExplorerError`` where it is kept no more."""
    kept = store().maps.read(run.id, key)
    if kept is None:
        raise ExplorerError("This map is not kept any more: make it again.")
    values, meta = kept
    columns = {} if colour == CLASS else {colour: _column(run, key, colour)}
    return MapTable(
        at=values["at"],
        position=values["position"],
        index=values["index"],
        y=values["y"],
        classes=tuple(meta["classes"]),
        axes=tuple(meta["axes"]),
        title=meta["title"],
        columns=columns,
    )


def _column(run: Run, key: str, name: str) -> Column:
    found = jobs().compute.call("map_column", run=run.id, key=key, name=name)
    return Column(
        title=found.get("title", name),
        values=found["values"],
        kind=found["kind"],
        protocol=found["protocol"],
        names=tuple(found["names"]),
        unit=found["unit"],
    )


def files(run: Run, key: str, colour: str, *, widget_key: str = "map-file") -> None:
    """A button for each kind of file; it is made when it is clicked."""
    stem = f"map-{run.id[:6]}-{key[:6]}"
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown("**Save**", width="content")
        for kind, (title, mime) in KINDS.items():
            made = _maker(run, key, kind, colour)
            save(title, made, f"{stem}.{kind}", mime, key=f"{widget_key}-{kind}")
    st.caption(
        "CSV and Parquet: the coordinates with position, source row and class. PNG, SVG and HTML: the picture in its "
        "present colours; the HTML page turns and zooms without a network."
    )


def _maker(run: Run, key: str, kind: str, colour: str) -> Callable[[], bytes]:
    def made() -> bytes:
        whole = table(run, key, colour)
        return FORMATS[kind](whole, colour) if kind in PICTURES else FORMATS[kind](whole)

    return made

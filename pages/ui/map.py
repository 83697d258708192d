"""A map of codes: points on a canvas of our own, fetched by address past the script."""

from functools import lru_cache
from typing import Any, NamedTuple

import streamlit as st

from core.figures.palette import CLASSES, GENERATED, REAL
from pages.ui.sketch import STYLE as SKETCH
from pages.ui.sources import sources

# In the order in which they stand on each other; one scope, so that no name may be taken twice.
SCRIPTS = (
    *("arrays.js", "page.js", "draw.js", "solid.js", "selection.js", "clock.js", "timebar.js"),
    *("map_raster.js", "map_camera.js", "map_sheets.js", "map_legend.js", "map_time.js"),
    *("map.js", "map_bar.js", "map_draw.js", "map_hand.js"),
)
PANEL = (
    *("sketch.js", "latent_own.js", "map_panel_parts.js", "map_panel_point.js"),
    *("map_panel_chosen.js", "map_panel_new.js", "map_search.js", "map_panel.js"),
)


class MapState(NamedTuple):
    """What the visitor has done with a map: the colour chosen, how many points are selected, and which they are.

    ``positions`` are rows of the data set, sorted; at most the first 4,000 of them.
    """

    colour: str
    selected: int
    positions: list[int]


def script() -> str:
    """The component's source."""
    return sources(*SCRIPTS, *PANEL)


def style() -> str:
    """Its style sheet."""
    return SKETCH + sources("map.css", "map_panel.css")


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component("latent_map", css=style(), js=script())


def code_map(
    run: str,
    key: str,
    *,
    widget_key: str,
    colour: str = "class",
    align_to: str = "",
    together: str = "",
    slider: bool = True,
    live: bool = False,
    panel: bool = True,
    height: int | None = None,
) -> MapState:
    """The map ``key`` of a run, which it asks the routes under ``/api/maps`` for.

    ``colour`` is a column of the map, ``align_to`` another map's key that it is turned and scaled onto. Maps with
    frames and the same ``together`` share a time slider's moment; without ``slider`` they leave it to ``shared_time``
    (``pages.ui.picture``) to draw one for all. While ``live`` the map is being computed: it moves,
    and is loaded once it is kept. ``panel`` shows neighbours and search beside it; ``height`` is in CSS pixels, by
    default what fits.
    """
    data: dict[str, Any] = {
        "run": run,
        "key": key,
        "colour": colour,
        "align_to": align_to,
        "together": together,
        "slider": slider,
        "live": live,
        "panel": panel,
        "height": height,
        "colours": list(CLASSES),
        "accent": REAL,
        "generated": GENERATED,
    }
    result = _component()(
        key=widget_key,
        data=data,
        on_colour_change=lambda: None,
        on_selected_change=lambda: None,
    )
    told = result.selected or {}
    return MapState(result.colour or colour, told.get("count", 0), list(told.get("positions", ())))

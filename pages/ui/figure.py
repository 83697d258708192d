"""A figure on the page that grows in place: no flicker, no lost zoom."""

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui.library import library_address
from pages.ui.sources import sources

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Plotly looks whether pandas is there and stumbles over one that another thread is just importing: it is imported
# whole before the first figure is made.
import_module("pandas")

CONFIG = {
    "displaylogo": False,
    "modeBarButtons": [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
    "responsive": False,
}


@lru_cache(maxsize=1)
def _component():
    script = sources("library.js", "figure.js")
    return st.components.v2.component("latent_figure", js=script, isolate_styles=False)


def figure(drawn: "go.Figure", *, key: str, alt: str) -> None:
    """The plotly figure ``drawn``, as high as its layout says; ``alt`` is its text alternative.

    ``key`` keeps it the same figure from one run of the script to the next.
    """
    height = drawn.layout.height or 370
    _component()(
        key=key,
        height=height,
        data={
            "figure": drawn.to_json(validate=False),
            "height": height,
            "alt": alt,
            "config": CONFIG,
            "library": library_address(),
        },
    )

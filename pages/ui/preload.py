"""While somebody reads the first page, what the next one needs is fetched: the chart library, in browser and server,
and the widgets that Streamlit's own script fetches one by one when a page first shows them.

They are the largest part of the way from a click to the first point of a curve: 4 MB of charts to read and thirty
files to ask for. A first chart that nobody sees lets the browser compile the library's code.
"""

import threading
from functools import lru_cache
from pathlib import Path

import streamlit as st

from pages.ui.library import library_address
from pages.ui.sources import sources

# It begins when the browser has nothing else to do.
SCRIPT = """
async function prepare(data) {
  for (const name of data.widgets) import(new URL(name, document.baseURI)).catch(() => {});
  const Plotly = await loadPlotly(data.library);
  const unseen = document.createElement("div");
  unseen.style.cssText = "position: fixed; left: -2000px; width: 600px; height: 370px";
  document.body.append(unseen);
  const legend = { orientation: "h", x: 0, y: 1.01, yanchor: "bottom" };
  await Plotly.react(unseen, [{ x: [0, 1], y: [0, 1], name: "a" }, { x: [0, 1], y: [1, 0], name: "b" }],
    { showlegend: true, legend, hovermode: "x unified" }, data.config);
  Plotly.purge(unseen);
  unseen.remove();
}

export default function ({ data }) {
  if (window.latentPlotly) return;
  const idle = window.requestIdleCallback ?? ((then) => setTimeout(then, 300));
  setTimeout(() => idle(() => prepare(data).catch(() => {})), 800);
}
"""
# What the page of a run shows, by the names of Streamlit's own files.
WIDGETS = (
    "ButtonGroup",
    "Checkbox",
    "Expander",
    "NumberInput",
    "PageLink",
    "Progress",
    "Slider",
    "rehype-katex",
)
CHART = {"displaylogo": False, "responsive": False}
PATIENCE = 1.5


@lru_cache(maxsize=1)
def _widgets() -> list[str]:
    """The addresses of the widgets' scripts; a Streamlit that names them otherwise just fetches them later."""
    js = Path(st.__file__).parent / "static" / "static" / "js"
    return [f"static/js/{path.name}" for name in WIDGETS for path in js.glob(f"{name}.*.js")]


@lru_cache(maxsize=1)
def _warm_server() -> threading.Thread:
    thread = threading.Timer(PATIENCE, _import_charts)
    thread.daemon = True
    thread.start()
    return thread


def _import_charts() -> None:
    # One small figure runs through every module that a chart needs.
    import numpy as np

    import pages.ui.figure  # noqa: F401 - for what it imports
    from core.figures.curves import Line, curves

    curves([Line("", np.arange(3), np.arange(3.0), "#000000")]).to_json()


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component("latent_preload", js=sources("library.js") + SCRIPT)


def preload() -> None:
    """Draws nothing."""
    _warm_server()
    data = {"library": library_address(), "widgets": _widgets(), "config": CHART}
    _component()(key="preload", data=data, height=1)

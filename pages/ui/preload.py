"""While somebody reads the first page, what the next one needs is fetched: the chart library, in browser and server.

The library is the largest part of the way from a click to the first point of a curve (4 MB to read for the browser).
"""

import threading
from functools import lru_cache
from pathlib import Path

import streamlit as st

from pages.ui.library import library_address

HERE = Path(__file__).parent
# It begins when the browser has nothing else to do.
SCRIPT = """
export default function ({ data }) {
  if (window.latentPlotly) return;
  const idle = window.requestIdleCallback ?? ((then) => setTimeout(then, 300));
  setTimeout(() => idle(() => loadPlotly(data.library).catch(() => {})), 800);
}
"""
PATIENCE = 1.5


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
    script = (HERE / "library.js").read_text(encoding="utf-8") + SCRIPT
    return st.components.v2.component("latent_preload", js=script)


def preload() -> None:
    """Draws nothing."""
    _warm_server()
    _component()(key="preload", data={"library": library_address()}, height=1)

"""The square over a code: the decoded image follows the hand inside the page, past the script."""

import json
from functools import lru_cache

import streamlit as st

from core.figures.palette import CLASSES
from pages.ui.backend import jobs
from pages.ui.sketch import STYLE as SKETCH
from pages.ui.sources import sources

AHEAD = "_latent-ahead"
WORKER = "latent_worker.js"
SCRIPTS = (
    *("arrays.js", "page.js", "draw.js", "sketch.js", "selection.js"),
    *("latent_source.js", "latent_layers.js", "latent_panel.js", "latent_own.js"),
    *("latent_pad.js", "latent_hand.js"),
)


@lru_cache(maxsize=1)
def _component():
    # The worker's source goes along as text: the page makes an address for it by itself.
    worker = json.dumps(sources(WORKER))
    style = SKETCH + sources("latent.css")
    script = f"const LATENT_WORKER = {worker};\n{sources(*SCRIPTS)}"
    return st.components.v2.component("latent_square", css=style, js=script)


def latent_pad(run: str, step: int, *, key: str, axes: str = "") -> str:
    """The square of a run after ``step`` steps; it asks the routes under ``/api/latent`` for all that it shows.

    ``axes`` are ``kind:a,b`` as ``core.inference.pad`` takes them, empty for those that fit; returned are those that
    the visitor has chosen since.
    """
    data = {"run": run, "step": step, "axes": axes, "colours": list(CLASSES)}
    result = _component()(key=key, data=data, on_axes_change=lambda: None)
    return result.axes or axes


def read_ahead(run: str, step: int) -> None:
    """Have the compute worker read model and data while somebody still looks at something else; once at a time."""
    seen = (run, step)
    if st.session_state.get(AHEAD) != seen:
        st.session_state[AHEAD] = seen
        for task in ("pad_plane", "pad_decoder"):
            jobs().compute.submit(task, run=run, step=step)

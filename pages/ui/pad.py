"""A square on which a distribution is drawn by hand."""

import json
from functools import lru_cache

import streamlit as st

from core.figures.palette import REAL
from pages.ui.sources import sources

EXTENT = 2.0
STYLE = """
.pad { max-width: 26rem; color: var(--st-text-color); font-family: var(--st-font); }
canvas { width: 100%; display: block; touch-action: none; cursor: crosshair; }
.padbar { display: flex; gap: 0.4rem; align-items: center; margin-top: 0.3rem; font-size: 0.9rem; }
.padbar span { flex: 1; }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); padding: 0.2rem 0.65rem; cursor: pointer; }
button:disabled { opacity: 0.45; cursor: default; }
"""


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component("latent_pad", css=STYLE, js=sources("pad.js"))


def pad(key: str, limit: int) -> None:
    """Points in [-2, 2]², kept in ``st.session_state[key]`` as the JSON text of their list."""
    name = f"{key}-pad"

    def drawn() -> None:
        st.session_state[key] = json.dumps(st.session_state[name].get("points") or [])

    _component()(
        key=name,
        data={
            "points": json.loads(st.session_state.get(key) or "[]"),
            "extent": EXTENT,
            "limit": limit,
            "colour": REAL,
        },
        on_points_change=drawn,
    )

"""A sheet on which one draws a digit by hand, to ask a model about it."""

from functools import lru_cache

import streamlit as st

from pages.ui.sources import sources

SCRIPTS = ("sketch.js", "sketch_alone.js")
STYLE = """
.sketch { color: var(--st-text-color); font-family: var(--st-font); font-size: 0.9rem; }
.sheets { display: flex; flex-wrap: wrap; gap: 0.9rem; align-items: flex-end; }
.sheet { width: min(100%, 15rem); touch-action: none; cursor: crosshair; border-radius: var(--st-base-radius); }
figure { margin: 0; }
.small { width: 5.5rem; image-rendering: pixelated; border-radius: calc(var(--st-base-radius) / 2); display: block; }
figcaption { margin-top: 0.25rem; opacity: 0.85; }
.sketchbar { display: flex; gap: 0.5rem; align-items: center; margin-top: 0.5rem; min-height: 2rem; }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); padding: 0.2rem 0.65rem; cursor: pointer; }
button:disabled { opacity: 0.45; cursor: default; }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
"""


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component("latent_sketch", css=STYLE, js=sources(*SCRIPTS))


def sketch(shape: tuple[int, int], *, key: str) -> list[list[int]] | None:
    """The drawing as ``shape`` = (H, W) rows of 0 to 255, white ink on black; None while the sheet is empty.

    A drawing for 28×28 pixels is placed as MNIST's digits are: fitted into 20×20, its centre of mass in the middle
    (LeCun et al. 1998, "Gradient-based learning applied to document recognition", section III.A).
    """
    kept, widget = f"{key}-drawing", f"{key}-sheet"

    def drawn() -> None:
        st.session_state[kept] = st.session_state[widget].get("drawing")

    before = st.session_state.get(kept) or {"pixels": None, "strokes": []}
    pixels = _checked(before["pixels"], shape)
    # The strokes outlive a change of the run: for another size the sheet tells its pixels again.
    stale = pixels is None and bool(before["pixels"])
    _component()(
        key=widget,
        data={"shape": list(shape), "strokes": before["strokes"], "stale": stale},
        on_drawing_change=drawn,
    )
    return pixels


def _checked(pixels: list[list[int]] | None, shape: tuple[int, int]) -> list[list[int]] | None:
    """The rows, unless they are of another shape (the run was changed) or no image at all."""
    if not pixels or len(pixels) != shape[0] or any(len(row) != shape[1] for row in pixels):
        return None
    return [[min(255, max(0, int(value))) for value in row] for row in pixels]

"""A view into space that is turned by hand: clouds of points, curves, surfaces and lines on a canvas of our own."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import streamlit as st

from core import arrays
from core.figures.palette import CLASSES
from pages.ui.sources import sources

SCRIPTS = ("arrays.js", "draw.js", "solid.js", "space.js")
STYLE = """
.space { color: var(--st-text-color); font-family: var(--st-font); font-size: 0.9rem; }
canvas { display: block; width: 100%; touch-action: none; cursor: grab; border-radius: var(--st-base-radius); }
canvas:active { cursor: grabbing; }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); padding: 0.2rem 0.65rem; cursor: pointer; }
canvas:focus-visible, button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
.legend, .spacebar { display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: center; margin: 0.3rem 0; }
.legend button::before { content: ""; display: inline-block; width: 0.75em; height: 0.75em; margin-right: 0.4em;
  border-radius: 50%; background: var(--dot); }
.legend button[aria-pressed="true"], .spacebar button[aria-pressed="true"] {
  background: var(--st-secondary-background-color); }
.legend button[aria-pressed="false"] { opacity: 0.6; }
.legend button[aria-pressed="false"]::before { background: none; box-shadow: inset 0 0 0 2px var(--dot); }
.hint { opacity: 0.75; }
"""


@dataclass(frozen=True)
class Layer:
    """One thing in space, in data units.

    ``values``: (n, D) ``points`` or a ``curve``, (m, k, D) a ``surface``, (n, 2, D) the ends of ``links``; D is 2 or 3.
    ``groups`` (n,) colours points by class. ``size`` is a radius or a line's width in pixels, ``alpha`` its opacity.
    """

    name: str
    kind: Literal["points", "curve", "surface", "links"]
    values: np.ndarray
    colour: str
    size: float = 1.0
    alpha: float = 1.0
    shown: bool = True
    groups: np.ndarray | None = None


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component("latent_space", css=STYLE, js=sources(*SCRIPTS))


def space(
    layers: Sequence[Layer], *, key: str, alt: str, axes: Sequence[str] = (), view: str = ""
) -> None:
    """The ``layers``, each with a switch. ``alt`` says in a sentence what is there.

    The visitor's point of view stays as it is until ``view`` changes.
    """
    names = list(axes) or [f"x{'₁₂₃'[k]}" for k in range(layers[0].values.shape[-1])]
    _component()(key=key, data=packed(layers, alt=alt, axes=names, view=view))


def packed(layers: Sequence[Layer], *, alt: str, axes: list[str], view: str = "") -> bytes:
    """What the browser gets: each layer's numbers as float32 under its name, and how it is drawn."""
    numbers = {layer.name: np.asarray(layer.values, np.float32) for layer in layers}
    for layer in layers:
        if layer.groups is not None:
            numbers[f"{layer.name}/groups"] = np.asarray(layer.groups, np.uint8)
    looks = [
        {
            "name": layer.name,
            "kind": layer.kind,
            "colour": layer.colour,
            "size": layer.size,
            "alpha": layer.alpha,
            "shown": layer.shown,
        }
        for layer in layers
    ]
    return arrays.pack(
        numbers, {"layers": looks, "axes": axes, "alt": alt, "view": view, "colours": list(CLASSES)}
    )

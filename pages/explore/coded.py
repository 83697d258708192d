"""What the views of the latent space share: the class to decode with, points in space, files to take along."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from core.figures import palette
from core.runs import Run
from pages.explore.examples import class_of
from pages.ui.pick import Chosen
from pages.ui.space import Layer, space
from pages.ui.words import class_names

OWN = "its own"


def about(chosen: Chosen) -> dict[str, Any]:
    """The arguments of every question to this run."""
    return {"run": chosen.run.id, "step": chosen.step}


def shape_of(run: Run, schemas: Mapping[str, Any]) -> tuple[str, int]:
    """Whether the run's data are ``images`` or ``points``, and the first number of an example's shape."""
    spec = run.environment.get("data_spec") or {}
    kind = spec.get("kind") or schemas["datasets"][run.dataset]["kind"]
    return kind, (spec.get("shape") or [2])[0]


def can_sample(run: Run, schemas: Mapping[str, Any]) -> bool:
    """Whether the model has a prior to draw codes from."""
    return "sample" in schemas["models"].get(run.model, {}).get("abilities", ())


def choose_class(run: Run, *, own: bool = False) -> int | None:
    """The class that a conditional model decodes with; None for others, and for ``own``: that of each example."""
    names = class_names(run)
    if not run.spec.config.get("conditional") or not names:
        return None
    options = ([-1] if own else []) + list(range(len(names)))
    picked = st.selectbox(
        "Decode as class",
        options,
        format_func=lambda k: OWN if k < 0 else names[k],
        key=f"decode-class-{len(names)}{'-own' * own}",
        help="This model is told the class beside the code. A mean code has no class of its own: it is told none.",
        width=190,
    )
    return None if picked < 0 else picked


def named(found: Mapping[str, Any], place: int) -> str:
    """Which example of an answer this is: its class, or its number."""
    name = class_of(int(found["y"][place]), found["classes"])
    return f"class {name}" if name else f"image {found['index'][place]:,}"


def in_space(
    data: np.ndarray,
    drawn: Mapping[str, tuple[str, np.ndarray, str]],
    *,
    key: str,
    view: str,
    alt: str,
) -> None:
    """Points ``data`` (n, D) and over them things by name: (kind of layer, values, colour); D is 2 or 3."""
    layers = [Layer("data", "points", data, palette.REAL, 2.0, 0.6)]
    for name, (kind, values, colour) in drawn.items():
        width = {"points": 4.0, "curve": 2.6}.get(kind, 0.8)
        layers.append(Layer(name, kind, values, colour, width, 0.9 if kind != "surface" else 0.4))
    space(layers, key=key, view=view, alt=alt)


def needs_images(what: str) -> None:
    """One sentence where there is nothing to look at."""
    st.info(f"{what} needs images, or points of two or three numbers: these data are neither.")

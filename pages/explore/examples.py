"""Examples of a run's data, as the exploring pages name, choose and remember them."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.ui.asking import answered
from pages.ui.gallery import gallery

SPLITS = ("test", "validation", "train")
IMAGE = "image"
OFFERED = 12


def choose_split() -> str:
    """Which part of the data; it stands in the address."""
    return st.segmented_control(
        "Part of the data",
        SPLITS,
        default="test",
        required=True,
        key="split",
        bind="query-params",
    )


def class_of(y: int, classes: Sequence[str]) -> str:
    """The name of class ``y``, its number where it has none, nothing where the data have no classes."""
    if y < 0:
        return ""
    return classes[y] if y < len(classes) else str(y)


def chosen_image() -> int | None:
    """The position in the data set that the address names."""
    text = st.query_params.get(IMAGE, "")
    return int(text) if text.isdecimal() and len(text) < 12 else None


def keep_image(position: int) -> None:
    """Write into the address which image was clicked."""
    if st.query_params.get(IMAGE) != str(position):
        st.query_params[IMAGE] = str(position)


def place_of(position: int | None, positions: np.ndarray) -> int | None:
    """Where ``position`` stands among those shown, to be marked."""
    found = np.flatnonzero(positions == position) if position is not None else ()
    return int(found[0]) if len(found) else None


def beginning(run_id: str, split: str, key: str, alt: str) -> int | None:
    """The position of the image to begin from, chosen by a click and kept in the address; None while they come."""
    some = answered("walk_examples", run=run_id, split=split, n=OFFERED)
    if some is None:
        return None
    marked = place_of(chosen_image(), some["position"]) or 0
    clicked = gallery({"": some["x"]}, key=key, alt=alt, marked=marked, columns=OFFERED)
    if clicked is not None:
        keep_image(int(some["position"][clicked]))
        marked = clicked
    return int(some["position"][marked])

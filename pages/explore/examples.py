"""Examples of a run's data, as the exploring pages name, choose and remember them."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

SPLITS = ("test", "validation", "train")
IMAGE = "image"


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

"""The nearest neighbours of one image, in the code and in pixels."""

from typing import Any

import streamlit as st

from pages.explore.examples import chosen_image, class_of, keep_image
from pages.ui.asking import answered
from pages.ui.gallery import gallery
from pages.ui.pick import Chosen
from pages.ui.words import number

WAYS = {"code": "Nearest in the code", "pixel": "Nearest in pixels"}
TEXT = (
    "Nearest in pixels means: alike dot by dot, so that a shifted copy is far away. "
    "A good code puts together what is the same thing, however it is drawn. "
    "Click a neighbour to go on from there."
)


def section(chosen: Chosen, split: str) -> None:
    """What lies nearest to the image that the address names; an invitation while it names none."""
    st.markdown("##### Nearest neighbours")
    position = chosen_image()
    if position is None:
        st.markdown(":material/touch_app: Click an image to see what lies nearest to it.")
        return
    found = answered(
        "neighbours",
        "The neighbours are being looked up",
        run=chosen.run.id,
        step=chosen.step,
        split=split,
        position=position,
    )
    if found is None:
        return
    columns = st.columns([2, 5, 5], gap="large")
    with columns[0]:
        _query(found)
    for column, (way, title) in zip(columns[1:], WAYS.items(), strict=True):
        with column:
            _nearest(found, way, title)
    st.caption(f"Euclidean distance, among {found['count']:,} images of the {split} split. {TEXT}")


def _query(found: dict[str, Any]) -> None:
    st.markdown("**This image**")
    name = class_of(found["query_y"], found["classes"])
    about = f"class {name}" if name else f"image {found['query_index']:,}"
    gallery(
        {"This image": found["query"]},
        [about],
        details=[f"image {found['query_index']:,}"],
        key="query",
        alt="The image whose neighbours are shown",
        marked=0,
        columns=1,
        choose=False,
    )


def _nearest(found: dict[str, Any], way: str, title: str) -> None:
    names = [class_of(y, found["classes"]) for y in found[f"{way}_y"]]
    distances = [number(distance) for distance in found[f"{way}_distance"]]
    same = sum(y == found["query_y"] for y in found[f"{way}_y"])
    score = f": {same} of {len(names)} of the same class" if found["query_y"] >= 0 else ""
    st.markdown(f"**{title}**{score}")
    clicked = gallery(
        {title: found[f"{way}_x"]},
        [f"{name} · {far}" if name else far for name, far in zip(names, distances, strict=True)],
        details=[
            f"distance {far} · image {index:,}" + (f" · class {name}" if name else "")
            for far, index, name in zip(distances, found[f"{way}_index"], names, strict=True)
        ],
        key=f"near-{way}",
        alt=f"{title}, the nearest first",
        columns=5,
    )
    if clicked is not None:
        keep_image(int(found[f"{way}_position"][clicked]))
        st.rerun()

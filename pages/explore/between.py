"""Between images: two points, four corners, or a path through any number; through the code and through the pixels."""

from typing import Any

import numpy as np
import streamlit as st

from core.export.pictures import gif, png
from core.figures.palette import GENERATED, MARK
from pages.explore.coded import about, choose_class, in_space, named, needs_images, shape_of
from pages.explore.examples import choose_split
from pages.ui.asking import answered
from pages.ui.film import film
from pages.ui.gallery import gallery
from pages.ui.pick import Chosen
from pages.ui.saving import save
from pages.ui.words import number

TWO, FOUR, MANY = "Two ends", "Four corners", "A path"
NEEDED = {TWO: 2, FOUR: 4, MANY: 5}
WAYS = ("straight", "spherical")
STEPS = {TWO: (8, 12, 16, 24, 48), FOUR: (5, 7, 9, 13), MANY: (4, 8, 12, 16)}
HINTS = {
    TWO: "a click walks to it, and the older end leaves.",
    FOUR: "a click makes it the last corner, and the first one leaves.",
    MANY: "a click adds it to the path; a click on a stop above takes that one out.",
}
OFFERED, ACROSS, MOST = 24, 12, 24
STOPS, SHUFFLE, GALLERY = "images", "between-shuffle", "between-gallery"
TEXT = r"""
**What you see.** Above, the decoder follows a line from code to code; beneath it the same line from pixel to pixel.
Blending pixels fades one image out and the other in. A code that has learnt the data changes one thing into another.

**Straight or spherical.** In many dimensions nearly all of a Gaussian lies near a sphere; a straight line cuts through
the empty middle, a spherical one keeps its distance from 0 (White 2016, *Sampling generative networks*). From or to
the code 0, which lies in no direction, and between opposite codes, the spherical way is the straight one.
"""


def stops(chosen: Chosen, split: str, kind: str) -> list[int] | None:
    """The positions between which one walks: those in the address, or others drawn at random."""
    seed = st.session_state.get(SHUFFLE, 0)
    drawn = answered(
        "walk_examples", run=chosen.run.id, split=split, n=NEEDED[kind], seed=1000 + seed
    )
    if drawn is None:
        return None
    parts = st.query_params.get(STOPS, "").split(",")[:MOST]
    asked = [int(part) for part in parts if part.isdecimal() and len(part) < 12]
    asked = [one for one in asked if one < drawn["total"]]
    if kind != MANY:
        asked = asked[: NEEDED[kind]]
    if len(asked) < (2 if kind == MANY else NEEDED[kind]):
        rest = [int(one) for one in drawn["position"] if one not in asked]
        asked = (asked + rest)[: NEEDED[kind]]
    if len(asked) < 2:
        st.info(f"The {split} split has too few examples to walk between.")
        return None
    return asked


def _write(positions: list[int]) -> None:
    text = ",".join(map(str, positions))
    if st.query_params.get(STOPS) != text:
        st.query_params[STOPS] = text


def _shuffle() -> None:
    st.session_state[SHUFFLE] = st.session_state.get(SHUFFLE, 0) + 1
    st.query_params.pop(STOPS, None)


def _others() -> None:
    st.session_state[GALLERY] = st.session_state.get(GALLERY, 0) + 1


def choosing(chosen: Chosen, split: str, kind: str, positions: list[int]) -> list[int]:
    """The gallery to choose from; a click takes an image as the next stop, and the oldest one leaves."""
    seed = st.session_state.get(GALLERY, 0)
    some = answered("walk_examples", run=chosen.run.id, split=split, n=OFFERED, seed=seed)
    if some is None:
        return positions
    clicked = gallery(
        {"": some["x"]},
        key="between-choose",
        details=[named(some, i) for i in range(len(some["x"]))],
        alt=f"Images of the {split} split. Choose one to walk to it.",
        columns=ACROSS,
    )
    if clicked is not None:
        most = MOST if kind == MANY else NEEDED[kind]
        positions = [*positions, int(some["position"][clicked])][-most:]
        _write(positions)
    return positions


def taken(found: dict[str, Any], kind: str, positions: list[int]) -> None:
    """The stops in their order; on a path a click takes one out."""
    names = [f"{i + 1} · {named(found, i)}" for i in range(len(positions))]
    if kind == FOUR:
        corner = ("upper left", "upper right", "lower left", "lower right")
        names = [f"{place} · {named(found, i)}" for i, place in enumerate(corner)]
    remove = kind == MANY and len(positions) > 2
    clicked = gallery(
        {"": found["x"]},
        names,
        key=f"between-stops-{kind}",
        alt="The images one walks between." + " Choose one to take it out." * remove,
        columns=8,
        choose=remove,
    )
    if clicked is not None and clicked < len(positions):
        _write([one for i, one in enumerate(positions) if i != clicked])
        st.rerun()


def along(chosen: Chosen, found: dict[str, Any], way: str, n: int) -> None:
    """A film of the way, and all its images with the pixels' way beneath."""
    made, pixels = found["made"], found["pixels"]
    last = max(len(made) - 1, 1)
    captions = [_place(i, n, found) for i in range(len(made))]
    left, right = st.columns([2, 3], gap="large")
    with left:
        film(
            {"Through the code": made, "Through the pixels": pixels},
            captions,
            key="between-film",
            axis="Place on the way",
            stops=range(0, last + 1, n),
            alt="The way between the images as a film: through the code, and through the pixels.",
        )
        _files(chosen, made)
    with right:
        gallery(
            {"Through the code": made, "Through the pixels": pixels},
            details=captions,
            key="between-strip",
            alt="Every image of the way through the code, and below each the one on the way through the pixels.",
            columns=min(len(made), 7),
            choose=False,
        )
        norm = found["norm"]
        words = f"Distance of the code from 0: {number(norm[0])} at the start, {number(norm[-1])} at the end, "
        st.caption(words + f"at least {number(norm.min())} on the way.")
        if way == "spherical" and found["straight"].any():
            legs = ", ".join(str(i + 1) for i in np.flatnonzero(found["straight"]))
            st.caption(f"There is no angle to turn through on part {legs}: it is walked straight.")


def _place(i: int, n: int, found: dict[str, Any]) -> str:
    leg, step = divmod(i, n)
    if step == 0:
        return f"image {leg + 1}: {named(found, leg)}"
    part = f" from {leg + 1} to {leg + 2}" if len(found["x"]) > 2 else ""
    return f"{step / n:.0%} of the way{part}"


def square(chosen: Chosen, found: dict[str, Any]) -> None:
    """The square through the code and the one through the pixels, and a film that runs through the rows."""
    made, pixels = found["made"], found["pixels"]
    both = {"Through the code": made, "Through the pixels": pixels}
    columns = st.columns([5, 5, 4], gap="large")
    for column, (name, images) in zip(columns, both.items(), strict=False):
        with column:
            st.markdown(f"**{name}**")
            alt = f"{name}: a square of images between four corners."
            st.image(png(images), alt=alt, width="stretch")
    frames = np.concatenate([row if i % 2 == 0 else row[::-1] for i, row in enumerate(made)])
    with columns[2]:
        film(
            {"Through the code, row by row": frames},
            [f"{i + 1} of {len(frames)}" for i in range(len(frames))],
            key="between-square-film",
            axis="Place in the square",
            alt="The square as a film, row after row.",
        )
        save(
            "PNG",
            lambda: png(made),
            f"square-{chosen.run.id[:6]}.png",
            "image/png",
            key="between-png",
        )
        _files(chosen, frames)


def _files(chosen: Chosen, frames: np.ndarray) -> None:
    save(
        "GIF",
        lambda: gif(frames),
        f"between-{chosen.run.id[:6]}.gif",
        "image/gif",
        key="between-gif",
    )


def in_points(chosen: Chosen, split: str, found: dict[str, Any], size: int) -> None:
    """A way between points: through the code it follows the data, through the plane it does not."""
    if size > 3:
        needs_images("This view")
        return
    known = answered("walk_examples", run=chosen.run.id, split=split, n=256)
    if known is None:
        return
    square = found["made"].ndim == 3
    kind = "surface" if square else "curve"
    in_space(
        known["x"],
        {
            "through the code": (kind, found["made"], GENERATED),
            "through space": (kind, found["pixels"], MARK),
            "stops": ("points", found["x"], GENERATED),
        },
        key=f"between-space-{kind}",
        view=chosen.run.id,
        alt="The data, the way through the code decoded, and the way through space.",
    )


def body(chosen: Chosen, schemas) -> None:
    """The controls, the stops, the way between them, and the gallery to choose others from."""
    shape, size = shape_of(chosen.run, schemas)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        kind = st.segmented_control(
            "Between", list(NEEDED), default=TWO, required=True, key="between", bind="query-params"
        )
        way = st.segmented_control(
            "The way", WAYS, default="straight", required=True, key="between-way"
        )
        n = st.selectbox("Steps", STEPS[kind], index=1, key=f"between-n-{kind}", width=90)
        split = choose_split()
        y = choose_class(chosen.run, own=True)
        again = {TWO: "Random pair", FOUR: "Random corners", MANY: "Random path"}[kind]
        st.button(again, icon=":material/casino:", key="between-random", on_click=_shuffle)
    positions = stops(chosen, split, kind)
    if positions is None:
        return
    view = st.container()
    if shape == "images":
        st.markdown(f"**Choose other images**: {HINTS[kind]}")
        positions = choosing(chosen, split, kind, positions)
        st.button("Others", icon=":material/refresh:", key="between-others", on_click=_others)
    with view:
        shown(
            chosen, kind, {"positions": positions, "way": way, "n": n, "y": y}, (split, shape, size)
        )
    st.markdown(TEXT)


def shown(chosen: Chosen, kind: str, asked: dict[str, Any], data: tuple[str, str, int]) -> None:
    """The answer to what is asked, as a square or as a way."""
    split, shape, size = data
    task = "square_walk" if kind == FOUR else "walk"
    found = answered(task, "The way is being decoded", **about(chosen), **asked)
    if found is None:
        return
    if shape != "images":
        in_points(chosen, split, found, size)
        return
    if kind != TWO:
        taken(found, kind, asked["positions"])
    if kind == FOUR:
        square(chosen, found)
    else:
        along(chosen, found, asked["way"], asked["n"])

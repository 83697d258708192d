"""Originals against reconstructions: errors, best and worst, nearest neighbours."""

from typing import Any, NamedTuple

import streamlit as st

from core.figures.errors import error_histogram, in_words
from core.figures.images import signed
from pages.explore import neighbours
from pages.explore.examples import (
    choose_split,
    chosen_image,
    class_of,
    keep_image,
    place_of,
)
from pages.ui.asking import answered
from pages.ui.figure import figure
from pages.ui.gallery import gallery
from pages.ui.pick import Chosen, choose_run
from pages.ui.warming import when_ready
from pages.ui.words import number

ORDERS = ("first", "best", "worst", "random")
COUNTS = (12, 24, 48, 96)
SEED = "reconstructions-seed"
TEXT = r"""
**What you see.** Every image $\mathbf x$, below it what the network makes of it, $\hat{\mathbf x} = g(f(\mathbf
x))$, and the difference $\hat{\mathbf x} - \mathbf x$: orange where the reconstruction is too bright, blue
where it is too dark, on one scale for all images shown. The number is the squared error of the image, $\sum_i
(\hat x_i - x_i)^2$, with pixels from 0 to 1.

**What to look for.** The best are what the code has room for, the worst are what it gave up: rare shapes, thin
strokes, noise. An error that is much larger on the test images than on the training images is overfitting.
"""


class View(NamedTuple):
    """Which examples are shown."""

    split: str
    order: str
    n: int
    seed: int


def controls() -> View:
    """Which part of the data, which of its examples and how many; all but the draw stand in the address."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        split = choose_split()
        order = st.segmented_control(
            "Which images",
            ORDERS,
            default="first",
            required=True,
            key="order",
            bind="query-params",
        )
        n = st.selectbox("How many", COUNTS, index=1, key="n", bind="query-params", width=110)
        if order == "random":
            st.button("Others", icon=":material/casino:", key="next", on_click=_next)
    return View(split, order, n, st.session_state.get(SEED, 0) if order == "random" else 0)


def _next() -> None:
    st.session_state[SEED] = st.session_state.get(SEED, 0) + 1


def pictures(found: dict[str, Any], run_id: str) -> None:
    """The gallery; a click is kept in the address."""
    errors = [number(error) for error in found["error"]]
    names = [class_of(y, found["classes"]) for y in found["y"]]
    clicked = gallery(
        {
            "Original": found["x"],
            "Reconstruction": found["x_hat"],
            "Difference": signed(found["difference"], together=True),
        },
        errors,
        details=[
            f"Squared error {error} · image {index:,}" + (f" · class {name}" if name else "")
            for error, index, name in zip(errors, found["index"], names, strict=True)
        ],
        key=f"reconstructions-{run_id}",
        alt="Images, their reconstructions and the difference. Choose one to see its neighbours.",
        marked=place_of(chosen_image(), found["position"]),
        columns=12,
    )
    if clicked is not None:
        keep_image(int(found["position"][clicked]))


def spread(found: dict[str, Any], view: View) -> None:
    """The errors of all examples as a histogram, and in numbers."""
    title = "sum of squared differences per image"
    pixels = found["x"][0].size
    st.markdown(
        f"**Mean error {number(found['mean'])}**: {title}, {view.split} split, "
        f"{found['count']:,} images of {pixels:,} values each "
        f"({number(found['mean'] / pixels)} per value)."
    )
    figure(
        error_histogram(found["errors"], found["mean"], title=title),
        key="errors",
        alt=in_words(found["errors"], found["mean"], title),
    )


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Reconstructions", anchor=False)
    chosen: Chosen | None = choose_run(schemas, {"reconstruct"}, ("images",))
    if chosen is None:
        return
    run, step = chosen
    view = controls()
    found = answered(
        "reconstructions",
        "The images are being reconstructed",
        run=run.id,
        step=step,
        split=view.split,
        order=view.order,
        n=view.n,
        seed=view.seed,
    )
    if found is None:
        return
    pictures(found, run.id)
    if "encode" in schemas["models"][run.model]["abilities"]:
        neighbours.section(chosen, view.split)
    left, right = st.columns([3, 2], gap="large")
    with left:
        spread(found, view)
    with right:
        st.markdown(TEXT)


when_ready(page)

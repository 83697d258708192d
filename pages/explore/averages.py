"""Averages and attributes: the mean code of a class, μ + k·s for a direction between two groups, a − b + c."""

from typing import Any

import streamlit as st

from core.figures.palette import ENCODER, GENERATED
from pages.explore import grouping, sums
from pages.explore.coded import about, choose_class, in_space, needs_images, shape_of
from pages.explore.examples import beginning, choose_split
from pages.ui.asking import answered
from pages.ui.film import film
from pages.ui.gallery import gallery
from pages.ui.pick import Chosen
from pages.ui.words import number

MEANS, ATTRIBUTE, SUM = "Class means", "A direction", "a − b + c"
VIEWS = (MEANS, ATTRIBUTE, SUM)
MEAN, IMAGE = "the mean code", "an image"
SHOWN = 17
ATTRIBUTE_TEXT = r"""
**What you see.** $g(\mu + k\,\mathbf s)$: the direction $\mathbf s$ leads from the mean code of group A to that of
group B, so that $k = 1$ adds exactly their difference (White 2016, *Sampling generative networks*, section 2.3). Where
A and B are the two ends of a factor by which the data were made, $\mathbf s$ is what the code makes of that factor.
If other things change along with it, the groups differ in them too, or the code does not hold the factor apart.
"""


def class_means(chosen: Chosen, schemas, split: str) -> None:
    """The decoded mean code of each class above the mean of its images."""
    if (chosen.run.environment.get("data_spec") or {}).get("classes", 1) == 0:
        st.info(
            "These data have no classes to average over: choose *A direction*, and mark two groups yourself."
        )
        return
    found = answered("class_means", "The means are being decoded", **about(chosen), split=split)
    if found is None:
        return
    names = [found["names"][k] for k in found["classes"]]
    kind, size = shape_of(chosen.run, schemas)
    if kind != "images":
        _means_in_space(chosen, found, size)
        return
    gallery(
        {"Mean code, decoded": found["x"], "Mean of the images": found["pixels"]},
        names,
        details=[
            f"class {name}: mean of {count:,} examples"
            for name, count in zip(names, found["counts"], strict=True)
        ],
        key="average-means",
        alt=f"The decoded mean code of {len(names)} classes, each above the mean of its images.",
        columns=10,
        choose=False,
    )
    st.caption(
        f"Means over {found['count']:,} images of the {split} split. The mean of the images is a blur; the decoded "
        "mean code is as sharp as any other image of the decoder, if the class lies together in the code."
    )


def _means_in_space(chosen: Chosen, found: dict[str, Any], size: int) -> None:
    known = None if size > 3 else answered("walk_examples", run=chosen.run.id, n=256)
    if size > 3:
        needs_images("This view")
    elif known is not None:
        in_space(
            known["x"],
            {
                "mean codes, decoded": ("points", found["x"], GENERATED),
                "means of the points": ("points", found["pixels"], ENCODER),
            },
            key="average-space",
            view=chosen.run.id,
            alt="The data, the decoded mean code of each class, and the mean of its points.",
        )


def attribute(chosen: Chosen, schemas, split: str, y: int | None) -> None:
    """Two groups, the direction between them, and images along it."""
    cloud = answered("code_cloud", "The codes are being computed", **about(chosen), split=split)
    if cloud is None:
        return
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    groups = grouping.choose_groups(cloud, row)
    start = MEAN
    kind, size = shape_of(chosen.run, schemas)
    if kind == "images":
        start = row.segmented_control(
            "Add it to", (MEAN, IMAGE), default=MEAN, required=True, key="average-from"
        )
    if groups is None:
        return
    position = (
        beginning(chosen.run.id, split, "average-start", "Images to add to.")
        if start == IMAGE
        else None
    )
    found = answered(
        "attribute",
        "The direction is being followed",
        **about(chosen),
        a=groups[0],
        b=groups[1],
        n=SHOWN,
        split=split,
        position=position,
        y=y,
    )
    if found is None:
        return
    if kind == "images":
        _along(found)
    else:
        _curve(chosen, found, size)
    _numbers(found, split)
    st.markdown(ATTRIBUTE_TEXT)


def _along(found: dict[str, Any]) -> None:
    names = [f"k = {k:+.2f}" if k else "k = 0" for k in found["k"]]
    left, right = st.columns([2, 5], gap="large")
    with left:
        film(
            {"μ + k·s": found["x"]},
            names,
            key="average-film",
            axis="k",
            start=len(names) // 2,
            stops=(0, len(names) // 4, len(names) // 2, 3 * len(names) // 4, len(names) - 1),
            alt="The image as the direction is taken away and added.",
        )
    with right:
        every = slice(None, None, 2)
        gallery(
            {"": found["x"][every]},
            [f"{k:+.2g}" if k else "0" for k in found["k"][every]],
            details=names[every],
            key="average-strip",
            alt="A row of images, k from -2 to 2.",
            columns=9,
            choose=False,
        )
        gallery(
            {"": found["means"]},
            ["mean of A", "mean of B"],
            key="average-groups",
            alt="The decoded mean codes of both groups.",
            columns=9,
            choose=False,
        )


def _curve(chosen: Chosen, found: dict[str, Any], size: int) -> None:
    known = None if size > 3 else answered("walk_examples", run=chosen.run.id, n=256)
    if size > 3:
        needs_images("This view")
    elif known is not None:
        in_space(
            known["x"],
            {
                "μ + k·s": ("curve", found["x"], GENERATED),
                "means": ("points", found["means"], GENERATED),
            },
            key="average-curve",
            view=chosen.run.id,
            alt="The data and what the codes along the direction decode to.",
        )


def _numbers(found: dict[str, Any], split: str) -> None:
    a, b = found["counts"]
    st.markdown(
        f"|s| = **{number(found['length'])}** in units of the code. An example of B lies further along s than one of A "
        f"with probability **{found['separation']:.3f}** (0.5: the direction does not tell them apart)."
    )
    st.caption(
        f"A has {a:,} examples and B {b:,}, of {found['count']:,} of the {split} split; the probability is over "
        f"the same examples that s was made of. One standard deviation of all examples along s is k = "
        f"{number(found['spread'])}."
    )


def body(chosen: Chosen, schemas) -> None:
    """One of the three views."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        view = st.segmented_control(
            "What to average",
            VIEWS,
            default=MEANS,
            required=True,
            key="average",
            bind="query-params",
        )
        split = choose_split()
        y = choose_class(chosen.run, own=view != MEANS) if view != MEANS else None
    if view == MEANS:
        class_means(chosen, schemas, split)
    elif view == ATTRIBUTE:
        attribute(chosen, schemas, split, y)
    else:
        sums.arithmetic(chosen, schemas, split, y)

"""What maps get wrong: data of known shape, as they are and as t-SNE shows them, in numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.analysis.column import Column
from core.errors import ExplorerError
from core.figures.maps import in_words, scatter
from pages.ui.figure import figure
from pages.ui.long_question import LongQuestion, watch
from pages.ui.pick import Chosen
from pages.ui.words import number

PERPLEXITIES = (2.0, 5.0, 30.0, 100.0)
SEEDS = 10
HEIGHT = 250
TEXT = r"""
**What one sees.** At the left the data as they are; beside it the same points as t-SNE shows them at several
perplexities. Under each map stands what an eye reads off it, beside what is true.

**Sizes mean nothing.** t-SNE gives every point about as many neighbours and evens out how dense the groups are, so a
group ten times as wide is drawn about as wide as the others. **Gaps mean little.** How far groups lie apart follows the
perplexity more than the data. **Clumps may be noise.** At a small perplexity even a cloud without any groups falls into
crumbs. What can be trusted is who is near whom, and the numbers under each map say how far.

**What to do.** Never read a single map. Try several perplexities and seeds, believe what stays, and read trust:
a map that invents neighbours has a low *trustworthiness*. (M. Wattenberg, F. Viégas & I. Johnson 2016, *How to use
t-SNE effectively*.)
"""


def body(chosen: Chosen, schemas: Mapping[str, Any]) -> None:
    """The lesson: it needs no run."""
    del chosen, schemas
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        seed = st.number_input(
            "Seed",
            0,
            SEEDS - 1,
            0,
            key="lesson-seed",
            width=110,
            help="Draws the data and begins the maps.",
        )
        question = LongQuestion("known_shapes", perplexities=list(PERPLEXITIES), seed=int(seed))
        found = _answer(question)
        if found is None and not question.going:
            st.button(
                "Make the maps",
                icon=":material/play_arrow:",
                type="primary",
                key="lesson-make",
                shortcut="M",
                on_click=question.begin,
            )
            st.markdown("a few seconds", width="content")
    if question.going:
        watch([question], [""], "lesson")
    if found is not None:
        for shape in found["shapes"]:
            _shape(shape)
    st.markdown(TEXT)


def _answer(question: LongQuestion) -> dict[str, Any] | None:
    try:
        return question.answer()
    except ExplorerError as error:
        st.warning(str(error), icon=":material/error:")
        question.forget()
        return None


def _shape(shape: Mapping[str, Any]) -> None:
    st.markdown(f"### {shape['title']}\n{shape['lesson']}")
    parts = Column("part", shape["y"].astype(np.float32), "category", "", tuple(shape["parts"]))
    columns = st.columns(1 + len(shape["maps"]), gap="small")
    name = shape["name"]
    with columns[0]:
        st.markdown("**As they are**")
        _dots(shape["vectors"][:, :2], parts, ("x₁", "x₂"), f"lesson-{name}-true")
        for read in shape["maps"][0]["reads"]:
            st.caption(f"{read['title']}: **{_value(read['true'], read)}**")
    for column, one in zip(columns[1:], shape["maps"], strict=True):
        with column:
            st.markdown(f"**Perplexity {one['perplexity']:g}**")
            key = f"lesson-{name}-{one['perplexity']:g}"
            _dots(one["at"], parts, ("t-SNE 1", "t-SNE 2"), key)
            for read in one["reads"]:
                st.caption(f"{read['title']}: **{_value(read['seen'], read)}**")


def _dots(at: np.ndarray, parts: Column, axes: Sequence[str], key: str) -> None:
    figure(scatter(at, parts, axes, height=HEIGHT), key=key, alt=in_words(at, parts, axes))


def _value(value: float, read: Mapping[str, Any]) -> str:
    return f"{number(value)} {read['unit']}".strip()

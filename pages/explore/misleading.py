"""What maps get wrong: data of known shape, as they are and as t-SNE shows them, in numbers."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from core.analysis.column import Column
from core.errors import ExplorerError
from core.figures.maps import in_words, scatter
from core.figures.palette import CLASSES
from pages.ui.figure import figure
from pages.ui.long_question import LongQuestion, begin, watch
from pages.ui.pick import Chosen
from pages.ui.words import duration

PERPLEXITIES = (2.0, 5.0, 30.0, 100.0)
SEEDS = 10
HEIGHT = 250
SECONDS = 10  # that all of it takes, about
# What an eye reads off a map, in a word; of clusters it is a ratio.
SHORT = {"spreads": "Widths", "gaps": "Gaps", "clumps": "Clumps"}
RATIOS = ("spreads", "gaps")
FAR = 1.5  # so many times too large or too small a reading misleads
TEXT = r"""
**What one sees.** At the left the data, by the first two of their dimensions; beside it the same points as t-SNE shows
them at several perplexities. Under each map stands what an eye reads off it, in red where that is far from the truth:
how wide the clusters are by their root mean square distance from the middle, how wide the gaps by the distance of the
middles, and how many clumps there are by HDBSCAN with 5 points at least.

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
        asked = {"perplexities": list(PERPLEXITIES), "seed": int(seed)}
        question = LongQuestion("known_shapes", expected=SECONDS, **asked)
        found = _answer(question)
        if found is None and not question.going:
            st.button(
                "Make the maps",
                icon=":material/play_arrow:",
                type="primary",
                key="lesson-make",
                on_click=begin,
                args=([question],),
            )
            st.markdown(f"about **{duration(SECONDS)}**", width="content")
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
    names, name = shape["parts"], shape["name"]
    if len(names) > 1:
        st.html(" &emsp; ".join(_dot(k, part) for k, part in enumerate(names)))
    parts = Column("part", shape["y"].astype(np.float32), "category", "", tuple(names))
    columns = st.columns(1 + len(shape["maps"]), gap="small")
    with columns[0]:
        st.markdown("**The data**")
        d = shape["vectors"].shape[1]
        axes = (f"x₁ (of {d})", f"x₂ (of {d})")
        _dots(shape["vectors"][:, :2], parts, axes, f"lesson-{name}-true")
        st.markdown("  \n".join(_truth(read) for read in shape["maps"][0]["reads"]))
    for column, one in zip(columns[1:], shape["maps"], strict=True):
        with column:
            st.markdown(f"**Perplexity {one['perplexity']:g}**")
            key = f"lesson-{name}-{one['perplexity']:g}"
            _dots(one["at"], parts, ("t-SNE 1 (no unit)", "t-SNE 2"), key)
            st.markdown("  \n".join(_seen(read) for read in one["reads"]))


def _dot(k: int, part: str) -> str:
    return f'<span style="color:{CLASSES[k % len(CLASSES)]}">●</span> {escape(part)}'


def _dots(at: np.ndarray, parts: Column, axes: Sequence[str], key: str) -> None:
    drawn = scatter(at, parts, axes, height=HEIGHT)
    drawn.update_layout(showlegend=False, margin={"t": 8, "r": 8})
    figure(drawn, key=key, alt=in_words(at, parts, axes))


def _truth(read: Mapping[str, Any]) -> str:
    return f"{_title(read)} **{_value(read, read['true'])}**"


def _seen(read: Mapping[str, Any]) -> str:
    """What the map shows, in red where that misleads: another number of clumps, a ratio far from the true one."""
    small, large = sorted((read["seen"], read["true"]))
    off = large > FAR * small if read["name"] in RATIOS else small != large
    seen = f"**{_value(read, read['seen'])}**"
    if off:
        seen = f":red[{seen}], in truth {_value(read, read['true'])}"
    return f"{_title(read)} {seen}"


def _title(read: Mapping[str, Any]) -> str:
    return SHORT.get(read["name"], read["title"])


def _value(read: Mapping[str, Any], value: float) -> str:
    return f"1 : {value:.2g}" if read["name"] in RATIOS else f"{value:.0f}"

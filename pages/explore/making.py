"""Maps in the making: how long they will take, the button that begins them, their progress, and what came of it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import streamlit as st

from core.errors import ExplorerError
from pages.ui.asking import answered
from pages.ui.backend import jobs, store
from pages.ui.long_question import BRIEF, LongQuestion, begin, watch
from pages.ui.words import duration

# Nothing that takes longer begins by itself, and nothing whose way there is worth seeing.
AT_ONCE = 4.0  # seconds
UMAP = "umap"
PREPARING = (
    "UMAP is still being prepared on this server, which takes about 40 seconds, once after its start: a map that "
    "is begun now waits for that first."
)


class Making(NamedTuple):
    """A map that is asked for: what ``project_estimate`` says, and what ``project`` found, None while it has not.

    ``going`` tells whether it is being computed for this visitor.
    """

    request: dict[str, Any]
    estimate: dict[str, Any]
    found: dict[str, Any] | None
    question: LongQuestion
    going: bool

    @property
    def key(self) -> str:
        """The name under which it is kept, once it is there."""
        return (self.found or self.estimate)["key"]


def make(
    requests: Sequence[dict[str, Any]], titles: Sequence[str], *, key: str, what: str = ""
) -> list[Making] | None:
    """The maps of these ``requests`` as far as they are there, with all that is needed to get the others.

    Kept ones and quick ones are there at once. For the others the page says how long they take, beside a button; then
    a bar for each says how far it is. None, with a sentence, where one of them cannot be.
    """
    estimates = [
        answered("project_estimate", "Looking at the data", request=request) for request in requests
    ]
    if not all(estimates):
        return None
    maps = [_one(*pair) for pair in zip(requests, estimates, strict=True)]
    missing = [one for one in maps if one.found is None and not one.going]
    going = [(one.question, title) for one, title in zip(maps, titles, strict=True) if one.going]
    if going:
        questions, named = zip(*going, strict=True)
        watch(questions, [f"**{title}** · " if title else "" for title in named], key)
    elif missing:
        _invite(missing, key, what)
    return maps


def _one(request: dict[str, Any], estimate: dict[str, Any]) -> Making:
    question = LongQuestion("project", expected=estimate["seconds"], request=request)
    found = None
    kept = store().maps.path(request["run"], estimate["key"]).exists()
    going = question.going  # asked first: what ends meanwhile is found by whoever watches it
    try:
        found = question.answer()
        if found is not None and not kept:
            question.forget()  # the file made room for others meanwhile
            found = None
        if found is None and (kept or _quick(request, estimate)):
            question.begin(quick=True)
            going, found = True, question.answer(wait=BRIEF)
    except ExplorerError as error:
        st.warning(str(error), icon=":material/error:")
        question.forget()
        going = False
    return Making(request, estimate, found, question, going and found is None)


def _quick(request: dict[str, Any], estimate: dict[str, Any]) -> bool:
    return "seed" not in request["settings"] and estimate["seconds"] <= AT_ONCE


def _invite(missing: Sequence[Making], key: str, what: str) -> None:
    seconds = sum(one.estimate["seconds"] for one in missing)
    what = what or ("the map" if len(missing) == 1 else f"the {len(missing)} maps")
    points = missing[0].estimate["count"]
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", gap="medium", key=f"{key}-invite"
    ):
        st.button(
            f"Make {what}",
            icon=":material/play_arrow:",
            type="primary",
            key=f"{key}-make",
            on_click=begin,
            args=([one.question for one in missing],),
        )
        st.markdown(
            f"about **{duration(max(1.0, seconds))}** for {points:,} points", width="content"
        )
    if not jobs().maps.warm and any(one.request["method"] == UMAP for one in missing):
        st.caption(PREPARING)


def sample_of(one: Making, words: str = "") -> None:
    """How many of how many rows are mapped, never a silent cut; then ``words``."""
    count, total = one.estimate["count"], one.estimate["total"]
    split = one.request["split"]
    if count == total:
        text = f"All **{total:,} rows** of the {split} split."
    else:
        data = store().get(one.request["run"]).environment.get("data_spec") or {}
        how = "every class in its share" if data.get("classes", 1) else "drawn by chance"
        text = f"**{count:,} of {total:,} rows** of the {split} split, {how}."
    st.caption(f"{text} {words}")

"""Trainings that begin with a click on an exploring page, and whose page then waits for what they learn."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import streamlit as st

from core.errors import BadInput
from core.training.config import RunSpec
from pages.ui.backend import jobs
from pages.ui.control_bar import attempt, show_message
from pages.ui.visitor import owner

COLD_SECONDS = 30.0


class Start(NamedTuple):
    """A training, what it shows in a sentence, and its ``choices``, the arguments of ``describe``."""

    key: str
    title: str
    text: str
    choices: dict[str, Any]


def described(choices: dict[str, Any]) -> RunSpec:
    """The complete spec of these choices. Raises ``BadInput`` with what is wrong with them."""
    answer = jobs().compute.call("describe", timeout=COLD_SECONDS, **choices)
    if answer["errors"]:
        raise BadInput.of_fields(answer["errors"])
    return RunSpec.model_validate(answer["spec"])


def starts(offers: Sequence[Start], page: str, **address: str) -> None:
    """The ``offers`` side by side; a click queues one and opens ``page`` on it, in the state that ``address`` names."""
    st.markdown("**Train one for this page**")
    show_message()
    for column, offer in zip(st.columns(max(3, len(offers)), gap="medium"), offers, strict=False):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{offer.title}**")
            st.markdown(offer.text)
            st.button(
                "Train it",
                icon=":material/play_arrow:",
                key=f"start-{offer.key}",
                on_click=_begin,
                args=(offer, page, address),
            )


def _begin(offer: Start, page: str, address: dict[str, str]) -> None:
    found = attempt(lambda: jobs().submit(described(offer.choices), owner()))
    if found:
        st.session_state["_go"] = (page, {**address, "run": found[0]})

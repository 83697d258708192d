"""A question to the compute worker whose answer a page waits for calmly: the page stays, and looks again by itself."""

from typing import Any

import streamlit as st

from core.errors import ExplorerError
from pages.ui.backend import Pending, ask

# Most answers come within this time: until then the old ones stay on the page, and nothing jumps.
PATIENCE = 1.0  # seconds


def answered(task: str, words: str = "Computing", **arguments: Any) -> dict[str, Any] | None:
    """The answer; None while it is on its way (a note says so), or where there is none (its sentence says why).

    ``arguments`` must be JSON values: they are the key under which the session remembers the answer.
    """
    try:
        return ask(task, wait=PATIENCE, **arguments)
    except Pending:
        st.info(f"{words} …", icon="spinner")
        _look_again(task, arguments)
    except ExplorerError as error:
        st.warning(str(error), icon=":material/error:")
    return None


@st.fragment(run_every=0.4)
def _look_again(task: str, arguments: dict[str, Any]) -> None:
    try:
        ask(task, wait=0.05, **arguments)
    except Pending:
        return
    except ExplorerError:
        pass  # the page asks once more and shows it
    st.rerun()

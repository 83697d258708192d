"""What each hidden unit looks for and draws, as it develops."""

import streamlit as st

from pages.ui.pick import choose_run
from pages.ui.warming import when_ready


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Weights", anchor=False)
    choose_run(schemas, {"filters"})


when_ready(page)

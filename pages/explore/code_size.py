"""Several models on the same images, and the error against the size of the code."""

import streamlit as st

from pages.ui.pick import choose_run
from pages.ui.warming import when_ready


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Code size", anchor=False)
    choose_run(schemas, {"reconstruct"})


when_ready(page)

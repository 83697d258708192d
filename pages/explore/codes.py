"""The code itself: activity, histograms, correlation, dead units."""

import streamlit as st

from pages.ui.pick import choose_run
from pages.ui.warming import when_ready


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Codes", anchor=False)
    choose_run(schemas, {"encode"})


when_ready(page)

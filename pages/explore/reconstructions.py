"""Originals against reconstructions: errors, best and worst, nearest neighbours."""

import streamlit as st

from pages.ui.pick import choose_run
from pages.ui.warming import when_ready


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Reconstructions", anchor=False)
    choose_run(schemas, {"reconstruct"})


when_ready(page)

"""Damage, restore, and damage again; the field that pulls points back to the data."""

import streamlit as st

from pages.ui.pick import choose_run
from pages.ui.warming import when_ready


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Denoising", anchor=False)
    choose_run(schemas, {"reconstruct"})


when_ready(page)

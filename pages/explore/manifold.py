"""PCA"s plane against the autoencoder"s curved surface, in 2-D and 3-D."""

import streamlit as st

from pages.ui.pick import choose_run
from pages.ui.warming import when_ready


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Manifold", anchor=False)
    choose_run(schemas, {"reconstruct"})


when_ready(page)

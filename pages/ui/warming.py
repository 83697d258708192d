"""The calm moment while a cold server gets its workers ready."""

import streamlit as st

from pages.ui.backend import Pending, jobs, schemas


def when_ready(body) -> None:
    """Run ``body(schemas)``; before the workers can answer, say so and look again twice a second."""
    try:
        document = schemas()
    except Pending:
        _waiting()
        return
    body(document)


@st.fragment(run_every=0.5)
def _waiting() -> None:
    if jobs().problem:
        st.error(jobs().problem, icon=":material/error:")
        return
    st.info(
        "Warming up: the models are being read. This takes a few seconds, once.", icon="spinner"
    )
    try:
        schemas(wait=0.05)
    except Pending:
        return
    st.rerun()

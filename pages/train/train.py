"""Train: choose, start, and watch."""

import streamlit as st

from pages.train import live, setup
from pages.ui.address import FORM_ADDRESS, run_of_address
from pages.ui.warming import when_ready

run = run_of_address()
if run is not None:
    # Whoever comes back to the form finds it as the address has it.
    st.session_state.pop(FORM_ADDRESS, None)
when_ready(setup.show if run is None else lambda schemas: live.show(run, schemas))

"""The GAN playground: begin, watch one run in the plane, or hold cures side by side; the address says which."""

import streamlit as st

from pages.explore import playground_begin, playground_cures, playground_live
from pages.ui.address import FORM_ADDRESS, run_of_address, runs_of_address
from pages.ui.warming import when_ready


def page(schemas) -> None:
    """The whole page."""
    runs, missing = runs_of_address(most=playground_cures.MOST)
    if missing:
        rest = "Not every run" if runs else "No run"
        shown = "; the rest is shown" if runs else ""
        st.warning(f"{rest} of this address can be found{shown}.", icon=":material/link_off:")
    run = None if runs else run_of_address()
    if runs or run:
        # Whoever comes back to the beginning finds it as the address has it.
        st.session_state.pop(FORM_ADDRESS, None)
    if runs:
        playground_cures.show(runs, schemas)
    elif run:
        playground_live.show(run, schemas)
    else:
        playground_begin.show(schemas)


when_ready(page)

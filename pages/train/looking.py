"""From a run to the pages that look into it: only those that have something to show of it."""

from typing import Any

import streamlit as st

from core.runs import Run
from pages.ui.backend import store
from pages.ui.house import EXPLORE, Page
from pages.ui.latent_pad import read_ahead
from pages.ui.pick import fits
from pages.ui.words import ACTIVE


def looks_of(run: Run, schemas: dict[str, Any]) -> list[Page]:
    """The pages that can show this run."""
    able = (page for page in EXPLORE if page.able is not None)
    return [page for page in able if fits(run, schemas, set(page.able), page.kinds)]


def look_inside(run: Run, schemas: dict[str, Any]) -> None:
    """A row of links; nothing before the run has weights, or where no page can show it."""
    found = looks_of(run, schemas)
    kept = store().states(run.id)
    if not found or not kept:
        return
    if run.state not in ACTIVE and any(page.address == "latent" for page in found):
        read_ahead(run.id, kept[-1])
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="look-inside"):
        st.markdown("**Look inside**", width="content")
        for page in found:
            st.page_link(
                page.file,
                label=page.title,
                icon=f":material/{page.icon}:",
                query_params={"run": run.id},
            )

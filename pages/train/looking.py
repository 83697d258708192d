"""From a run to the pages that look into it: only those that have something to show of it."""

from typing import Any, NamedTuple

import streamlit as st

from core.runs import Run
from pages.ui.backend import store
from pages.ui.pick import KINDS, fits


class Look(NamedTuple):
    """An exploring page, and what a run must be able to do, on which kind of data, to be shown there."""

    page: str
    label: str
    icon: str
    able: frozenset[str]
    kinds: tuple[str, ...] = KINDS


IMAGES, POINTS = ("images",), ("points",)
RECONSTRUCT, ENCODE, FILTERS = (frozenset({name}) for name in ("reconstruct", "encode", "filters"))
LOOKS = (
    Look("time", "Time", "history", frozenset()),
    Look("reconstructions", "Reconstructions", "compare_arrows", RECONSTRUCT, IMAGES),
    Look("codes", "Codes", "bar_chart", ENCODE),
    Look("layers", "Layers", "layers", RECONSTRUCT, IMAGES),
    Look("weights", "Weights", "grid_on", FILTERS, IMAGES),
    Look("denoising", "Denoising", "blur_on", RECONSTRUCT),
    Look("manifold", "Manifold", "view_in_ar", RECONSTRUCT, POINTS),
)


def looks_of(run: Run, schemas: dict[str, Any]) -> list[Look]:
    """The pages that can show this run."""
    return [look for look in LOOKS if fits(run, schemas, set(look.able), look.kinds)]


def look_inside(run: Run, schemas: dict[str, Any]) -> None:
    """A row of links; nothing before the run has weights, or where no page can show it."""
    found = looks_of(run, schemas)
    if not found or not store().states(run.id):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="look-inside"):
        st.markdown("**Look inside**", width="content")
        for look in found:
            st.page_link(
                f"explore/{look.page}.py",
                label=look.label,
                icon=f":material/{look.icon}:",
                query_params={"run": run.id},
            )

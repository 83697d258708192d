"""Clusters among what is mapped, not on the map: how many, and how far they agree with the labels."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from core.runs import Run
from pages.explore.making import Making
from pages.ui.asking import answered
from pages.ui.words import class_names

KMEANS, HDBSCAN = "k-means", "HDBSCAN"
NAMES = {KMEANS: "kmeans", HDBSCAN: "hdbscan"}
PARAMETERS = {KMEANS: ("Clusters", 2, 100), HDBSCAN: ("At least so many in one", 2, 10_000)}
USUAL, SMALLEST, MOST = (
    10,
    (5, 30),
    50,
)  # clusters; the least size of one, and how many such there may be
AT_ONCE, ASKED = 3_000, "_clusters-asked"
FIGURES = {"purity": "Purity", "nmi": "NMI", "ari": "ARI"}
HELP = {
    "purity": "The share of points of the most frequent class of their cluster; it grows with the number of clusters.",
    "nmi": "How much clusters and classes tell of each other, as a share of what both tell: 1 where they are the same.",
    "ari": "Pairs of points on which clusters and classes agree: 0 by chance, 1 where they are the same.",
}


def clusters(made: Making, run: Run) -> str | None:
    """The controls and what comes of them; the column that the map is to be coloured by, None where it is not."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        kind = st.segmented_control(
            "Clusters by",
            list(NAMES),
            key="clusters",
            bind="query-params",
            help="They are sought in what is mapped, in all its dimensions, not on the map. k-means parts all points "
            "into k groups around their means; HDBSCAN finds places that are dense and calls the rest noise.",
        )
        if kind is None:
            return None
        parameter = _parameter(kind, made.found["count"], len(class_names(run)))
        coloured = st.toggle("Colour the map by them", value=True, key=f"colour-{NAMES[kind]}")
    if not _wanted(made, kind, parameter):
        return None
    found = answered(
        "map_clusters",
        "The clusters are being sought",
        run=run.id,
        key=made.key,
        method=NAMES[kind],
        parameter=parameter,
    )
    if found is None:
        return None
    _figures(found)
    return f"{NAMES[kind]}:{parameter}" if coloured else None


def _parameter(kind: str, count: int, classes: int) -> int:
    """How many clusters (as many as there are classes), or how many points at least are one."""
    title, low, high = PARAMETERS[kind]
    usual = max(low, classes or USUAL) if kind == KMEANS else int(np.clip(count // MOST, *SMALLEST))
    return int(
        st.number_input(
            title,
            low,
            min(high, count),
            min(usual, count),
            key=NAMES[kind],
            bind="query-params",
            width=190,
        )
    )


def _wanted(made: Making, kind: str, parameter: int) -> bool:
    """Whether to begin: HDBSCAN compares every two points, so that for many of them it waits for a click."""
    if kind == KMEANS or made.found["count"] <= AT_ONCE:
        return True
    asked = st.session_state.setdefault(ASKED, set())
    one = (made.key, parameter)
    if one not in asked:
        st.button(
            "Find the clusters · up to half a minute",
            key="clusters-find",
            on_click=asked.add,
            args=(one,),
        )
    return one in asked


def _figures(found: Mapping[str, Any]) -> None:
    """How many there are, and their agreement with the classes, or why there is none."""
    figures = found["figures"]
    shown = [name for name in FIGURES if name in figures]
    columns = st.columns(2 + max(len(shown), 1), gap="medium")
    columns[0].metric("Clusters", f"{figures['clusters']['value']:,.0f}")
    columns[1].metric(
        "Noise", f"{figures['noise_share']['value']:.1%}", help="The share of points in no cluster."
    )
    for column, name in zip(columns[2:], shown, strict=False):
        column.metric(
            FIGURES[name],
            f"{figures[name]['value']:.3f}",
            help=f"{HELP[name]} Exact: {figures[name]['protocol']}.",
        )
    if found["sentence"]:
        columns[2].info(found["sentence"])

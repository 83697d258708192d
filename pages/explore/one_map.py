"""One map of what a run makes of its data: its controls, the map, and how far it can be trusted."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.runs import Run
from pages.explore.making import make, sample_of
from pages.explore.map_bar import map_bar, methods, sources
from pages.explore.map_clusters import clusters
from pages.explore.map_files import CLASS, files
from pages.explore.map_kept import kept_maps
from pages.explore.map_trust import trust_row
from pages.ui.following import follow
from pages.ui.map import code_map
from pages.ui.pick import Chosen

COLOUR = "_map-colour"
TEXT = r"""
**What one sees.** Every dot is an example at the place that the method gives to its code. *PCA* is a flat cut through
the codes: distances can only shrink. *t-SNE* and *UMAP* put those near each other that are near in the code, and bend
everything else to make room: only neighbourhoods mean something, neither the size of a group nor the gap between two.

**What to do.** Point at a dot for its image; click it for its nearest neighbours in the code; draw a lasso for the
images, reconstructions and classes of many, which also light up in other maps and on the latent pad. On a PCA map, or
where the code itself is shown, a click into an empty place asks the decoder what would lie there.

**What to look for.** Classes that lie apart without the model ever having seen a label. Dots among those of another
class: look at them. And before you believe a group, read the numbers under the map, change the perplexity or the
seed, and see whether it stays: *What maps get wrong* shows why.
"""


def body(chosen: Chosen, schemas: Mapping[str, Any]) -> None:
    """The controls, the map, what is known of it."""
    del schemas
    step = follow(chosen)
    if offered := sources(chosen, step):
        row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
        request = map_bar(chosen, step, offered, row)
        # Each in a place of its own: what comes and goes above the map must not move it to another one.
        head = st.container(horizontal=True, vertical_alignment="center", gap="medium")
        status, place, below = st.container(), st.container(), st.container()
        if request is not None:
            _shown(chosen.run, request, head, status, place, below)
        with head:
            kept_maps(chosen.run.id, step, offered)
    st.markdown(TEXT)


def _shown(run: Run, request: dict[str, Any], head, status, place, below) -> None:
    with status:
        made = make([request], [""], key="map")
    if made is None:
        return
    one, colour = made[0], CLASS
    with head:
        sample_of(one, methods()[request["method"]]["help"])
    if one.found is not None:
        with below:
            trust_row(one)
            colour = clusters(one, run) or CLASS
    if one.found is not None or one.going:
        with place:
            state = code_map(run.id, one.key, widget_key="map", colour=colour, live=one.going)
    if one.found is not None:
        with below:
            files(run, one.key, _present(colour, state.colour))


def _present(asked: str, told: str) -> str:
    """The colour that the map has now: what the page asked for or what was chosen on the map, whichever came last."""
    last = st.session_state.get(COLOUR, {})
    now = last.get("now", asked)
    if told != last.get("told"):
        now = told
    elif asked != last.get("asked"):
        now = asked
    st.session_state[COLOUR] = {"asked": asked, "told": told, "now": now}
    return now

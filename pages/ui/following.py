"""An exploring page beside a run that trains: it waits for the first weights, then goes along with the newest."""

import time
from collections.abc import Callable

import streamlit as st

from core.errors import ExplorerError
from core.runs import Run
from pages.ui.backend import store
from pages.ui.pick import Chosen
from pages.ui.picture import live_picture
from pages.ui.visitor import opened
from pages.ui.words import ACTIVE, badge, class_names, duration, run_title

LOOK = 1.0
NEWEST = "_newest"


def coming(schemas) -> bool:
    """Whether the address names a run that has kept no weights yet; then it is shown as it begins."""
    run = _named()
    if run is None or run.state not in ACTIVE or store().states(run.id):
        return False
    st.markdown(f"**{run_title(run, schemas)}** {badge(run.state)}")
    st.caption("This page follows as soon as the first weights are kept.")
    live_picture(run, class_names(run), key=f"coming-{run.id}", fork=False)

    @st.fragment(run_every=LOOK)
    def look() -> None:
        if store().states(run.id) or store().get(run.id).state not in ACTIVE:
            st.rerun()

    look()
    return True


def _named() -> Run | None:
    try:
        return opened(store(), st.query_params.get("run", ""))
    except ExplorerError:
        return None  # the run picker says so


def at_newest() -> None:
    """Before the picker is drawn: where the page had followed a run to its newest weights, it goes on doing so."""
    if st.session_state.pop(NEWEST, False):
        st.query_params.pop("step", None)


def follow(chosen: Chosen) -> int:
    """The step that is looked at; while the run trains, the page is drawn anew when there is a later one."""
    run, kept = chosen.run, store().states(chosen.run.id)
    step = kept[-1] if chosen.step is None else chosen.step
    newest = step == kept[-1]

    @st.fragment(run_every=LOOK)
    def look() -> None:
        now = store().get(run.id)
        if now.state != run.state or (newest and store().states(run.id)[-1] != step):
            st.session_state[NEWEST] = newest
            st.rerun()

    if run.state in ACTIVE:
        st.caption(f"It is still training: {run.steps:,} of {run.total_steps:,} steps.")
        look()
    return step


def watched(runs: list[Run], tell: Callable[[list[Run]], None]) -> None:
    """``tell`` of these runs as they now are, once a second; the page is drawn anew when a state has changed."""
    states = [run.state for run in runs]

    @st.fragment(run_every=LOOK)
    def look() -> None:
        now = [store().get(run.id) for run in runs]
        if [run.state for run in now] != states:
            st.rerun()
        tell(now)

    look()


def time_left(runs: list[Run], share: float) -> str:
    """`` · about 40 s left`` of runs that train together: as long again as their ``share`` took; nothing while that
    says little.
    """
    begun = min((run.started for run in runs if run.started), default=None)
    if begun is None or not 0.02 <= share < 1:
        return ""
    return f" · about {duration((time.time() - begun) * (1 - share) / share)} left"

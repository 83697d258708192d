"""Time: the whole training of a run on one slider, or of two runs that share it and one latent cursor."""

from typing import Any

import streamlit as st

from core.errors import ExplorerError
from core.figures import palette
from core.runs import Run
from pages.train.differences import short_names
from pages.train.fork import fork_dialog
from pages.ui.backend import store
from pages.ui.following import coming, watched
from pages.ui.pick import choose_run, suitable
from pages.ui.picture import Track, live_picture, run_heading, shared_time
from pages.ui.visitor import opened
from pages.ui.warming import when_ready
from pages.ui.words import ACTIVE, class_names, run_title

TOGETHER, BESIDE = "time", "beside"
KEY, SEEN = "time-beside", "_beside"
# The first strip shows the loss; the second what the loss hides, the balance of its terms.
STRIPS = (("loss", "D/loss"), ("kl", "G/loss"))
TEXT = r"""
**What one sees.** A run keeps pictures of itself at about sixty moments, close together at the beginning, where most
happens; the slider and the curves give them the same room. Always the same examples are encoded, the same noise is
decoded, so two moments differ by what was learned between them. In the *codes* each dot is an example, at most 1,000;
soft ellipses are one standard deviation $\sigma$ of $q(\mathbf z\,|\,\mathbf x)$ around the first 250 of them, dashed
circles one, two and three standard deviations of the prior. The *decoded square* is what the decoder draws at the
places of an even grid. Codes of more than two numbers are shown by their first two units.

**What to do.** ▶ plays; ← and → go one picture back and on. Point into the codes or the square: the same place of the
code is marked in every picture, and with two runs in both; a click pins it. *Continue from here* makes a new run that
goes on from the moment shown, with other settings.
"""


def choose_beside(first: Run, schemas: dict[str, Any]) -> Run | None:
    """A second run that shares the slider; its id stands in the address as ``beside``."""
    asked = st.query_params.get(BESIDE, "")
    runs = {}
    if asked:
        try:
            runs[asked] = opened(store(), asked)
        except ExplorerError:
            st.warning(
                "The second run of this address cannot be found.", icon=":material/link_off:"
            )
    runs |= {run.id: run for run in suitable(schemas, set())}
    runs.pop(first.id, None)
    if st.session_state.get(SEEN) != asked:
        st.session_state[SEEN] = asked
        st.session_state[KEY] = asked if asked in runs else None
    if st.session_state.get(KEY) not in runs:
        st.session_state[KEY] = None
    picked = st.selectbox(
        "Beside it",
        list(runs),
        key=KEY,
        index=None,
        placeholder="A second run, on the same slider",
        format_func=lambda one: (
            f"{run_title(runs[one], schemas)} · seed {runs[one].spec.seed} · {one[:6]}"
        ),
        on_change=_write,
    )
    return runs.get(picked)


def _write() -> None:
    picked = st.session_state[KEY] or ""
    st.session_state[SEEN] = picked
    if picked:
        st.query_params[BESIDE] = picked
    else:
        st.query_params.pop(BESIDE, None)


def tracks_of(runs: list[Run], schemas: dict[str, Any]) -> list[Track]:
    """Each run under a short name, in a colour of its own."""
    titles = [run_title(run, schemas) for run in runs]
    names = short_names(runs, titles) if len(runs) > 1 else [""]
    return [
        Track(run.id, name, colour)
        for run, name, colour in zip(runs, names, palette.LINES, strict=False)
    ]


def play(runs: list[Run], tracks: list[Track]) -> None:
    """The slider with its curves, and the pictures under it."""
    shared_time(TOGETHER, tracks, key="time-bar", strips=STRIPS)
    forks = []
    columns = st.columns(len(runs), gap="medium") if len(runs) > 1 else [st.container()]
    for column, run, track in zip(columns, runs, tracks, strict=True):
        with column:
            if len(runs) > 1:
                run_heading(run, track.name, track.colour)
            step = live_picture(
                run,
                class_names(run),
                key=f"time-picture-{run.id}",
                together=TOGETHER,
                fetch="at once",
                spread=len(runs) == 1,
            )
            forks.append((run, step))
    for run, step in forks:
        if step is not None:
            fork_dialog(run, int(step))


def _how_far(now: list[Run]) -> None:
    parts = [f"{run.steps:,} of {run.total_steps:,} steps" for run in now if run.state in ACTIVE]
    st.caption(f"Still training, *Newest* follows it: {'; '.join(parts)}.")


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Time", anchor=False)
    if coming(schemas):
        return
    left, right = st.columns([5, 3], gap="medium", vertical_alignment="bottom")
    with left:
        chosen = choose_run(schemas, set(), steps=False)
    if chosen is None:
        return
    with right:
        other = choose_beside(chosen.run, schemas)
    runs = [chosen.run, *([other] if other else [])]
    if any(run.state in ACTIVE for run in runs):
        watched(runs, _how_far)
    play(runs, tracks_of(runs, schemas))
    st.markdown(TEXT)


when_ready(page)

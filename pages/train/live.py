"""A run as it trains: its picture, its curves, its settings, and the bar that commands it."""

import math
import time
from typing import Any

import streamlit as st

from core.runs import Run
from pages.train.fork import fork_dialog
from pages.train.inside import about, inside
from pages.train.looking import look_inside
from pages.ui.backend import jobs, store
from pages.ui.control_bar import control_bar, show_message, whose
from pages.ui.curves import View, chart, choose, how, offered
from pages.ui.history import scalars
from pages.ui.knobs import change_log, knobs
from pages.ui.picture import live_picture
from pages.ui.words import ACTIVE, badge, class_names, duration, run_title

# A run that has just begun has its first value within a few tenths of a second: the first picture waits for it.
FIRST_WAIT, LOOK = 0.4, 0.01
TWICE_A_SECOND = 0.5


def show(run: Run, schemas: dict[str, Any]) -> None:
    """The page of one run. Its picture is sent first: the browser sets it up while the first value is on its way."""
    head = st.container(horizontal=True, vertical_alignment="center", gap="small", key="run-head")
    message = st.container()
    status = st.container(key="status")
    left, middle, right = st.columns([10, 10, 5], gap="medium")
    with left:
        step = live_picture(run, class_names(run), key=f"picture-{run.id}")
    run = _begun(run)
    with head:
        _head(run, schemas)
    with message:
        show_message()
    with status:
        st.empty()
    with middle:
        view = choose(scalars(run), run.id)
        _pulse(run, view, status)
        how()
    with right:
        st.markdown("**While it trains**" if run.state in ACTIVE else "**Settings**")
        knobs(run, schemas)
    if step is not None:
        fork_dialog(run, int(step))
    look_inside(run, schemas)
    inside(run)
    about(run, schemas)


def _head(run: Run, schemas: dict[str, Any]) -> None:
    st.subheader(run_title(run, schemas), anchor=False, width="content")
    st.markdown(badge(run.state), width="content")
    whose(run)
    st.space("stretch")
    control_bar(run, schemas["models"].get(run.model, {}).get("phases", []), fork_dialog)


def _begun(run: Run) -> Run:
    """The run as it is now; one that has just been started is given a moment to log its first value."""
    if not run.steps and run.state in ("queued", "running"):
        end = time.monotonic() + FIRST_WAIT
        while time.monotonic() < end and not store().scalars(run.id):
            time.sleep(LOOK)
    return store().get(run.id)


def _pulse(run: Run, view: View, status) -> None:
    """Status and curves, redrawn twice a second while the run is active."""
    known, terms = run.state, offered(scalars(run))

    @st.fragment(run_every=TWICE_A_SECOND if known in ACTIVE else None)
    def pulse() -> None:
        now = store().get(run.id)
        # The first validation brings new terms to choose from.
        if now.state != known or offered(scalars(now)) != terms:
            st.rerun()
        with status:
            _status(now)
        commands = store().commands(now.id)
        chart(now, scalars(now), view, commands, live=now.state in ACTIVE)
        change_log(now, commands)

    pulse()


def _status(run: Run) -> None:
    share = min(1.0, run.steps / run.total_steps) if run.total_steps else 0.0
    st.progress(share, text=status_line(run))
    if run.message:
        show = {"failed": st.error, "interrupted": st.warning}.get(run.state, st.info)
        show(run.message)


def status_line(run: Run, short: bool = False) -> str:
    """``step 1,240 of 3,000 · epoch 12 · 41,000 examples/s · 4 s · about 6 s left``.

    ``short`` leaves out epochs and rate, and while it trains says only how long it still takes.
    """
    if run.state == "queued":
        place = jobs().place(run.id)
        return (
            f"Waiting for a free worker: number {place} in the queue."
            if place
            else "About to start."
        )
    of = f" of {run.total_steps:,}" if run.total_steps else ""
    seconds = seconds_left(run) if run.state == "running" else 0.0
    left = f"about {duration(seconds)} left" if seconds else ""
    epoch = run.metrics.get("epoch")
    parts = [
        f"step **{run.steps:,}**{of}",
        f"epoch {math.floor(epoch):,}" if epoch and not short else "",
        f"{run.rate:,.0f} examples/s" if run.rate and not short else "",
        "" if short and left else duration(run.seconds),
        left,
    ]
    return " · ".join(part for part in parts if part)


def seconds_left(run: Run) -> float:
    """How long it has still to train at its pace so far; 0 where that cannot be told."""
    return run.seconds / run.steps * max(run.total_steps - run.steps, 0) if run.steps else 0.0

"""One run in the playground: its picture wide in the middle, what can be changed beside it, its curves below."""

from typing import Any

import streamlit as st

from core.runs import Run
from core.runs.history import stages_told
from pages.explore.playground_cures import back, offer_for, truth_of
from pages.explore.playground_presets import preset_of
from pages.explore.playground_texts import (
    BARS_AND_CURVES,
    SOURCES,
    WHAT_A_DECODER_SHOWS,
    WHAT_IT_SHOWS,
)
from pages.train.fork import fork_dialog
from pages.train.inside import about, inside
from pages.train.live import status_line
from pages.ui.backend import store
from pages.ui.control_bar import control_bar, show_message, told, whose
from pages.ui.knobs import change_log, current, knobs, live_fields
from pages.ui.networks import networks_of
from pages.ui.playground import LAYERS, playground
from pages.ui.visitor import may_command
from pages.ui.words import ACTIVE, badge, run_title

ADDRESS = "playground"
TWICE_A_SECOND = 0.5
SLOW_SECONDS = 0.8  # that each stage stands in slow motion
FIRST_KNOBS = ("learning_rate",)
SIDES = {"D": "discriminator_", "G": "generator_"}  # the live settings of each network begin so


def show(run: Run, schemas: dict[str, Any]) -> None:
    """The page of one run."""
    if not _in_the_plane(run):
        st.info(
            "This run is not one of points in the plane: the playground cannot show it.",
            icon=":material/info:",
        )
        st.page_link("train/train.py", label="**See it on Train**", query_params={"run": run.id})
        return
    _name(run, schemas)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        phases = schemas["models"].get(run.model, {}).get("phases", [])
        control_bar(run, phases, lambda run, step: fork_dialog(run, step, ADDRESS), ADDRESS)
        status = st.container(key="status")
    show_message()
    trouble = st.container()
    truth = truth_of(run)
    values = current(run, store().commands(run.id))
    left, right = st.columns([4, 1], gap="medium")
    with left:
        fork = _picture(run, truth, values)
    with right:
        _slow_motion(run)
        _knobs(run, schemas)
        _by_hand(run)
    _pulse(run, status, trouble, networks_of(run, values), waiting=truth is None)
    if fork is not None:
        fork_dialog(run, int(fork), ADDRESS)
    offer_for(run, schemas)
    st.markdown(WHAT_IT_SHOWS if networks_of(run) else WHAT_A_DECODER_SHOWS)
    st.markdown(BARS_AND_CURVES + SOURCES)
    inside(run)
    about(run, schemas)


def _in_the_plane(run: Run) -> bool:
    shape = (run.environment.get("data_spec") or {}).get("shape")
    return run.dataset == "points" if shape is None else list(shape) == [2]


def _name(run: Run, schemas: dict[str, Any]) -> None:
    """What it is called, how it stands and, of a preset, what to look for: in one line where that is wide enough."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run-head"):
        st.subheader(run_title(run, schemas), anchor=False, width="content")
        st.markdown(badge(run.state), width="content")
        whose(run)
        back()
        if preset := preset_of(run, schemas):
            st.markdown(f":material/visibility: {preset['note']}", width="content")


def _picture(run: Run, truth: dict[str, Any] | None, values: dict[str, Any]) -> int | None:
    """The component; the layers that are switched on stand in the address. Returns a step to fork from."""
    asked = st.query_params.get("layers", "")
    layers = [name for name in LAYERS if name in asked.split(",")] if asked else list(LAYERS)
    key = f"playground-{run.id}"
    shown = playground(run, key=key, layers=layers, truth=truth, values=values)
    if shown.layers is not None and shown.layers != layers:
        wanted = ",".join(shown.layers) or "none"
        if len(shown.layers) == len(LAYERS):
            st.query_params.pop("layers", None)
        elif asked != wanted:
            st.query_params["layers"] = wanted
    return shown.fork


def _slow_motion(run: Run) -> None:
    """The switch that walks through a step stage by stage; it shows what the run was last told, by whomever."""
    key = f"slow-{run.id}"
    told_last = bool(stages_told(store().commands(run.id)).get("on"))
    st.session_state[key] = told_last and run.state not in ("done", "failed")
    st.toggle(
        "Slow motion",
        key=key,
        help="Name every stage of a step as it happens: noise, generate, judge, update. No number changes by it.",
        disabled=not (may_command(run) and run.state in ("running", "paused")),
        on_change=lambda: told(run, "stages", on=st.session_state[key], seconds=SLOW_SECONDS),
    )


def _knobs(run: Run, schemas: dict[str, Any]) -> None:
    """Learning rates, losses and update counts first, D's and G's apart; what else is live behind a fold."""
    names = [field.name for field in live_fields(run, schemas)]
    sides = {
        side: [name for name in names if name.startswith(prefix)] for side, prefix in SIDES.items()
    }
    knobs(run, schemas, [name for name in FIRST_KNOBS if name in names])
    for side, own in sides.items():
        if own:
            with st.expander(
                f"**{side}**: rate, loss, updates", expanded=True, key=f"knobs-{side}"
            ):
                knobs(run, schemas, own)
    shown = {*FIRST_KNOBS, *(name for own in sides.values() for name in own)}
    if rest := [name for name in names if name not in shown]:
        with st.expander("More settings", key="knobs-more"):
            knobs(run, schemas, rest)


def _by_hand(run: Run) -> None:
    """What was changed by hand, as it takes effect."""

    @st.fragment(run_every=1.0 if run.state in ACTIVE else None)
    def changed() -> None:
        change_log(run, store().commands(run.id))

    changed()


def _pulse(run: Run, status, trouble, networks: dict[str, Any] | None, *, waiting: bool) -> None:
    """Progress twice a second; the page anew where its state or its networks' settings have changed."""

    @st.fragment(run_every=TWICE_A_SECOND if run.state in ACTIVE or waiting else None)
    def pulse() -> None:
        now = store().get(run.id)
        found = waiting and truth_of(run) is not None
        values = current(now, store().commands(run.id))
        if now.state != run.state or found or networks_of(now, values) != networks:
            st.rerun()
        share = min(1.0, now.steps / now.total_steps) if now.total_steps else 0.0
        status.progress(share, text=status_line(now, short=True))
        if now.message:
            kind = {"failed": st.error, "interrupted": st.warning}.get(now.state, st.info)
            with trouble:
                kind(now.message)

    pulse()

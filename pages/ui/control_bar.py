"""The control bar, the same everywhere: play · pause · step · stop · restart · fork · share."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.errors import ExplorerError
from core.runs import RESUMABLE, Run
from pages.ui.address import link
from pages.ui.backend import jobs, store
from pages.ui.saving import save_curves
from pages.ui.visitor import may_command, owner
from pages.ui.words import ACTIVE, run_title

# A command acts within a few hundredths of a second: so long the page waits to show the new state at once.
PATIENCE, LOOK = 0.4, 0.01


def acting_owner(run: Run) -> str:
    """In whose name the visitor commands this run: as its owner where they may, else as themselves."""
    return run.owner if may_command(run) else owner()


def told(run: Run, command: str, **payload: Any) -> None:
    """Give a command and wait until it shows, briefly; a refusal becomes the page's message."""

    def give() -> None:
        jobs().command(run.id, command, acting_owner(run), **payload)
        _until_changed([run])

    attempt(give)


def _until_changed(runs: list[Run]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not all(map(_has_changed, runs)):
        time.sleep(LOOK)


def _has_changed(run: Run) -> bool:
    now = store().get(run.id)
    return (now.state, now.steps) != (run.state, run.steps) and now.state != "queued"


def attempt(action: Callable[[], Any]) -> Any:
    """Do it; an error meant for a person is kept for the top of the page. Returns what the action does."""
    try:
        return action()
    except ExplorerError as error:
        st.session_state["_message"] = str(error)
        return None


def show_message() -> None:
    """The sentence that the last click left, once."""
    if message := st.session_state.pop("_message", None):
        st.error(message, icon=":material/error:")


def whose(run: Run) -> None:
    """Why the bar is greyed, where the run is not the visitor's own."""
    if not may_command(run):
        of = "A trained example" if run.shipped else "Somebody else's run"
        st.caption(f"{of}: fork it to go on.", width="content")


def control_bar(
    run: Run, phases: list[str], fork: Callable[[Run, int | None], None], page: str = "train"
) -> None:
    """The buttons that make sense in the run's state; the others stay in place, greyed.

    ``page`` is the address of the page that a shared link leads to: the one on which the bar stands.
    """
    mine = may_command(run)
    with st.container(horizontal=True, key="control-bar", gap="xsmall", width="content"):
        _play_or_pause(run, mine)
        _single_steps(run, phases, mine and run.state == "paused")
        st.button(
            "Stop",
            icon=":material/stop:",
            key="control-stop",
            shortcut="X",
            help="End it; it can be resumed",
            disabled=not (mine and run.state in ("queued", "running", "paused")),
            on_click=told,
            args=(run, "stop"),
        )
        _new_runs(run, fork, page)


def _single_steps(run: Run, phases: list[str], able: bool) -> None:
    st.button(
        "Step",
        icon=":material/skip_next:",
        key="control-step",
        shortcut="S",
        help="One training step, then pause",
        disabled=not able,
        on_click=told,
        args=(run, "step"),
    )
    for phase in phases if len(phases) > 1 else []:
        st.button(
            f"Train {phase} once",
            key=f"control-phase-{phase}",
            help=f"One update of {phase} alone",
            disabled=not able,
            on_click=told,
            args=(run, "phase"),
            kwargs={"name": phase},
        )


def _new_runs(run: Run, fork: Callable[[Run, int | None], None], page: str) -> None:
    st.button(
        "Restart",
        icon=":material/replay:",
        key="control-restart",
        shortcut="A",
        help="The same from the beginning, with the same seed",
        on_click=_restart,
        args=(run,),
    )
    if st.button(
        "Fork",
        icon=":material/fork_right:",
        key="control-fork",
        shortcut="F",
        help="A new run that goes on from here, with other settings",
    ):
        fork(run, None)
    share([run], [run_title(run)], link(page, run=run.id), key="control-share")


def share(runs: Sequence[Run], names: Sequence[str], address: str, *, key: str) -> None:
    """A link to runs, and what they have logged as a file."""
    what = "the run, live, and can fork it" if len(runs) == 1 else "these runs, live"
    with st.popover("Share", icon=":material/link:", key=key):
        st.markdown(f"Whoever has this link sees {what}.")
        st.code(address, language=None)
        st.markdown("All that was logged, step by step:")
        save_curves(runs, names, key=f"{key}-curves")


def _play_or_pause(run: Run, mine: bool) -> None:
    if run.state in ("running", "queued"):
        st.button(
            "Pause",
            icon=":material/pause:",
            key="control-pause",
            shortcut="P",
            type="primary",
            disabled=not mine,
            on_click=told,
            args=(run, "pause"),
        )
    else:
        label = "Play" if run.state == "paused" else "Resume"
        st.button(
            label,
            icon=":material/play_arrow:",
            key="control-play",
            shortcut="P",
            type="primary",
            disabled=not (mine and run.state in RESUMABLE),
            on_click=told,
            args=(run, "resume"),
        )


def _restart(run: Run) -> None:
    fresh = attempt(lambda: jobs().restart(run.id, acting_owner(run)))
    if fresh:
        st.query_params.from_dict({"run": fresh})


def all_of_them(runs: list[Run], names: Sequence[str], page: str) -> None:
    """Pause, play and stop for all of one's own runs at once; a link to all of them on ``page``, their curves."""
    mine = [run for run in runs if may_command(run)]
    running = [run for run in mine if run.state == "running"]
    paused = [run for run in mine if run.state in ("paused", "stopped", "interrupted")]
    alive = [run for run in mine if run.state in ACTIVE]
    with st.container(horizontal=True, gap="small", key="compare-bar", width="content"):
        if running or not paused:
            st.button(
                "Pause all",
                icon=":material/pause:",
                key="compare-pause",
                shortcut="P",
                disabled=not running,
                on_click=_all,
                args=(running, "pause"),
            )
        else:
            st.button(
                "Play all",
                icon=":material/play_arrow:",
                key="compare-play",
                shortcut="P",
                type="primary",
                on_click=_all,
                args=(paused, "resume"),
            )
        st.button(
            "Stop all",
            icon=":material/stop:",
            key="compare-stop",
            shortcut="X",
            disabled=not alive,
            on_click=_all,
            args=(alive, "stop"),
        )
        address = link(page, runs=",".join(run.id for run in runs))
        share(runs, names, address, key="compare-share")


def _all(runs: list[Run], command: str) -> None:
    """Give all of them a command at one moment, and wait briefly until it shows."""
    owners = {run.id: acting_owner(run) for run in runs}
    refused = attempt(lambda: jobs().command_all(owners, command))
    if refused:
        st.session_state["_message"] = str(refused[-1])
    _until_changed(runs)

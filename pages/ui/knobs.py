"""What may be changed while a run trains: every setting that its schemas mark as live."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.errors import ExplorerError
from core.runs import Run
from core.runs.history import Command
from pages.ui.backend import jobs, store
from pages.ui.curves import MEASURES, changes, in_words_of
from pages.ui.fields import Field, draw, fields_of, setting_of, widget_value
from pages.ui.visitor import may_command
from pages.ui.words import ACTIVE

STALE = object()  # what a knob is known to hold once it was changed elsewhere


def live_fields(run: Run, schemas: dict[str, Any]) -> list[Field]:
    """The live settings of a run, the model's own first."""
    family = schemas["models"].get(run.model)
    parts = [*([fields_of(family["schema"])] if family else []), fields_of(schemas["training"])]
    return [
        field
        for part in parts
        for field in part.values()
        if field.live and field.name not in MEASURES
    ]


def current(run: Run, commands: list[Command]) -> dict[str, Any]:
    """Every setting of a run as it stands now: its spec, then what was changed live (the waiting ones too)."""
    values = {**run.spec.config, **run.spec.training.model_dump(mode="json")}
    for command in commands:
        if command.name == "set" and "error" not in command.payload:
            values[command.payload["name"]] = command.payload["value"]
    return values


def change(run: Run, name: str, value: Any) -> None:
    """Tell the run; a refusal is shown at its field."""
    problems = st.session_state.setdefault("_knob_problems", {})
    problems.pop((run.id, name), None)
    try:
        jobs().command(run.id, "set", run.owner, name=name, value=value)
    except ExplorerError as error:
        problems[run.id, name] = str(error)


def knobs(run: Run, schemas: dict[str, Any], names: Sequence[str] | None = None) -> None:
    """The live settings as widgets, or those of these ``names``; each change is logged at the step at which it acts."""
    fields = [f for f in live_fields(run, schemas) if names is None or f.name in names]
    if not fields:
        st.caption("Nothing can be changed while this model trains.")
        return
    for field in fields:
        # A page that began anew before the browser had heard of the last one sends no value again by itself: the
        # knob would stay empty.
        if (key := _key(run, field.name)) in st.session_state:
            st.session_state[key] = st.session_state[key]
    _drawn(run, fields)


def _key(run: Run, name: str) -> str:
    """The widget of a setting: another one each time that it was changed elsewhere.

    Given a new value, the same widget might answer with its old one before the browser has heard of it, and so take
    the change back.
    """
    turn = st.session_state.setdefault("_knob_turns", {}).get((run.id, name), 0)
    return f"live-{name}-{turn}" if turn else f"live-{name}"


def _turned_elsewhere(run: Run, name: str, held: Any) -> bool:
    """Whether the widget that the visitor sees holds something else: an undo or another tab changed the setting."""
    seen = st.session_state["_knob_values"].get(name, (None, None))[0] == run.id
    return seen and st.session_state.get(_key(run, name), held) != held


@st.fragment
def _drawn(run: Run, fields: list[Field]) -> None:
    values = current(run, store().commands(run.id))
    known = st.session_state.setdefault("_knob_values", {})
    for field in fields:
        value = values.get(field.name, field.default)
        if known.get(field.name) != (run.id, value):
            held = widget_value(field, value)
            if _turned_elsewhere(run, field.name, held):
                turns = st.session_state["_knob_turns"]
                turns[run.id, field.name] = turns.get((run.id, field.name), 0) + 1
            known[field.name] = (run.id, value)
            st.session_state[_key(run, field.name)] = held
        key = _key(run, field.name)
        problem = st.session_state.get("_knob_problems", {}).get((run.id, field.name))
        draw(
            field,
            key,
            value,
            problem,
            on_change=_turned,
            args=(run, field, key),
            disabled=not may_command(run) or run.state not in ACTIVE,
        )


def _turned(run: Run, field: Field, key: str) -> None:
    value = setting_of(field, st.session_state[key])
    problem = field.wrong(value)
    if problem is None:
        change(run, field.name, value)
    else:
        st.session_state.setdefault("_knob_problems", {})[run.id, field.name] = problem


def _differ(run: Run, commands: list[Command]) -> bool:
    """Whether a widget shows another value than the run has: an undo or another tab changed it. It is read anew."""
    known, values = st.session_state.get("_knob_values", {}), current(run, commands)
    differing = [
        name
        for name, (id, value) in known.items()
        if id == run.id and value is not STALE and values.get(name, value) != value
    ]
    for name in differing:
        known[name] = (run.id, STALE)
    return bool(differing)


def change_log(run: Run, commands: list[Command]) -> None:
    """What was changed by hand, the latest first, each with its undo; in a fragment, so that the knobs follow it."""
    if _differ(run, commands):
        st.rerun()
    done = changes(commands)
    if not done:
        return
    with st.expander(f"Changed by hand ({len(done)})", expanded=True, key="changes"):
        for command in reversed(done[-6:]):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"step {command.step:,}: {in_words_of(command)}", width="stretch")
                if "old" in command.payload and may_command(run):
                    st.button(
                        "Undo",
                        key=f"undo-{command.id}",
                        on_click=change,
                        args=(run, command.payload["name"], command.payload["old"]),
                        disabled=run.state not in ("running", "paused"),
                    )

"""Go on from a run, at any of its snapshots, with other settings."""

from typing import Any

import streamlit as st

from core.errors import BadInput, ExplorerError
from core.runs import Run
from pages.ui.backend import Pending, jobs, schemas, store
from pages.ui.curves import MEASURES
from pages.ui.forms import Form, forget
from pages.ui.knobs import current
from pages.ui.visitor import owner

PREFIX = "fork"


@st.dialog("Fork: go on from here", width="large")
def fork_dialog(run: Run, step: int | None, page: str = "train") -> None:
    """What the new run shall change; ``step`` is where it begins (None: where the run is now).

    The new run is shown on the page whose address is ``page``.
    """
    try:
        document = schemas()
    except Pending:
        st.info("The settings are being read; open this again in a moment.")
        return
    steps = store().snapshots(run.id) or [0]
    if st.session_state.get("_fork_of") != (run.id, step):
        forget(PREFIX)
        st.session_state["_fork_of"] = (run.id, step)
    st.markdown(
        "A new run with the weights of this step. Its data and the shapes of its layers stay; "
        "unchanged, it ends with exactly the same numbers."
    )
    at = st.select_slider(
        "Begin at step",
        steps,
        value=min(steps, key=lambda s: abs(s - (steps[-1] if step is None else step))),
        key=f"{PREFIX}-begin-{run.id}-{step}",
    )
    form, start = _form(run, document, at)
    changes = _changes(form, start)
    form.problems |= st.session_state.pop("_fork_problems", {})
    # What one changes in a fork: what may change live, and how long it goes on.
    first = [n for n, field in form.fields.items() if field.live and n not in MEASURES]
    first = [*first, *(n for n in ("steps", "batch_size", "seed") if n not in first)]
    form.draw_pairs(first)
    form.draw_groups(first)
    _finish(run, at, changes, bool(form.problems), page)


def _form(run: Run, document: dict[str, Any], at: int) -> tuple[Form, dict[str, Any]]:
    """The form with the settings as they stood at that step for its defaults."""
    form = Form(document, run.model, run.dataset, prefix=PREFIX)
    commands = [c for c in store().commands(run.id) if c.step is not None and c.step < at]
    start = {**current(run, commands), "seed": run.spec.seed}
    form.defaults |= {name: value for name, value in start.items() if name in form.defaults}
    if at >= run.total_steps > 0:
        # From the end there is nowhere to go without more steps.
        st.session_state.setdefault(form.key("steps"), at + run.total_steps)
    return form, start


def _changes(form: Form, start: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in form.changed().items() if name in start}


def _finish(run: Run, at: int, changes: dict[str, Any], wrong: bool, page: str) -> None:
    if changes:
        st.markdown(
            "Changed: " + ", ".join(f"`{name}` = {value}" for name, value in changes.items())
        )
    if not st.button("Start the fork", type="primary", key="fork-start", disabled=wrong):
        return
    try:
        fresh = jobs().fork(run.id, owner(), step=at, changes=changes)
    except BadInput as error:
        if not error.fields:
            st.error(str(error))
            return
        st.session_state["_fork_problems"] = error.fields
        st.rerun(scope="fragment")
    except ExplorerError as error:
        st.error(str(error))
        return
    forget(PREFIX)
    st.session_state["_go"] = (page, {"run": fresh})
    st.rerun()

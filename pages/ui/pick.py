"""Which run an exploring page looks at, and after which step: both stand in the address."""

from typing import Any, NamedTuple

import streamlit as st

from core.runs import Run
from pages.ui.address import run_of_address
from pages.ui.backend import store, visible_runs
from pages.ui.words import run_title

RUN, STEP = "explore-run", "explore-step"


class Chosen(NamedTuple):
    """A run and the training step whose weights are looked at; None is the last that was kept."""

    run: Run
    step: int | None


def suitable(
    schemas: dict[str, Any], able: set[str], kinds: tuple[str, ...] = ("images", "points")
) -> list[Run]:
    """The visible runs that have weights, whose model can do all of ``able``, on data of one of ``kinds``."""
    found = []
    for run in visible_runs():
        model = schemas["models"].get(run.model, {})
        kind = schemas["datasets"].get(run.dataset, {}).get("kind")
        kind = (run.environment.get("data_spec") or {}).get("kind", kind)
        if able <= set(model.get("abilities", ())) and kind in kinds and store().states(run.id):
            found.append(run)
    return found


def choose_run(
    schemas: dict[str, Any],
    able: set[str],
    kinds: tuple[str, ...] = ("images", "points"),
    *,
    steps: bool = True,
) -> Chosen | None:
    """A selectbox over the suitable runs and, with ``steps``, a slider over the steps whose weights were kept.

    None, with an invitation to train one, where there is no run that this page can show.
    """
    runs = {run.id: run for run in suitable(schemas, able, kinds)}
    asked = run_of_address()
    if asked is not None and asked.id not in runs:
        st.info(
            "The run of this address has nothing that this page shows: choose another one here.",
            icon=":material/info:",
        )
    if not runs:
        st.info("No such run yet: train one in ten seconds.", icon=":material/play_circle:")
        st.page_link("train/train.py", label="**Train**", icon=":material/arrow_forward:")
        return None
    wanted = asked.id if asked is not None and asked.id in runs else None
    if st.session_state.get(RUN) not in runs or (
        wanted and st.session_state.get("_explored") != st.query_params.get("run")
    ):
        st.session_state[RUN] = wanted or next(iter(runs))
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    with left:
        picked = st.selectbox(
            "Run",
            list(runs),
            key=RUN,
            format_func=lambda one: (
                f"{run_title(runs[one], schemas)} · seed {runs[one].spec.seed} · {one[:6]}"
            ),
        )
    kept = store().states(picked)
    with right:
        step = _step(kept) if steps and len(kept) > 1 else None
    st.query_params["run"] = picked
    st.session_state["_explored"] = picked
    return Chosen(runs[picked], step)


def _step(kept: list[int]) -> int:
    asked = st.query_params.get("step", "")
    if st.session_state.get(STEP) not in kept:
        given = int(asked) if asked.isdecimal() and len(asked) < 12 else kept[-1]
        st.session_state[STEP] = min(kept, key=lambda one: abs(one - given))
    step = st.select_slider(
        "After step",
        kept,
        key=STEP,
        format_func=lambda one: f"{one:,}",
        help="The steps whose weights were kept. The last one is what the run has learnt in the end.",
    )
    if step == kept[-1]:
        st.query_params.pop("step", None)
    else:
        st.query_params["step"] = str(step)
    return step

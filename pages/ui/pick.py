"""Which run an exploring page looks at, and after which step: both stand in the address."""

import time
from typing import Any, NamedTuple

import streamlit as st

from core.runs import Run
from pages.ui.address import BROWSER_LAG, run_of_address
from pages.ui.backend import store, visible_runs
from pages.ui.words import run_name

RUN, STEP, LAST = "explore-run", "explore-step", "_explored"
KINDS = ("images", "points")


class Chosen(NamedTuple):
    """A run and the training step whose weights are looked at; None is the last that was kept."""

    run: Run
    step: int | None


def fits(run: Run, schemas: dict[str, Any], able: set[str], kinds: tuple[str, ...] = KINDS) -> bool:
    """Whether the run's model can do all of ``able``, on data of one of ``kinds``."""
    model = schemas["models"].get(run.model, {})
    kind = schemas["datasets"].get(run.dataset, {}).get("kind")
    kind = (run.environment.get("data_spec") or {}).get("kind", kind)
    return able <= set(model.get("abilities", ())) and kind in kinds


def suitable(schemas: dict[str, Any], able: set[str], kinds: tuple[str, ...] = KINDS) -> list[Run]:
    """The visible runs that fit and have weights to look at."""
    return [
        run for run in visible_runs() if fits(run, schemas, able, kinds) and store().states(run.id)
    ]


def choose_run(
    schemas: dict[str, Any],
    able: set[str],
    kinds: tuple[str, ...] = KINDS,
    *,
    steps: bool = True,
) -> Chosen | None:
    """A selectbox over the suitable runs and, with ``steps``, a slider over the steps whose weights were kept.

    None, with an invitation to train one, where there is no run that this page can show; None, with a sentence,
    while the address names a run that it cannot show and no other one is chosen.
    """
    # First of all: a link that is opened makes its run a visible one.
    asked = run_of_address()
    runs = {run.id: run for run in suitable(schemas, able, kinds)}
    if asked is not None and asked.id not in runs:
        st.info(_why_not(asked, schemas, able, kinds), icon=":material/info:")
    if not runs:
        st.info("No such run yet: train one in ten seconds.", icon=":material/play_circle:")
        st.page_link("train/train.py", label="**Train**", icon=":material/arrow_forward:")
        return None
    _follow("run", RUN, list(runs), _default(runs))
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    with left:
        picked = _run(runs, schemas)
    if picked is None:
        return None
    kept = store().states(picked)
    with right:
        step = _step(picked, kept) if steps and len(kept) > 1 else None
    st.session_state[LAST] = picked
    _write(picked, step, kept[-1])
    return Chosen(runs[picked], step)


def _why_not(run: Run, schemas: dict[str, Any], able: set[str], kinds: tuple[str, ...]) -> str:
    if fits(run, schemas, able, kinds):
        return "The run of this address has no weights yet: they follow as it trains."
    return "The run of this address has nothing that this page shows: choose another one here."


def _default(runs: dict[str, Run]) -> str | None:
    """The run of the page before, else the newest; none where the address means another one."""
    if st.query_params.get("run"):
        return None
    last = st.session_state.get(LAST)
    return last if last in runs else next(iter(runs))


def _run(runs: dict[str, Run], schemas: dict[str, Any]) -> str | None:
    return st.selectbox(
        "Run",
        list(runs),
        index=None if st.session_state[RUN] is None else 0,
        key=RUN,
        format_func=lambda one: run_name(runs[one], schemas),
        placeholder="Choose a run",
        on_change=_new_run,
    )


def _new_run() -> None:
    """Another run begins at its last step, whatever step of the old one was looked at."""
    _leave("run")
    _leave("step")
    picked = st.session_state[RUN]
    if picked and (kept := store().states(picked)):
        st.session_state[f"{STEP}-{picked}"] = kept[-1]


def _step(run_id: str, kept: list[int]) -> int:
    asked = st.query_params.get("step", "")
    given = int(asked) if asked.isdecimal() and len(asked) < 12 else kept[-1]
    key = f"{STEP}-{run_id}"
    _follow("step", key, kept, min(kept, key=lambda one: abs(one - given)))
    return st.select_slider(
        "After step",
        kept,
        key=key,
        on_change=lambda: _leave("step"),
        format_func=lambda one: f"{one:,}",
        help="The steps whose weights were kept. The last one is what the run has learnt in the end.",
    )


def _leave(name: str) -> None:
    """Note what the address still says of something that was just changed on the page."""
    st.session_state[f"_left-{name}"] = (
        st.query_params.get(name),
        time.monotonic() + BROWSER_LAG,
    )


def _follow(name: str, key: str, options: list[Any], default: Any) -> None:
    """Make a widget show what the address says of ``name``, else ``default``.

    Whoever has just chosen something here is not taken back to what the browser shows for a moment longer.
    """
    here = st.query_params.get(name)
    left, until = st.session_state.get(f"_left-{name}", (None, 0.0))
    if st.session_state.get(key) in options and here == left and time.monotonic() < until:
        return
    st.session_state[key] = here if here in options else default


def _write(run_id: str, step: int | None, last: int) -> None:
    """One change of the address, and only where it says something else: each is an entry of the browser's history."""
    wanted = {"run": run_id}
    if step is not None and (step != last or "step" in st.query_params):
        wanted["step"] = str(step)
    if any(st.query_params.get(name) != value for name, value in wanted.items()):
        st.query_params.update(wanted)

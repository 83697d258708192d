"""Cures side by side: the same data, seed and networks, uncured and with up to four cures, in step."""

from typing import Any

import streamlit as st

from core.figures import palette
from core.runs import Run
from core.training.config import RunSpec
from pages.explore.playground_presets import (
    DATASET,
    MODEL,
    OTHERS,
    SICK,
    beside_of,
    changed_by,
    cures_of,
    presets_of,
    settings_of_rival,
    short_title,
)
from pages.explore.playground_texts import CURES_TEXT
from pages.train.differences import flat
from pages.train.live import seconds_left
from pages.ui.backend import Pending, ask, jobs
from pages.ui.control_bar import all_of_them, attempt, show_message
from pages.ui.following import LOOK, watched
from pages.ui.picture import Track, run_heading
from pages.ui.playground import playground, playground_table
from pages.ui.starting import described
from pages.ui.visitor import may_command, owner
from pages.ui.words import ACTIVE, badge, duration, run_title

CURES = 4
MOST = CURES + 1  # and the uncured one beside them
TOGETHER = "cures"
FIRST = ("cure: R1 and R2", "cure: packing", "cure: minibatch deviation")
UNCURED = "Uncured"
BEHIND = 200  # steps; those that go in step report at moments of their own, and seem a few apart
COLOURS = (palette.GENERATED, *(c for c in palette.LINES if c != palette.GENERATED))


def back() -> None:
    """The way to the beginning, where every preset stands."""
    st.button(
        "Presets",
        icon=":material/apps:",
        key="all-presets",
        type="tertiary",
        on_click=st.query_params.clear,
    )


def choose(presets: dict[str, Any], key: str) -> list[str]:
    """Up to four cures by name, or others to compare; what each of them does stands under the choice."""
    cures = beside_of(presets)
    first = [name for name in FIRST if name in cures]
    chosen = st.multiselect(
        "Cures",
        list(cures),
        default=first,
        key=key,
        max_selections=CURES,
        format_func=lambda name: short_title(cures[name]),
        label_visibility="collapsed",
        placeholder="Choose up to four cures",
    )
    st.markdown("\n".join(f"- **{short_title(cures[n])}**: {cures[n]['note']}" for n in chosen))
    return chosen


def start(base: dict[str, Any], seed: int, schemas: dict[str, Any], chosen: list[str]) -> None:
    """Queue the uncured run of the flat settings ``base`` and one for each chosen, as one group, and show them."""
    presets = presets_of(schemas)
    beside = beside_of(presets)

    def spec(model: str, settings: dict[str, Any]) -> RunSpec:
        return described({"model": model, "dataset": DATASET, "settings": settings, "seed": seed})

    def submit() -> list[str]:
        specs = [spec(MODEL, base)]
        for name in chosen:
            if name in OTHERS:
                specs.append(spec(name, settings_of_rival(base, schemas)))
            else:
                specs.append(spec(MODEL, {**base, **changed_by(presets, name)}))
        ids = jobs().submit(specs, owner(), group=True)
        titles = [UNCURED, *(short_title(beside[name]) for name in chosen)]
        for run_id, title in zip(ids, titles, strict=True):
            jobs().rename(run_id, owner(), title)
        return ids

    if found := attempt(submit):
        st.query_params.from_dict({"runs": ",".join(found)})


def offer(schemas: dict[str, Any], base: dict[str, Any], seed: int) -> None:
    """The choice among cures for the collapsing preset, on the data that were chosen."""
    presets = presets_of(schemas)
    if SICK not in presets:
        return
    st.markdown("**Cures side by side**")
    st.caption(
        "The collapsing GAN and up to four cures of it (or a VAE), on the same points, seed and networks."
    )
    chosen = choose(presets, "cures-chosen")
    settings = {**presets[SICK]["data"], **presets[SICK]["config"], **presets[SICK]["training"]}
    st.button(
        "Train side by side",
        icon=":material/view_column:",
        key="cures-start",
        disabled=not chosen,
        on_click=start,
        args=({**settings, **base}, seed, schemas, chosen),
    )


def offer_for(run: Run, schemas: dict[str, Any]) -> None:
    """The same for a run that is looked at: its own settings, and each cure added to them."""
    presets = presets_of(schemas)
    if run.model != MODEL or run.dataset != DATASET or not cures_of(presets):
        return
    with st.expander("Cures for it, side by side", icon=":material/healing:", key="cures-for-it"):
        chosen = choose(presets, "cures-for-chosen")
        known = flat(run.spec)
        seed = known.pop("seed")
        base = {name: value for name, value in known.items() if name not in ("model", "dataset")}
        st.button(
            "Train side by side",
            icon=":material/view_column:",
            key="cures-for-start",
            disabled=not chosen,
            on_click=start,
            args=(base, seed, schemas, chosen),
        )


def show(runs: list[Run], schemas: dict[str, Any]) -> None:
    """The group in small multiples under one slider and one table."""
    titles = [run_title(run, schemas) for run in runs]
    alike = len({run.state for run in runs}) == 1  # then it is said once
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("Cures side by side", anchor=False, width="content")
        if alike:
            st.markdown(badge(runs[0].state), width="content")
        if not any(may_command(run) for run in runs):
            st.caption("Somebody else's runs: open one to fork it.", width="content")
        back()
        st.space("stretch")
        all_of_them(runs, titles, "playground")
    show_message()
    if any(run.state in ACTIVE for run in runs):
        watched(runs, _progress)
    tracks = [
        Track(run.id, title, colour)
        for run, title, colour in zip(runs, titles, COLOURS, strict=False)
    ]
    truth = truth_of(runs[0])
    if truth is None:
        _awaited(runs[0])
    columns = st.columns(max(2, len(runs)), gap="medium" if len(runs) < MOST else "small")
    for column, run, track in zip(columns, runs, tracks, strict=False):
        with column:
            run_heading(run, track.name, track.colour, "explore/playground.py", state=False)
            if not alike:
                st.markdown(badge(run.state))
            playground(
                run,
                key=f"cures-picture-{run.id}",
                size="small",
                layers=("real", "generated", "surface"),
                together=TOGETHER,
                truth=truth,
            )
    playground_table(TOGETHER, tracks, key="cures-table", truth=truth)
    st.markdown(CURES_TEXT)


def truth_of(run: Run) -> dict[str, Any] | None:
    """What true data of the run's distribution reach; None while that is worked out, nothing for uploaded points."""
    if run.dataset != DATASET:
        return {}
    try:
        return ask("true_points", options=run.spec.data)
    except Pending:
        return None


@st.fragment(run_every=LOOK)
def _awaited(run: Run) -> None:
    """The page anew as soon as it is known what true data reach, whether or not anything trains."""
    if truth_of(run) is not None:
        st.rerun()


def _progress(now: list[Run]) -> None:
    total = sum(run.total_steps or run.spec.training.steps for run in now)
    done = sum(run.steps for run in now)
    most = max(run.steps for run in now)
    late = [
        f"{run_title(run)} is {most - run.steps:,} behind"
        for run in now
        if most - run.steps > BEHIND
    ]
    waiting = all(run.state == "queued" for run in now)
    each = f"**{done // len(now):,} of {total // len(now):,} steps**"
    alike = len({run.state for run in now}) == 1
    how = "each" if alike and not late else " · ".join(["on average", *late])
    # One worker trains them by turns; by the clock (``time_left``) a group that was paused would seem slow.
    left = sum(seconds_left(run) for run in now if run.state == "running")
    rest = f" · about {duration(left)} left" if left else ""
    st.progress(
        min(1.0, done / max(total, 1)),
        text="Waiting for a free worker" if waiting else f"{each} {how}{rest}",
    )

"""The table of runs and its filters."""

import streamlit as st

from core import schemas as kept
from core.runs import STATES as ALL_STATES
from core.runs import Run
from pages.ui.backend import store
from pages.ui.visitor import may_command
from pages.ui.words import STATES, dataset_title, model_title, run_title

MINE, OPENED, SHIPPED = "Mine", "Opened by link", "Examples"
# A longer table scrolls in itself.
MANY, TALL = 10, 460
LOSSES = ("validation/loss", "train/loss")


def whose(run: Run) -> str:
    """Which of the three lists a run belongs to."""
    if run.shipped:
        return SHIPPED
    return MINE if may_command(run) else OPENED


def filtered(runs: list[Run]) -> list[Run]:
    """The runs that the filters let through."""
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="medium", key="runs-filters"
    ):
        text = st.text_input(
            "Find",
            key="runs-find",
            placeholder="title, model, data, tag, setting…",
            icon=":material/search:",
        )
        states = st.multiselect(
            "State", ALL_STATES, key="runs-states", format_func=lambda s: STATES[s][1]
        )
        lists = st.pills("Whose", [MINE, OPENED, SHIPPED], selection_mode="multi", key="runs-whose")
    words = text.lower().split()
    return [
        run
        for run in runs
        if (not states or run.state in states)
        and (not lists or whose(run) in lists)
        and all(word in _searched(run) for word in words)
    ]


def _searched(run: Run) -> str:
    return f"{run.id} {run_title(run)} {run.model} {run.dataset} {' '.join(run.tags)} {run.spec_json}".lower()


def _rows(runs: list[Run]) -> list[dict]:
    """What the table shows of each run."""
    document = kept.read()
    return [
        {
            "State": STATES[run.state][1],
            "Title": run_title(run, document),
            "Model": model_title(document, run.model),
            "Data": dataset_title(document, run.dataset),
            "Loss": next((run.metrics[n] for n in LOSSES if n in run.metrics), None),
            "Unit": kept.units(document, run.model, run.spec.config).get("loss", ""),
            "Steps": run.steps,
            "Seconds": round(run.seconds, 1),
            "Seed": run.spec.seed,
            "Tags": run.tags,
            "Begun": int(run.created * 1000),
            "Disk": round(store().disk_use(run.id) / 1e6, 1),
            "Whose": whose(run),
        }
        for run in runs
    ]


def table(runs: list[Run]) -> list[Run]:
    """The table; a click on a column sorts it. Returns the runs that are ticked."""
    rows, number = _rows(runs), st.column_config.NumberColumn
    # A tick is known by its row alone: other runs get a table of their own, or it would be one of theirs.
    event = st.container(key="runs-table").dataframe(
        rows,
        key=f"runs-table-{hash(tuple(run.id for run in runs))}",
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        height=TALL if len(rows) > MANY else "auto",
        column_config={
            "Loss": number(format="%.4g", help="On the validation part where there is one."),
            "Unit": st.column_config.TextColumn(help="In what the loss is counted."),
            "Steps": number(format="localized"),
            "Tags": st.column_config.ListColumn(),
            "Begun": st.column_config.DatetimeColumn(format="distance"),
            "Disk": number("Disk (MB)", format="%.1f"),
            "Seconds": number(
                "Seconds", format="%.1f", help="Time spent training, pauses left out."
            ),
        },
        alt="Table of runs with state, title, model, data, loss and its unit, steps, time, seed, tags, date and size.",
    )
    return [runs[i] for i in event.selection.rows if i < len(runs)]

"""Compare: several runs, their curves on one axis, their pictures side by side, what differs in their settings."""

from collections import Counter
from typing import Any, NamedTuple

import streamlit as st

from core import schemas as kept
from core.figures import palette
from core.figures.curves import Line, curves, in_words, mean_band
from core.runs import Run
from pages.train.differences import differences, flat, read, repeats, short_names
from pages.ui.address import MOST_RUNS, run_ids, runs_of_address
from pages.ui.backend import store, visible_runs
from pages.ui.control_bar import all_of_them, show_message
from pages.ui.curves import LIVE_POINTS, POINTS
from pages.ui.figure import figure
from pages.ui.history import MEASURED, Scalars, scalars, series, terms, units_of, words
from pages.ui.picture import Track, live_picture, run_heading, shared_time
from pages.ui.words import ACTIVE, class_names, run_name, run_title

WIDEST = 4
PARTS = ("validation", "train")


def choose(runs: list[Run]) -> None:
    """Which runs; the choice is written into the address."""
    known = {run.id: run for run in [*visible_runs(), *runs]}
    document = kept.read()
    key = "compare-runs"
    ids = [run.id for run in runs]
    if st.session_state.get("_compared") != ids:
        st.session_state["_compared"] = ids
        st.session_state[key] = ids
    st.multiselect(
        "Runs",
        list(known),
        key=key,
        max_selections=MOST_RUNS,
        on_change=_write,
        format_func=lambda one: run_name(known[one], document),
        placeholder="Choose two or more",
        label_visibility="collapsed",
    )


def _write() -> None:
    ids = st.session_state["compare-runs"]
    st.session_state["_compared"] = ids
    st.query_params.from_dict({"runs": ",".join(ids)} if ids else {})


def lines_of(
    runs: list[Run], names: list[str], found: list[Scalars], term: str, part: str, mean: bool
) -> list[Line]:
    """A line a run, or with ``mean`` one for each set of repeated seeds with its band."""
    logged = series(term, part)
    place = {run.id: k for k, run in enumerate(runs)}
    drawn = []
    for k, group in enumerate(repeats(runs) if mean else [[run] for run in runs]):
        have = [found[place[run.id]][logged] for run in group if logged in found[place[run.id]]]
        colour = palette.LINES[k % len(palette.LINES)]
        name = names[place[group[0].id]]
        if len(have) > 1:
            steps, middle, low, high = mean_band(have)
            drawn.append(
                Line(
                    f"mean of {len(have)} seeds, ± 1 s.d.",
                    steps,
                    middle,
                    colour,
                    low=low,
                    high=high,
                )
            )
        elif have:
            drawn.append(Line(name, *have[0], colour))
    return drawn


class View(NamedTuple):
    """What the overlay shows, and how; ``offered`` are the terms that there were."""

    offered: list[str]
    term: str
    part: str
    log: bool
    smoothing: float
    mean: bool


def _view(runs: list[Run]) -> View:
    found = Counter(name for run in runs for name in terms(scalars(run)))
    # What all of them have comes first.
    offered = sorted(found, key=lambda name: -found[name])
    many = any(len(group) > 1 for group in repeats(runs))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        term = st.selectbox(
            "Term", offered or ["loss"], key="compare-term", format_func=words, width=260
        )
        part = st.segmented_control(
            "Part", PARTS, default=PARTS[0], required=True, key="compare-part"
        )
        log = st.toggle("Log scale", key="compare-log")
        mean = many and st.toggle("Mean over seeds", value=True, key="compare-mean")
        smoothing = st.slider("Smoothing", 0.0, 0.99, 0.0, 0.01, key="compare-smoothing", width=180)
    return View(offered, term, part, log, smoothing, mean)


def overlay(runs: list[Run], names: list[str]) -> None:
    """The curves of all runs on one axis."""
    view = _view(runs)
    states = {run.id: run.state for run in runs}
    active = any(state in ACTIVE for state in states.values())

    units = [units_of(run).get(view.term, "") for run in runs]
    alike = len(set(units)) == 1
    # On one axis, yet not of one kind: each says in what it counts.
    told = [n if alike else f"{n} ({u or 'no unit'})" for n, u in zip(names, units, strict=True)]

    @st.fragment(run_every=0.5 if active else None)
    def drawn() -> None:
        now = [store().get(run.id) for run in runs]
        found = [scalars(run) for run in now]
        fresh = not view.offered and any(terms(one) for one in found)
        if fresh or {run.id: run.state for run in now} != states:
            st.rerun()
        # Not every model is validated, and a young run has not been yet.
        part = view.part if any(series(view.term, view.part) in one for one in found) else "train"
        lines = lines_of(now, told, found, view.term, part, view.mean)
        beside = ", ".join(filter(None, [part, units[0] if alike else ""]))
        title = words(view.term) if view.term in MEASURED else f"{words(view.term)} ({beside})"
        picture = curves(
            lines,
            log=view.log,
            smoothing=view.smoothing,
            limit=LIVE_POINTS if active else POINTS,
            title=title,
            revision=f"{title} {view.log}",
        )
        figure(picture, key="compare-chart", alt=in_words(lines, title))

    drawn()


def side_by_side(runs: list[Run], names: list[str]) -> None:
    """A picture a run; several of them share one time slider."""
    together = "compare" if len(runs) > 1 else ""
    if together:
        tracks = [
            Track(run.id, name, palette.LINES[k % len(palette.LINES)])
            for k, (run, name) in enumerate(zip(runs, names, strict=True))
        ]
        shared_time(together, tracks, key="compare-time")
    for start in range(0, len(runs), WIDEST):
        row = runs[start : start + WIDEST]
        for k, (column, run) in enumerate(
            zip(st.columns(max(2, len(row)), gap="medium"), row, strict=False), start
        ):
            with column:
                run_heading(run, names[k], palette.LINES[k % len(palette.LINES)])
                live_picture(
                    run,
                    class_names(run),
                    key=f"compare-picture-{run.id}",
                    fork=False,
                    together=together,
                    fetch="on demand" if together else "ended",
                )


def settings_table(runs: list[Run], names: list[str]) -> None:
    """The settings that differ, marked; all others on request."""
    rows = differences(runs)
    st.markdown("### What differs")
    st.markdown(
        _table(rows, names, bold=True) if rows else "Nothing: the same settings, the same seed."
    )
    with st.expander("All settings", key="compare-all"):
        everything = [flat(run.spec) for run in runs]
        shared = {n: [one.get(n) for one in everything] for one in everything for n in one}
        st.markdown(_table(shared, names, marked=set(rows)))


def _table(
    rows: dict[str, list[Any]],
    names: list[str],
    *,
    bold: bool = False,
    marked: set[str] = frozenset(),
) -> str:
    lines = ["| setting | " + " | ".join(names) + " |", "| :-- |" + " :-- |" * len(names)]
    for name, values in rows.items():
        cells = [read(value).replace("|", "\\|") for value in values]
        if bold or name in marked:
            cells = [f"**:orange[{cell}]**" for cell in cells]
        lines.append(f"| {name.replace('_', ' ')} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def page() -> None:
    """The whole page."""
    st.subheader("Compare", anchor=False)
    show_message()
    runs, missing = runs_of_address()
    if missing:
        some = "One run" if missing == 1 else f"{missing} runs"
        st.warning(
            f"{some} of this address cannot be found; the rest is shown.",
            icon=":material/link_off:",
        )
    if len(run_ids(most=MOST_RUNS + 1)) > MOST_RUNS:
        st.info(f"The first {MOST_RUNS} runs of this address are shown.", icon=":material/compare:")
    choose(runs)
    if not runs:
        if not run_ids():
            st.info(
                "Choose two runs or more here, tick them on the Runs page, or vary one setting on the Train page.",
                icon=":material/compare:",
            )
        return
    document = kept.read()
    names = short_names(runs, [run_title(run, document) for run in runs])
    all_of_them(runs, names, "compare")
    overlay(runs, names)
    side_by_side(runs, names)
    if len(runs) > 1:
        settings_table(runs, names)


page()

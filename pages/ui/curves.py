"""The curves of one run: which terms, how they are drawn, and what was changed by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle
from types import MappingProxyType

import streamlit as st

from core.figures import palette
from core.figures.curves import Line, Mark, curves, in_words
from core.runs import Run
from core.runs.history import Command
from pages.ui.figure import figure
from pages.ui.history import MEASURED, Scalars, gap, terms, units_of, words
from pages.ui.words import number

GAP = "generalisation gap"
RATE = "learning rate"
MEASURES = {"layer_stats"}
FEW = 2
LOG, SMOOTHING = "curves-log", "curves-smoothing"
# While it trains a curve is redrawn twice a second: no more points than the chart has pixels.
LIVE_POINTS, POINTS = 600, 2000


@dataclass(frozen=True)
class View:
    """How the visitor wants the curves."""

    chosen: list[str]
    log: bool
    smoothing: float


def offered(found: Scalars) -> list[str]:
    """All that can be drawn: the terms, the gap between their parts, the learning rate."""
    gaps = [GAP] if gap(found) else []
    return [*terms(found), *gaps, *([RATE] if "learning_rate" in found else [])]


def choose(found: Scalars, run_id: str) -> View:
    """Which terms, above the chart; the rest of the view comes from the controls under it."""
    names = terms(found)
    first = (
        [n for n in names if n == "loss"] or [n for n in names if n.endswith("/loss")] or names[:1]
    )
    key = f"curves-terms-{run_id}"
    if first and not st.session_state.get(key):
        st.session_state[key] = first
    chosen = st.pills(
        "Terms",
        offered(found),
        selection_mode="multi",
        key=key,
        label_visibility="collapsed",
        format_func=words,
        wrap=True,
    )
    return View(
        chosen or first, bool(st.session_state.get(LOG)), st.session_state.get(SMOOTHING, 0.0)
    )


def how() -> None:
    """The controls under the chart: its scale and how smooth its lines are."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.toggle("Log scale", key=LOG)
        st.slider(
            "Smoothing",
            0.0,
            0.99,
            step=0.01,
            key=SMOOTHING,
            help="Weight of the past in an exponential moving average; the raw curve stays visible behind it.",
            width=220,
        )


def lines(
    found: Scalars, chosen: list[str], units: Mapping[str, str] = MappingProxyType({})
) -> list[Line]:
    """A term has one colour: solid in training, dotted in validation. ``units`` are told with their names."""
    drawn = []
    taken = {palette.NETWORKS.get(name.split("/")[0]) for name in chosen}
    spare = cycle(colour for colour in palette.LINES if colour not in taken)
    for name in chosen:
        colour = palette.NETWORKS.get(name.split("/")[0]) or next(spare)
        if name == GAP:
            if (found_gap := gap(found)) is not None:
                drawn.append(Line(GAP, *found_gap, colour))
        elif name == RATE:
            drawn.append(Line(RATE, *found["learning_rate"], colour))
        elif name in MEASURED and name in found:
            drawn.append(Line(words(name), *found[name], colour))
        for part, dash in (("train", "solid"), ("validation", "dot")):
            if f"{part}/{name}" in found:
                drawn.append(
                    Line(f"{words(name, units)} · {part}", *found[f"{part}/{name}"], colour, dash)
                )
    return drawn


def changes(commands: list[Command]) -> list[Command]:
    """The live changes that were applied, in order; what only measures changes nothing."""
    return [
        c
        for c in commands
        if c.name == "set"
        and c.step is not None
        and "error" not in c.payload
        and c.payload["name"] not in MEASURES
    ]


def in_words_of(change: Command) -> str:
    """``learning rate 0.001 → 0.01``."""
    payload = change.payload
    return f"{words(payload['name'])} {_value(payload.get('old'))} → {_value(payload['value'])}"


def _value(value) -> str:
    return number(value) if isinstance(value, float) else str(value)


def chart(run: Run, found: Scalars, view: View, commands: list[Command], *, live: bool) -> None:
    """The figure; its zoom survives updates for as long as run, terms and scale stay the same."""
    changed = {c.payload["name"]: c.payload["value"] for c in changes(commands)}
    units = units_of(run, run.spec.config | changed)
    units |= {GAP: units["loss"]} if "loss" in units else {}
    few = len(view.chosen) <= FEW  # which the axis has room to name
    drawn = lines(found, view.chosen, {} if few else units)
    marks = [Mark(c.step, f"step {c.step:,}: {in_words_of(c)}") for c in changes(commands)]
    title = " · ".join(words(name, units) for name in view.chosen) if few else "value"
    picture = curves(
        drawn,
        marks=marks,
        log=view.log,
        smoothing=view.smoothing,
        limit=LIVE_POINTS if live else POINTS,
        title=title,
        revision=f"{run.id} {view.chosen} {view.log}",
    )
    figure(picture, key="curves-chart", alt=in_words(drawn, title))

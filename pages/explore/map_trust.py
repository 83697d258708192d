"""How far a map can be trusted: numbers beside it, each with what it means and how it was found."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.analysis.trust import ABOUT
from core.errors import ExplorerError
from pages.explore.making import Making
from pages.ui.long_question import LongQuestion, begin, watch
from pages.ui.words import duration, number

NAMES = {
    "trustworthiness": "Trustworthiness",
    "continuity": "Continuity",
    "neighbourhood_preservation": "Neighbours kept",
}
STABILITY, SEEDS = "Seed to seed", 3


def figure_of(found: Mapping[str, Any]) -> str:
    """``0.963``, or ``0.963 ± 0.002`` where it is an estimate with a standard error."""
    error = found.get("error")
    return f"{found['value']:.3f}" + (f" ± {error:.3f}" if error else "")


def how(found: Mapping[str, Any]) -> str:
    """How a measure was found, in words."""
    if found["kind"] == "exact":
        return f"exact over all {found['of']:,} points"
    return f"estimates ± standard error, from {found['queries']:,} query points against all {found['of']:,}"


def trust_row(made: Making) -> None:
    """The three measures, what the axes hold where the method knows, and the stability where there is a seed."""
    trust, facts = made.found["trust"], made.found["facts"]
    shares = facts.get("explained_variance_ratio")
    seeded = "seed" in made.request["settings"]
    columns = st.columns(len(NAMES) + bool(shares) + seeded, gap="medium")
    for column, (name, title) in zip(columns, NAMES.items(), strict=False):
        column.metric(title, figure_of(trust[name]), help=ABOUT[name])
    if shares:
        with columns[len(NAMES)]:
            axes = " + ".join(f"{share:.0%}" for share in shares)
            st.metric(
                "Variance explained",
                f"{sum(shares):.1%}",
                help=f"The share of the whole variance that the axes hold, one by one: {axes}.",
            )
    if seeded:
        with columns[-1]:
            stability(made)
    first = trust["trustworthiness"]
    st.caption(
        f"Each from 0 to 1, about the {first['k']} nearest neighbours of a point in the map and in what is mapped; "
        f"{how(first)}. " + " ".join(remarks(facts, made.found["seconds"]))
    )


def remarks(facts: Mapping[str, Any], seconds: float) -> list[str]:
    """What else must be known of how a map was made, in sentences."""
    found = []
    if to := facts.get("reduced_to"):
        kept = f"{facts['reduced_keeps']:.0%} of its variance"
        found.append(f"First reduced to {to} principal components, which keep {kept}.")
    if not facts.get("exact", True):
        found.append("The axes were found by random projections, very nearly.")
    if "kl_divergence" in facts:
        value = number(facts["kl_divergence"])
        after = f"after {facts['iterations']:,} iterations"
        found.append(f"KL divergence {value} nats {after}, by the library's approximation.")
    if (parts := facts.get("parts", 1)) > 1:
        found.append(
            f"The graph of neighbours falls into {parts:,} parts: how far these lie apart means nothing."
        )
    return [*found, f"Made in {duration(seconds)}."] if seconds >= 1 else found


def stability(made: Making) -> None:
    """On request: three maps that differ in nothing but their seed, and how far they agree on who is near."""
    seconds = max(1.0, (SEEDS - 1) * made.found["seconds"])
    question = LongQuestion("map_stability", expected=seconds, request=made.request)
    try:
        found = question.answer()
    except ExplorerError as error:
        st.warning(str(error), icon=":material/error:")
        question.forget()
        return
    if found is not None:
        st.metric(STABILITY, figure_of(found), help=f"{ABOUT['stability']} {found['protocol']}")
    elif question.going:
        st.caption(STABILITY)
        watch([question], [""], "stability")
    else:
        st.caption(STABILITY)
        st.button(
            f"Try {SEEDS} seeds · about {duration(seconds)}",
            key="stability-make",
            help=ABOUT["stability"],
            on_click=begin,
            args=([question],),
        )


def in_a_line(trust: Mapping[str, Any]) -> str:
    """The three measures in a line, for a small map."""
    parts = [f"{title.lower()} **{figure_of(trust[name])}**" for name, title in NAMES.items()]
    first = trust["trustworthiness"]
    return f"{' · '.join(parts)} ({first['k']} neighbours, {first['kind']})".capitalize()

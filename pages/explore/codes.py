"""The code itself: activity, histograms, correlation, dead units."""

from typing import Any

import numpy as np
import streamlit as st

from core.figures import codes
from pages.explore.examples import choose_split
from pages.ui.asking import answered
from pages.ui.figure import figure
from pages.ui.pick import choose_run
from pages.ui.warming import when_ready
from pages.ui.words import number

FEW, MOST = 6, 8
TEXT = r"""
**What you see.** Every example $\mathbf x$ has a code $\mathbf z = f(\mathbf x)$; here each unit $z_j$ of it is looked
at over many examples: how far it swings, which values it takes, and whether it says the same as another one.

**What to look for.** A dead unit is room that the network does not use. A penalty for sparseness makes a spike
at zero with a long tail: every unit speaks rarely, for a few kinds of input. Strong colours off the diagonal of the
correlation are units that repeat each other; PCA's are uncorrelated by construction, an autoencoder's need not be.
"""


def summary(found: dict[str, Any], split: str) -> None:
    """The code in a sentence."""
    units, shown, dead = found["units"], len(found["mean"]), int(found["dead"].sum())
    of = "" if shown == units else f", of which the first {shown} are shown"
    active = 100 * float(found["share_active"].mean())
    st.markdown(
        f"**{units:,} unit{'s' if units > 1 else ''}**{of} · **{dead} dead** · a unit is active for "
        f"**{active:.0f} %** of the examples on average · {found['count']:,} examples of the "
        f"{split} split"
    )
    if dead:
        names = [str(unit) for unit in np.flatnonzero(found["dead"])]
        more = f" and {len(names) - 20} more" if len(names) > 20 else ""
        st.markdown(f"Dead: {', '.join(names[:20])}{more}.")
    if shown == 2:
        st.markdown(f"The two units have a correlation of {found['correlation'][0, 1]:.2f}.")
    st.caption(found["protocol"])


def activity(found: dict[str, Any]) -> None:
    """Mean and deviation of each unit."""
    st.markdown("**How much each unit swings**")
    order = found["order"]
    first = ", ".join(f"unit {unit} {found['std'][unit]:.3g}" for unit in order[:3])
    figure(
        codes.activity(found["mean"], found["std"], found["dead"], order),
        key="activity",
        alt=f"Standard deviation and mean of {len(order)} units. Largest deviations: {first}.",
    )


def correlation(found: dict[str, Any]) -> None:
    """Which units go together."""
    matrix, order = found["correlation"], found["order"]
    st.markdown("**Which units go together**")
    one, other, value = codes.strongest(matrix)
    words = f"Strongest: units {one} and {other}, correlation {value:.2f}."
    figure(
        codes.correlation(matrix, order),
        key="correlation",
        alt=f"Correlation of every two of {len(order)} units. {words}",
    )
    st.caption(words)


def values(found: dict[str, Any]) -> None:
    """Which values the units take: all at once where there are many, and some of them as curves."""
    order = [int(unit) for unit in found["order"]]
    several = len(order) > FEW
    left, right = st.columns(2, gap="large") if several else (None, st.container())
    if left is not None:
        with left:
            st.markdown("**Which values each unit takes**")
            figure(
                codes.value_map(found["counts"], found["edges"], found["order"]),
                key="values",
                alt=f"A histogram for each of {len(order)} units as a column of colours.",
            )
            st.caption(
                "The stronger the green, the more examples (the square root of their share)."
            )
    with right:
        st.markdown("**Which values single units take**")
        units = order
        if left is not None:
            units = st.multiselect(
                "Units",
                order,
                default=order[:3],
                max_selections=MOST,
                key=f"units-{len(order)}",
                label_visibility="collapsed",
                placeholder="Choose units",
            )
        _histograms(found, units)


def _histograms(found: dict[str, Any], units: list[int]) -> None:
    if not units:
        st.markdown("Choose one or more units to see the values that they take.")
        return
    parts = [
        f"unit {unit}: mean {number(found['mean'][unit])}, standard deviation {number(found['std'][unit])}, "
        f"active for {100 * found['share_active'][unit]:.0f} % of the examples"
        for unit in units
    ]
    figure(
        codes.unit_histograms(found["counts"], found["edges"], units),
        key="histograms",
        alt=f"Histograms of single units. {'; '.join(parts)}.",
    )


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Codes", anchor=False)
    chosen = choose_run(schemas, {"encode"})
    if chosen is None:
        return
    split = choose_split()
    found = answered(
        "code_statistics",
        "The codes are being computed",
        run=chosen.run.id,
        step=chosen.step,
        split=split,
    )
    if found is None:
        return
    summary(found, split)
    several = len(found["mean"]) > 2
    left, right = st.columns([3, 2], gap="large")
    with left:
        activity(found)
    with right:
        correlation(found) if several else values(found)
    if several:
        values(found)
    st.markdown(TEXT)


when_ready(page)

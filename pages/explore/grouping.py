"""Two groups of examples, A and B: by class, by a factor by which the data were made, or by lasso."""

from typing import Any

import numpy as np
import streamlit as st

from core.figures.clouds import by_class

CLASS, FACTOR, LASSO = "class", "factor", "lasso"
TITLES = {CLASS: "class", FACTOR: "how the data were made", LASSO: "lasso"}
GROUPS, EVERYTHING = ("A", "B"), -1
PICKED, CHART = "group-picked", "group-chart"


def choose_groups(cloud: dict[str, Any], row) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What the visitor means by A and B, as the compute worker takes it; None, with a sentence, while it is open.

    The controls stand in the container ``row``, the dots for a lasso below it.
    """
    ways = [CLASS] * (len(cloud["classes"]) > 1) + [FACTOR] * bool(cloud["factors"]) + [LASSO]
    if len(ways) == 1:
        st.caption("These data have no classes: mark two groups of dots by lasso.")
        return _by_lasso(cloud)
    with row:
        by = st.segmented_control(
            "Groups by",
            ways,
            format_func=TITLES.get,
            default=ways[0],
            required=True,
            key=f"group-by-{len(ways)}",
        )
        if by == CLASS:
            return _by_class(cloud)
        if by == FACTOR:
            return _by_factor(cloud)
    return _by_lasso(cloud)


def _by_class(cloud: dict[str, Any]) -> tuple[dict, dict]:
    names = cloud["classes"]
    options = [EVERYTHING, *range(len(names))]

    def pick(group: str, first: int) -> dict[str, Any]:
        value = st.selectbox(
            f"Group {group}",
            options,
            index=first,
            format_func=lambda k: "all examples" if k == EVERYTHING else names[k],
            key=f"group-class-{group}-{len(names)}",
            width=150,
        )
        return {"by": "all"} if value == EVERYTHING else {"by": "class", "value": value}

    return pick("A", 1), pick("B", 2)


def _by_factor(cloud: dict[str, Any]) -> tuple[dict, dict]:
    factors = cloud["factors"]
    name = st.selectbox(
        "Factor",
        list(factors),
        format_func=lambda one: factors[one]["title"],
        key=f"group-factor-{'-'.join(factors)}",
        width=230,
        help="A factor that is a number has the lowest quarter of the examples as A, the highest as B.",
    )
    one, values = {"by": "factor", "name": name}, factors[name]["values"]
    if not values:
        return one | {"end": "low"}, one | {"end": "high"}
    pair = [
        st.selectbox(
            f"Group {group}",
            range(len(values)),
            index=min(place, len(values) - 1),
            format_func=lambda k: values[k],
            key=f"group-value-{name}-{len(values)}-{group}",
            width=150,
        )
        for place, group in enumerate(GROUPS)
    ]
    return one | {"value": pair[0]}, one | {"value": pair[1]}


def _by_lasso(cloud: dict[str, Any]) -> tuple[dict, dict] | None:
    left, right = st.columns([3, 2], gap="large")
    with right:
        marking = st.segmented_control(
            "The lasso marks", GROUPS, default="A", required=True, key="group-marking"
        )
    drawn = by_class(cloud["at"], cloud["y"], cloud["classes"], cloud["axes"], cloud["position"])
    drawn.update_layout(dragmode="lasso")
    with left:
        # One chart for each group: a lasso of A that still stands must not be taken for one of B.
        chosen = st.plotly_chart(
            drawn,
            key=f"{CHART}-{marking}",
            on_select="rerun",
            selection_mode=("lasso", "box"),
            config={"displaylogo": False},
            alt=f"{len(cloud['at'])} codes of examples as dots. Draw around some to make them group {marking}.",
        )
    kept = st.session_state.setdefault(PICKED, {})
    positions = sorted({_position(point) for point in chosen.selection.points})
    if positions:
        kept[marking] = positions
    known = {int(position) for position in cloud["position"]}
    groups = {name: [one for one in kept.get(name, []) if one in known] for name in GROUPS}
    with right:
        for name in GROUPS:
            st.markdown(f"Group **{name}**: {len(groups[name]):,} of {len(cloud['at']):,} dots")
        if not all(groups.values()):
            st.info("Draw around some dots for A, then choose B and draw around others.")
            return None
    return tuple({"by": "examples", "positions": groups[name]} for name in GROUPS)


def _position(point: dict[str, Any]) -> int:
    """The example behind a dot: plotly gives its customdata as a number or as a list of one."""
    return int(np.ravel(point["customdata"])[0])

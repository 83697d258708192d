"""A map of points as a figure to turn, zoom and keep: in the colours of a category or of a number."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.analysis.column import Column
from core.figures.map_colours import groups, scale, title
from core.figures.palette import MARK, NUMBERS

__all__ = ["in_words", "scatter"]

MARGIN = {"l": 58, "r": 12, "t": 34, "b": 52}
LEGEND = {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom", "itemsizing": "constant"}
# From a little further off than plotly's own, and lower, so that the axes' titles stay in sight.
CAMERA = {"eye": {"x": 1.6, "y": 1.6, "z": 1.1}, "center": {"x": 0, "y": 0, "z": -0.2}}
FEW = 2_000  # points that a browser draws smoothly one by one
NAMED = 20  # categories that a sentence names


def scatter(
    at: np.ndarray,
    colour: Column,
    axes: Sequence[str],
    numbers: np.ndarray | None = None,
    *,
    height: int = 520,
) -> go.Figure:
    """Dots ``at`` (n, 2 or 3) in the colours of ``colour``, a trace for each category, over axes of equal scale.

    ``numbers`` (n,), the row of each point in its source, ride along as customdata and show on hover.
    """
    few, deep = len(at) <= FEW, at.shape[1] == 3
    size = float(np.clip(320 / np.sqrt(max(len(at), 1)), 2.5, 6)) / (2 if deep else 1)
    # One by one where they are few, else by WebGL.
    kind = go.Scatter3d if deep else go.Scatter if few else go.Scattergl
    figure = go.Figure()
    for name, rows, marker in _traces(colour):
        here = None if numbers is None else numbers[rows]
        figure.add_trace(kind(**_dots(at[rows], name, {"size": size, **marker}, here)))
    named = [{"title": {"text": axis}} for axis in axes]
    figure.update_layout(
        height=height,
        margin=MARGIN,
        legend={**LEGEND, "title": {"text": f"{colour.title} "}},
        showlegend=sum(bool(trace.name) for trace in figure.data) > 1,
        uirevision=f"{colour.title} {axes}",
    )
    if deep:
        scene = dict(zip(("xaxis", "yaxis", "zaxis"), named, strict=True))
        figure.update_layout(
            margin={"l": 0, "r": 0, "b": 0}, scene={**scene, "aspectmode": "data", "camera": CAMERA}
        )
    else:
        figure.update_layout(
            xaxis={**named[0], "tickformat": "~g", "zeroline": False},
            yaxis={**named[1], "tickformat": "~g", "zeroline": False, "scaleanchor": "x"},
        )
    return figure


def in_words(at: np.ndarray, colour: Column, axes: Sequence[str]) -> str:
    """The figure's text alternative: how many points, over what, and what their colours come to."""
    begin = f"Map of {len(at):,} points over {' and '.join(axes)}, coloured by {title(colour)}"
    if colour.kind == "number":
        known = colour.values[np.isfinite(colour.values)]
        if not len(known):
            return f"{begin}, of which there is none."
        low, middle, high = np.quantile(known, [0.05, 0.5, 0.95])
        return f"{begin}: median {middle:.3g}; nine in ten lie between {low:.3g} and {high:.3g}."
    parts = [f"{group.name} ({len(group.rows):,})" for group in groups(colour)]
    more = f" and {len(parts) - NAMED} more" if len(parts) > NAMED else ""
    return f"{begin}: {', '.join(parts[:NAMED])}{more}."


def _traces(colour: Column) -> list[tuple[str, np.ndarray, dict[str, Any]]]:
    """Of each trace the name, the rows and what its dots look like."""
    if colour.kind == "category":
        return [(one.name, one.rows, {"color": one.colour}) for one in groups(colour)]
    known, ends = np.isfinite(colour.values), scale(colour)
    found = []
    if not known.all():
        found.append(("no value", np.flatnonzero(~known), {"color": MARK}))
    if ends is not None:
        places = np.linspace(0, 1, len(NUMBERS))
        marker = {
            "color": colour.values[known],
            "colorscale": [list(stop) for stop in zip(places, NUMBERS, strict=True)],
            "cmin": ends.low,
            "cmax": ends.high,
            "colorbar": {"title": {"text": title(colour), "side": "right"}, "thickness": 12},
        }
        found.append(("", np.flatnonzero(known), marker))
    return found


def _dots(
    at: np.ndarray, name: str, marker: dict[str, Any], numbers: np.ndarray | None
) -> dict[str, Any]:
    """What makes a trace of ``at`` (m, 2 or 3)."""
    hover = ["%{x:.3g}, %{y:.3g}", ", %{z:.3g}"][: at.shape[1] - 1]
    hover.insert(0, f"{name}: " if name else "%{marker.color:.4g} at ")
    if numbers is not None:
        hover.append("<br>row %{customdata}")
    return {
        **dict(zip("xyz", at.T, strict=False)),
        "name": name,
        "mode": "markers",
        "marker": marker,
        "customdata": numbers,
        "hovertemplate": "".join(hover) + "<extra></extra>",
    }

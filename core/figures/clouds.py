"""Codes as dots on a plane: in the colours of their classes, or the data's beside those that were drawn."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import CLASSES, GENERATED, REAL

MARGIN = {"l": 62, "r": 12, "t": 34, "b": 52}
LEGEND = {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom", "itemsizing": "constant"}


def by_class(
    at: np.ndarray,
    y: np.ndarray,
    classes: Sequence[str],
    axes: Sequence[str],
    numbers: np.ndarray,
    *,
    height: int = 420,
) -> go.Figure:
    """Dots ``at`` (n, 2), a trace for each class ``y`` (n,) (-1: none); ``numbers`` (n,) ride along as customdata."""
    figure = go.Figure()
    for k in np.unique(y):
        there = y == k
        name = "examples" if k < 0 else str(classes[k] if k < len(classes) else k)
        figure.add_trace(
            go.Scatter(
                x=at[there, 0],
                y=at[there, 1],
                customdata=numbers[there],
                name=name,
                mode="markers",
                marker={"size": 6, "color": REAL if k < 0 else CLASSES[k % len(CLASSES)]},
                hovertemplate=f"{name}: %{{x:.3g}}, %{{y:.3g}}<extra></extra>",
            )
        )
    return _framed(figure, axes, height, "by class")


def drawn(
    data: np.ndarray, new: np.ndarray, axes: Sequence[str], *, what: str, height: int = 420
) -> go.Figure:
    """The data's codes ``data`` (n, 2) in blue, and over them those that are ``what`` (m, 2) in orange."""
    figure = go.Figure()
    for values, name, colour, size in (
        (data, "training codes", REAL, 4),
        (new, what, GENERATED, 9 if len(new) < 200 else 5),
    ):
        figure.add_trace(
            go.Scatter(
                x=values[:, 0],
                y=values[:, 1],
                name=name,
                mode="markers",
                marker={"size": size, "color": colour, "opacity": 0.45 if size == 4 else 1},
                hovertemplate=f"{name}: %{{x:.3g}}, %{{y:.3g}}<extra></extra>",
            )
        )
    return _framed(figure, axes, height, what)


def _framed(figure: go.Figure, axes: Sequence[str], height: int, view: str) -> go.Figure:
    figure.update_layout(
        height=height,
        margin=MARGIN,
        legend=LEGEND,
        uirevision=f"{view} {axes}",
        xaxis={"title": {"text": axes[0]}, "tickformat": "~g"},
        yaxis={"title": {"text": axes[1]}, "tickformat": "~g"},
    )
    return figure

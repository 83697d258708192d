"""What the units of a code do: how much each varies, which values it takes, how they go together."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.images import PAPER
from core.figures.palette import DISCRIMINATOR, ENCODER, GENERATED, LINES, MARK, REAL, faded

MARGIN = {"l": 68, "r": 12, "t": 34, "b": 52}
LEGEND = {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom"}
# Units are numbered as the network has them, in the order of their variance: names, not numbers, on the axis.
UNITS = {"title": {"text": "unit, the liveliest first"}, "type": "category", "nticks": 12}


def _names(units: Sequence[int]) -> list[str]:
    return [str(unit) for unit in units]


def activity(
    mean: np.ndarray, std: np.ndarray, dead: np.ndarray, order: np.ndarray, *, height: int = 340
) -> go.Figure:
    """A bar for the standard deviation of each unit and a dot for its mean, all (d,), in ``order``.

    Units that are ``dead`` are grey.
    """
    names = _names(order)
    colours = np.where(dead[order], MARK, ENCODER)
    figure = go.Figure()
    figure.add_trace(
        go.Bar(
            x=names,
            y=std[order],
            name="standard deviation",
            marker={"color": list(colours)},
            hovertemplate="unit %{x}: standard deviation %{y:.3g}<extra></extra>",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=names,
            y=mean[order],
            name="mean",
            mode="markers",
            marker={"color": DISCRIMINATOR, "size": 7 if len(order) <= 64 else 4},
            hovertemplate="unit %{x}: mean %{y:.3g}<extra></extra>",
        )
    )
    figure.update_layout(
        height=height,
        margin=MARGIN,
        legend=LEGEND,
        uirevision="activity",
        bargap=0.2,
        # One or two bars are not to fill the page.
        xaxis={**UNITS, "range": [-0.7, max(len(order), 6) - 0.3]},
        yaxis={"title": {"text": "value of the unit"}, "tickformat": "~g", "zeroline": True},
    )
    return figure


def unit_histograms(
    counts: np.ndarray, edges: np.ndarray, units: Sequence[int], *, height: int = 340
) -> go.Figure:
    """A stepped curve for each of ``units``: the share of examples (``counts`` (d, bins)) between the ``edges``."""
    figure = go.Figure()
    middles = (edges[:-1] + edges[1:]) / 2
    for k, unit in enumerate(units):
        colour = LINES[k % len(LINES)]
        figure.add_trace(
            go.Scatter(
                x=middles,
                y=100 * counts[unit] / max(counts[unit].sum(), 1),
                name=f"unit {unit}",
                mode="lines",
                line={"color": colour, "width": 2.5, "shape": "hvh"},
                fill="tozeroy" if len(units) <= 3 else None,
                fillcolor=faded(colour, 0.15),
                hovertemplate="%{y:.1f} %",
            )
        )
    figure.update_layout(
        height=height,
        margin=MARGIN,
        legend=LEGEND,
        showlegend=True,
        hovermode="x unified",
        uirevision=" ".join(_names(units)),
        xaxis={"title": {"text": "value of the unit"}, "hoverformat": ".3~g"},
        yaxis={"title": {"text": "share of the examples in %"}, "rangemode": "tozero"},
    )
    return figure


def value_map(
    counts: np.ndarray, edges: np.ndarray, order: np.ndarray, *, height: int = 340
) -> go.Figure:
    """The histograms of all units at once: a column a unit in ``order``, darker where more examples are.

    The colour goes with the square root of the share, so that rare values can be seen beside a spike at zero.
    """
    shares = counts[order].T / np.maximum(counts[order].sum(axis=1), 1)
    figure = go.Figure(
        go.Heatmap(
            x=_names(order),
            y=(edges[:-1] + edges[1:]) / 2,
            z=np.sqrt(shares),
            customdata=100 * shares,
            zmin=0,
            showscale=False,
            colorscale=[[0, faded(ENCODER, 0)], [1, ENCODER]],
            hovertemplate="unit %{x}, value %{y:.3g}: %{customdata:.1f} % of the examples<extra></extra>",
        )
    )
    figure.update_layout(
        height=height,
        margin=MARGIN,
        uirevision="values",
        xaxis={**UNITS, "showgrid": False},
        yaxis={"title": {"text": "value of the unit"}, "tickformat": "~g", "showgrid": False},
    )
    return figure


def correlation(matrix: np.ndarray, order: np.ndarray, *, height: int = 380) -> go.Figure:
    """Pearson's correlation of every two units: ``matrix`` (d, d) in -1 to 1, rows and columns in ``order``."""
    names = _names(order)
    figure = go.Figure(
        go.Heatmap(
            x=names,
            y=names,
            z=matrix[np.ix_(order, order)],
            zmin=-1,
            zmax=1,
            colorscale=[[0, REAL], [0.5, PAPER], [1, GENERATED]],
            colorbar={
                "title": {"text": "correlation", "side": "right", "font": {"size": 14}},
                "thickness": 12,
            },
            hovertemplate="units %{y} and %{x}: %{z:.2f}<extra></extra>",
        )
    )
    figure.update_layout(
        height=height,
        margin={**MARGIN, "t": 12},
        uirevision="correlation",
        xaxis={**UNITS, "showgrid": False, "constrain": "domain"},
        yaxis={
            **UNITS,
            "title": {"text": "unit"},
            "autorange": "reversed",
            "scaleanchor": "x",
            "constrain": "domain",
        },
    )
    return figure


def strongest(matrix: np.ndarray) -> tuple[int, int, float]:
    """The two of at least two units that go together most, by size, and their correlation."""
    size = np.triu(np.abs(matrix), 1)
    row, column = np.unravel_index(size.argmax(), size.shape)
    # Where nothing goes together, the first two stand for all.
    row, column = (int(row), int(column)) if row != column else (0, 1)
    return row, column, float(matrix[row, column])

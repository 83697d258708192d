"""How the errors of many examples are spread."""

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import MARK, REAL

BINS = 60


def error_histogram(
    errors: np.ndarray, mean: float, *, title: str, what: str = "images", height: int = 300
) -> go.Figure:
    """A histogram of ``errors`` (n,) with a line at their ``mean``; ``title`` names the quantity on the axis."""
    counts, edges = np.histogram(errors[np.isfinite(errors)], BINS)
    figure = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=np.diff(edges),
            marker={"color": REAL, "line": {"width": 0}},
            customdata=np.stack([edges[:-1], edges[1:]], axis=1),
            hovertemplate="%{customdata[0]:.3~g} to %{customdata[1]:.3~g}: %{y:,}<extra></extra>",
        )
    )
    figure.add_vline(
        mean,
        line={"color": MARK, "width": 2, "dash": "dash"},
        annotation={"text": f"mean {mean:.3g}", "yshift": 4, "xanchor": "left"},
    )
    figure.update_layout(
        height=height,
        margin={"l": 68, "r": 12, "t": 24, "b": 52},
        showlegend=False,
        bargap=0,
        uirevision=title,
        xaxis={"title": {"text": title}, "rangemode": "tozero"},
        yaxis={"title": {"text": f"number of {what}"}, "tickformat": ",d"},
    )
    return figure


def in_words(errors: np.ndarray, mean: float, title: str) -> str:
    """The figure's text alternative."""
    low, middle, high = np.quantile(errors[np.isfinite(errors)], [0.05, 0.5, 0.95])
    return (
        f"Histogram of the {title}. Mean {mean:.3g}, median {middle:.3g}; nine in ten lie between "
        f"{low:.3g} and {high:.3g}."
    )

"""What each unit of a code knows of each factor of the data, as a heat map."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.images import PAPER
from core.figures.palette import ENCODER

LABELLED = 24  # units: the numbers of more could not be read
SCALE = {
    "title": {"text": "share of the factor's entropy", "side": "right", "font": {"size": 14}},
    "tickformat": ".0%",
    "thickness": 12,
}
AXIS = {"type": "category", "showgrid": False, "automargin": True}


def diagonal(share: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Units in the order of the factor that they know most of, best first within one, the collapsed last: (d,)."""
    best = share.argmax(axis=1)
    return np.lexsort((-share.max(axis=1), best, ~active))


def information(
    share: np.ndarray,
    nats: np.ndarray,
    active: np.ndarray,
    factors: Sequence[str],
    *,
    height: int = 0,
) -> go.Figure:
    """A row a unit, a column a factor: ``share`` (d, K) of the factor's entropy, ``nats`` (d, K) on hovering.

    Units stand in the order of ``diagonal``; those that are not ``active`` (d,) say so beside their number.
    """
    order = diagonal(share, active)
    few = len(order) <= LABELLED
    figure = go.Figure(
        go.Heatmap(
            x=list(factors),
            y=[f"{unit}" if active[unit] else f"{unit}, collapsed" for unit in order],
            z=share[order],
            customdata=nats[order],
            zmin=0,
            zmax=1,
            texttemplate="%{z:.0%}" if few else None,
            colorscale=[[0, PAPER], [1, ENCODER]],
            showscale=not few,  # the numbers say it
            colorbar=SCALE,
            xgap=2,
            ygap=2 if few else 0,
            hovertemplate="unit %{y}, %{x}: %{z:.1%}, %{customdata:.3f} nats<extra></extra>",
        )
    )
    figure.update_layout(
        height=height or min(160 + 30 * len(order), 560),
        margin={"l": 8, "r": 8, "t": 12, "b": 52},
        uirevision="information",
        xaxis={**AXIS, "title": {"text": "factor of the data"}},
        yaxis={
            **AXIS,
            "title": {"text": "unit of the code"},
            "autorange": "reversed",
            "nticks": len(order) if few else 20,
        },
    )
    return figure


def in_words(share: np.ndarray, factors: Sequence[str]) -> str:
    """The figure's text alternative."""
    best = share.argmax(axis=0)
    parts = [
        f"{name}: unit {unit}, {share[unit, k]:.0%}"
        for k, (name, unit) in enumerate(zip(factors, best, strict=True))
    ]
    return (
        f"Mutual information of {len(share)} units and {len(factors)} factors, as a share of the factor's entropy. "
        f"Who knows most: {'; '.join(parts)}."
    )

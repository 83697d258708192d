"""What happens in each layer while a run trains: gradient norms and activations as bars, first layer on top."""

from collections.abc import Mapping

import plotly.graph_objects as go


def layer_bars(
    values: Mapping[str, float], *, title: str, colour: str, log: bool = True, height: int = 0
) -> go.Figure:
    """One bar a layer, in the order given; ``title`` names the quantity on the axis."""
    names = list(values)
    figure = go.Figure(
        go.Bar(
            y=names,
            x=[values[name] for name in names],
            orientation="h",
            marker={"color": colour},
            hovertemplate="%{y}: %{x:.3g}<extra></extra>",
        )
    )
    figure.update_layout(
        height=height or 90 + 26 * max(len(names), 2),
        margin={"l": 8, "r": 12, "t": 8, "b": 52},
        showlegend=False,
        uirevision=title,
        bargap=0.35,
        xaxis={
            "title": {"text": title},
            "type": "log" if log else "linear",
            "dtick": "D2" if log else None,
        },
        yaxis={"autorange": "reversed", "automargin": True, "type": "category"},
    )
    return figure

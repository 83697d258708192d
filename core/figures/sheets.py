"""A table of images with axes: what the rows and the columns stand for can be read beside them."""

import base64
from collections.abc import Sequence

import plotly.graph_objects as go

MOST_TICKS = 11


def sheet(
    png: bytes,
    columns: Sequence[str],
    rows: Sequence[str],
    *,
    across: str,
    down: str,
    ratio: float = 1.0,
    height: int = 640,
) -> go.Figure:
    """The picture ``png`` of len(rows) × len(columns) images, first row at the top, over axes of their names.

    ``across`` and ``down`` are the axes' titles, ``ratio`` an image's height by its width.
    """
    wide, tall = len(columns), len(rows)
    figure = _pointed(columns, rows, across, down)
    figure.add_layout_image(
        source="data:image/png;base64," + base64.b64encode(png).decode(),
        xref="x",
        yref="y",
        x=-0.5,
        y=-0.5,
        sizex=wide,
        sizey=tall,
        sizing="stretch",
        layer="below",
    )
    bare = {"showgrid": False, "zeroline": False, "constrain": "domain"}
    figure.update_layout(
        height=height,
        margin={"l": 90, "r": 12, "t": 12, "b": 56},
        showlegend=False,
        uirevision=f"{wide} {tall} {across} {down}",
        xaxis=bare
        | _ticks(columns)
        | {"title": {"text": across}, "range": [-0.5, wide - 0.5], "constraintoward": "left"},
        yaxis=bare
        | _ticks(rows, every=not down)
        | {"title": {"text": down}, "range": [tall - 0.5, -0.5], "constraintoward": "top"}
        | {"scaleanchor": "x", "scaleratio": ratio},
    )
    return figure


def _pointed(columns: Sequence[str], rows: Sequence[str], across: str, down: str) -> go.Figure:
    """Nothing that is seen: it says which place the pointer is at."""
    return go.Figure(
        go.Heatmap(
            z=[[0] * len(columns)] * len(rows),
            customdata=[[[row, column] for column in columns] for row in rows],
            opacity=0,
            showscale=False,
            hovertemplate=f"{down} %{{customdata[0]}}<br>{across} %{{customdata[1]}}<extra></extra>",
        )
    )


def _ticks(names: Sequence[str], every: bool = False) -> dict:
    """The names of ``every`` row or column, or of so many that they can be read."""
    step = 1 if every else -(-len(names) // MOST_TICKS)
    places = list(range(0, len(names), step))
    return {
        "tickvals": places,
        "ticktext": [names[place] for place in places],
        "tickangle": 0,
    }

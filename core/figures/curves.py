"""Curves over training steps: one or several lines, marks where something was changed, means with a band.

Plain SVG traces, thinned before they are sent: in a browser without a GPU they redraw several times a second, which
WebGL traces do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import MARK, faded

POINTS = 2000
FEW = 7


@dataclass(frozen=True)
class Line:
    """One curve: ``steps`` (n,) and ``values`` (n,), its name in the legend, how it is drawn.

    ``low`` and ``high`` (n,) are the edges of a band around it.
    """

    name: str
    steps: np.ndarray
    values: np.ndarray
    colour: str
    dash: str = "solid"
    low: np.ndarray | None = None
    high: np.ndarray | None = None


@dataclass(frozen=True)
class Mark:
    """A step at which something was changed by hand."""

    step: int
    text: str


def thin(steps: np.ndarray, *values: np.ndarray, limit: int = POINTS) -> tuple[np.ndarray, ...]:
    """At most ``limit`` of the points, evenly spread, the first and the last among them."""
    if len(steps) <= limit:
        return (steps, *values)
    keep = np.unique(np.linspace(0, len(steps) - 1, limit).round().astype(np.int64))
    return tuple(array[keep] for array in (steps, *values))


def smooth(values: np.ndarray, weight: float) -> np.ndarray:
    """Exponential moving average with ``weight`` (0 to <1) on the past, free of the pull towards its start.

    Values that are no numbers stay where they are and leave the average alone.
    """
    if not 0 < weight < 1:
        return values
    out = np.empty(len(values), np.float64)
    total = share = 0.0
    for i, value in enumerate(values):
        if not np.isfinite(value):
            out[i] = value
            continue
        total = weight * total + (1 - weight) * value
        share = weight * share + (1 - weight)
        out[i] = total / share
    return out


def mean_band(
    runs: Sequence[tuple[np.ndarray, np.ndarray]],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Steps, mean, and mean ∓ one standard deviation (n - 1) of several curves.

    They are compared where all of them have values, on the steps of the sparsest one.
    """
    grid = min((steps for steps, _ in runs), key=len)
    first = max(steps[0] for steps, _ in runs)
    last = min(steps[-1] for steps, _ in runs)
    grid = grid[(grid >= first) & (grid <= last)]
    stack = np.stack([np.interp(grid, steps, values) for steps, values in runs])
    mean = stack.mean(0)
    spread = stack.std(0, ddof=1) if len(runs) > 1 else np.zeros_like(mean)
    return grid, mean, mean - spread, mean + spread


def curves(
    lines: Sequence[Line],
    *,
    marks: Sequence[Mark] = (),
    log: bool = False,
    smoothing: float = 0.0,
    limit: int = POINTS,
    title: str = "loss",
    height: int = 370,
    revision: str = "",
) -> go.Figure:
    """The figure of these curves; zoom survives an update as long as ``revision`` stays the same."""
    figure = go.Figure()
    for line in lines:
        _draw(figure, line, smoothing, limit)
    for mark in marks:
        figure.add_vline(mark.step, line={"color": MARK, "width": 1, "dash": "dot"})
    if marks:
        figure.add_trace(_mark_flags(marks, lines))
    figure.update_layout(
        height=height,
        margin={"l": 68, "r": 12, "t": 34, "b": 52},
        uirevision=revision or "curves",
        hovermode="x unified",
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom"},
        xaxis=_steps_axis(lines),
        yaxis={
            "title": {"text": title},
            "type": "log" if log else "linear",
            "tickformat": "~g",
            "nticks": 7,
        },
    )
    return figure


def _steps_axis(lines: Sequence[Line]) -> dict:
    """The axis of steps; of only a few each is marked, or it would count 0, 0, 1, 1."""
    last = max((line.steps[-1] for line in lines if len(line.steps)), default=0)
    return {
        "title": {"text": "step"},
        "rangemode": "tozero",
        "nticks": 7,
        "showgrid": False,
        "tickformat": ",d",
        "dtick": 1 if last < FEW else None,
    }


def _draw(figure: go.Figure, line: Line, smoothing: float, limit: int) -> None:
    values = smooth(line.values, smoothing)
    if line.low is not None and line.high is not None:
        steps, low, high = thin(line.steps, line.low, line.high, limit=limit)
        figure.add_trace(_band(steps, low, high, line))
    if smoothing > 0:
        steps, raw = thin(line.steps, line.values, limit=limit)
        figure.add_trace(_scatter(line, steps, raw, faint=True))
    steps, values = thin(line.steps, values, limit=limit)
    figure.add_trace(_scatter(line, steps, values))


def _scatter(line: Line, steps: np.ndarray, values: np.ndarray, faint: bool = False) -> go.Scatter:
    # A curve of one point would be invisible as a line; a few points are shown as such.
    mode = "lines+markers" if len(steps) < 12 else "lines"
    return go.Scatter(
        x=steps.astype(np.int32),
        y=values.astype(np.float32),
        name=line.name,
        mode=mode,
        legendgroup=line.name,
        showlegend=not faint,
        hoverinfo="skip" if faint else None,
        hovertemplate=None if faint else "%{y:.5~g}",
        line={
            "color": faded(line.colour, 0.25) if faint else line.colour,
            "width": 1 if faint else 2.5,
            "dash": line.dash,
        },
        marker={"size": 5},
    )


def _band(steps: np.ndarray, low: np.ndarray, high: np.ndarray, line: Line) -> go.Scatter:
    return go.Scatter(
        x=np.concatenate([steps, steps[::-1]]).astype(np.int32),
        y=np.concatenate([high, low[::-1]]).astype(np.float32),
        fill="toself",
        fillcolor=faded(line.colour, 0.18),
        line={"width": 0},
        legendgroup=line.name,
        showlegend=False,
        hoverinfo="skip",
    )


def _mark_flags(marks: Sequence[Mark], lines: Sequence[Line]) -> go.Scatter:
    """Small flags on the first curve, with the change in their hover text."""
    heights = [
        float(np.interp(mark.step, lines[0].steps, lines[0].values)) if lines else 0.0
        for mark in marks
    ]
    return go.Scatter(
        x=[mark.step for mark in marks],
        y=heights,
        text=[mark.text for mark in marks],
        name="changed by hand",
        mode="markers",
        marker={"symbol": "triangle-down", "size": 11, "color": MARK},
        hovertemplate="%{text}<extra></extra>",
    )


def in_words(lines: Sequence[Line], title: str = "loss") -> str:
    """The figure's text alternative: each curve's first, lowest and last value."""
    parts = []
    for line in lines:
        finite = np.flatnonzero(np.isfinite(line.values))
        if len(finite):
            first, last = finite[0], finite[-1]
            lowest = finite[np.argmin(line.values[finite])]
            parts.append(
                f"{line.name}: {line.values[first]:.4g} at step {line.steps[first]:,}, lowest "
                f"{line.values[lowest]:.4g} at step {line.steps[lowest]:,}, "
                f"{line.values[last]:.4g} at step {line.steps[last]:,}"
            )
    return f"Curves of {title} over training steps. " + ("; ".join(parts) or "No values yet") + "."

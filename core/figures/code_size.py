"""The error of models against the size of their code: a line a family, the best linear one as a reference."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import MARK


@dataclass(frozen=True)
class Family:
    """One line: ``sizes`` (n,) numbers in the code, rising, and ``errors`` (n,)."""

    name: str
    sizes: np.ndarray
    errors: np.ndarray
    colour: str


def error_by_size(
    families: Sequence[Family],
    reference: Family | None = None,
    *,
    unit: str,
    log: bool = True,
    height: int = 420,
) -> go.Figure:
    """The figure; ``unit`` says what the errors are. ``log`` is the scale of the errors, sizes always double.

    ``reference`` is drawn dashed, under the others.
    """
    figure = go.Figure()
    if reference is not None:
        figure.add_trace(_line(reference, dashed=True))
    for family in families:
        figure.add_trace(_line(family))
    sizes = {int(size) for family in families for size in family.sizes}
    if reference is not None:
        sizes |= set(reference.sizes[:1].tolist())  # where its line begins
    figure.update_layout(
        height=height,
        margin={"l": 76, "r": 12, "t": 34, "b": 52},
        uirevision=f"{unit} {log}",
        hovermode="x unified",
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom"},
        xaxis={
            "title": {"text": "numbers in the code"},
            "type": "log",
            "tickvals": sorted(sizes),
            "ticktext": [str(size) for size in sorted(sizes)],
            "showgrid": False,
        },
        yaxis={
            "title": {"text": unit},
            "type": "log" if log else "linear",
            "tickformat": "~g",
            "nticks": 7,
        },
    )
    return figure


def _line(family: Family, dashed: bool = False) -> go.Scatter:
    return go.Scatter(
        x=np.asarray(family.sizes, np.int32),
        y=np.asarray(family.errors, np.float32),
        name=family.name,
        mode="lines" if dashed else "lines+markers",
        hovertemplate="%{y:.4~g}",
        line={
            "color": MARK if dashed else family.colour,
            "width": 2.5,
            "dash": "dash" if dashed else "solid",
        },
        marker={"size": 8},
    )


def in_words(families: Sequence[Family], unit: str) -> str:
    """The figure's text alternative: each family's error at each size."""
    parts = [
        f"{family.name}: "
        + ", ".join(
            f"{error:.4g} at {int(size)}"
            for size, error in zip(family.sizes, family.errors, strict=True)
        )
        for family in families
    ]
    return f"{unit} against the size of the code. " + "; ".join(parts) + "."

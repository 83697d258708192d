"""A map of points as a figure to turn, zoom and keep: in the colours of a category or of a number."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.analysis.column import Column

__all__ = ["in_words", "scatter"]


def scatter(
    at: np.ndarray,
    colour: Column,
    axes: Sequence[str],
    numbers: np.ndarray | None = None,
    *,
    height: int = 520,
) -> go.Figure:
    """Dots ``at`` (n, 2 or 3), with equal scales; ``numbers`` (n,) (the row in its source) show on hover."""
    raise NotImplementedError


def in_words(at: np.ndarray, colour: Column, axes: Sequence[str]) -> str:
    """The figure's text alternative."""
    raise NotImplementedError

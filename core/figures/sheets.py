"""Many small images on one sheet, as one figure."""

import numpy as np
import plotly.graph_objects as go


def tile(images: np.ndarray, columns: int, gap: int = 1, paper: int = 128) -> np.ndarray:
    """(n, C, H, W) uint8 with C 1 or 3 → one (rows·(H+gap)-gap, columns·(W+gap)-gap, 3) uint8 sheet.

    Images run along the rows; what is left of the last row, and the gaps, have the grey ``paper``.
    """
    n, channels, height, width = images.shape
    rows = -(-n // columns)
    sheet = np.full(
        (rows * (height + gap) - gap, columns * (width + gap) - gap, 3), paper, np.uint8
    )
    for i, image in enumerate(images):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        pixels = image if channels == 3 else np.repeat(image[:1], 3, axis=0)
        sheet[top : top + height, left : left + width] = pixels.transpose(1, 2, 0)
    return sheet


def sheet(images: np.ndarray, *, columns: int, title: str, height: int = 320) -> go.Figure:
    """The sheet as a figure with square pixels and no axes; ``title`` says what one sees."""
    figure = go.Figure(go.Image(z=tile(images, columns), hoverinfo="skip"))
    figure.update_layout(
        height=height,
        title={"text": title, "font": {"size": 14}},
        margin={"l": 0, "r": 0, "t": 32, "b": 0},
        xaxis={"visible": False, "fixedrange": True},
        yaxis={"visible": False, "fixedrange": True, "scaleanchor": "x"},
    )
    return figure

r"""Principal component analysis: the plane on which the vectors keep most of their variance.

$$y = A (x - \bar x), \qquad A A^\top = I, \qquad \text{rows of } A: \text{the eigenvectors of } \mathrm{Cov}(x)
  \text{ with the largest eigenvalues}$$

Pearson 1901, "On lines and planes of closest fit to systems of points in space". The only linear map of the four: it
turns and cuts, and bends nothing, so distances are never longer than they are and every place has a vector.
"""

import numpy as np

from core.analysis.maps import components
from core.analysis.maps.base import MapSettings, Progress, Projection, Watch
from core.analysis.maps.sound import check_new, check_size, check_vectors
from core.errors import BadInput

__all__ = ["HELP", "TITLE", "Settings", "back", "check", "fit", "place", "seconds"]

TITLE = "PCA"
HELP = (
    "The flat cut through the codes that keeps most of their variance: nothing is bent, far is far."
)


class Settings(MapSettings):
    """Nothing is left to choose: the plane of most variance is one."""


def check(settings: Settings, n: int, d: int, dims: int) -> None:
    """``BadInput`` where there are too few vectors, or they are too short for ``dims`` axes."""
    check_size(n, d, dims)
    most = min(n - 1, d)
    if dims > most:
        raise BadInput.of_fields(
            {
                "dims": f"{n:,} points of {d:,} numbers have {most} axes at most: {dims} are too many."
            }
        )


def seconds(settings: Settings, n: int, d: int, dims: int, *, started: bool = False) -> float:
    """An estimate of what ``fit`` takes, warm."""
    return components.seconds(n, d, dims)


def fit(
    vectors: np.ndarray,
    settings: Settings,
    dims: int,
    *,
    start: np.ndarray | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Projection:
    """The plane of most variance. With ``start`` each axis points where that of ``start`` did."""
    check(settings, *vectors.shape, dims)
    check_vectors(vectors)
    if progress:
        progress(0.0, "Finding the axes of most variance")
    found = components.principal(vectors, dims)
    at, axes = found.scores(vectors), found.axes
    if start is not None:
        sides = np.where((at * (start - start.mean(axis=0))).sum(axis=0) < 0, -1.0, 1.0)
        at, axes = at * sides, axes * sides[:, None]
    return Projection(
        at.astype(np.float32),
        state={"mean": found.mean, "axes": axes},
        facts={
            "explained_variance_ratio": [float(share) for share in found.shares],
            "explained_variance": float(found.shares.sum()),
            "exact": found.exact,
        },
    )


def place(
    vectors: np.ndarray, projection: Projection, settings: Settings, new: np.ndarray
) -> np.ndarray:
    """Where the vectors ``new`` (m, d) fall on the plane: (m, dims) float32."""
    check_new(vectors, new)
    state = projection.state
    return components.along(new, state["mean"], state["axes"]).astype(np.float32)


def back(projection: Projection, at: np.ndarray) -> np.ndarray:
    """The vectors (m, d) float32 at the places ``at`` (m, dims) of the plane."""
    mean, axes = projection.state["mean"], projection.state["axes"]
    return (mean + at.astype(np.float64) @ axes).astype(np.float32)

"""The code as it is: two or three numbers need no map, they are one."""

import numpy as np

from core.analysis.maps.base import MapSettings, Progress, Projection, Watch
from core.analysis.maps.sound import check_new, check_size, check_vectors
from core.errors import BadInput

__all__ = ["HELP", "TITLE", "Settings", "back", "check", "fit", "place", "seconds"]

TITLE = "The code as it is"
HELP = "No map at all: the numbers of a 2-D or 3-D code are the places."


class Settings(MapSettings):
    """Nothing to choose."""


def check(settings: Settings, n: int, d: int, dims: int) -> None:
    """``BadInput`` where the vectors have not exactly ``dims`` numbers."""
    check_size(n, d, dims)
    if d != dims:
        numbers = "1 number" if d == 1 else f"{d:,} numbers"
        raise BadInput.of_fields(
            {
                "method": f"Only vectors of {dims} numbers can be shown as they are in {dims}-D; these have {numbers}. "
                "Choose PCA, t-SNE or UMAP."
            }
        )


def seconds(settings: Settings, n: int, d: int, dims: int, *, started: bool = False) -> float:
    """Nothing is computed."""
    return 0.0


def fit(
    vectors: np.ndarray,
    settings: Settings,
    dims: int,
    *,
    start: np.ndarray | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Projection:
    """The vectors themselves, not centred: a place is a code."""
    check(settings, *vectors.shape, dims)
    check_vectors(vectors)
    return Projection(vectors.astype(np.float32))


def place(
    vectors: np.ndarray, projection: Projection, settings: Settings, new: np.ndarray
) -> np.ndarray:
    """``new`` (m, dims) itself."""
    check_new(vectors, new)
    return new.astype(np.float32)


def back(projection: Projection, at: np.ndarray) -> np.ndarray:
    """``at`` (m, dims) itself."""
    return at.astype(np.float32)

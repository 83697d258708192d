"""What no method can map, said before one tries."""

import numpy as np

from core.errors import BadInput

__all__ = ["FEWEST", "check_new", "check_size", "check_vectors"]

FEWEST = 3


def check_size(n: int, d: int, dims: int) -> None:
    """``BadInput`` where ``n`` vectors of ``d`` numbers are too few or too short for any map of ``dims`` dimensions."""
    if n < FEWEST:
        raise BadInput.of_fields({"n": f"A map needs at least {FEWEST} points; there are {n}."})
    if d < 1 or dims not in (2, 3):
        raise BadInput.of_fields({"dims": f"A map has 2 or 3 dimensions, not {dims}."})


def check_vectors(vectors: np.ndarray) -> None:
    """``BadInput`` where ``vectors`` (n, d) are not all finite, or all the same."""
    broken = int((~np.isfinite(vectors)).any(axis=1).sum())
    if broken:
        raise BadInput(
            f"The codes of this run are not numbers any more ({broken:,} of {len(vectors):,} are infinite "
            "or undefined): its training has diverged. Choose an earlier snapshot or another run."
        )
    if (vectors == vectors[0]).all():
        raise BadInput(
            f"All {len(vectors):,} points are the same: there is nothing to map. "
            "The code has collapsed; choose another snapshot, run or layer."
        )


def check_new(vectors: np.ndarray, new: np.ndarray) -> int:
    """How many ``new`` (m, d) go into a map of ``vectors`` (n, d). ``BadInput`` where they do not belong there."""
    if new.ndim != 2 or new.shape[1] != vectors.shape[1]:
        numbers = " × ".join(map(str, new.shape[1:]))
        raise BadInput(
            f"This is a map of vectors of {vectors.shape[1]:,} numbers; the new ones have {numbers}."
        )
    if not np.isfinite(new).all():
        raise BadInput("The new points are not numbers: they cannot be placed.")
    return len(new)

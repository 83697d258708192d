"""Two maps of the same points laid over each other: what a map means does not depend on how it is turned.

The similarity that takes one to the other with the least squared distance: rotation or reflection, one scale and a
shift (orthogonal Procrustes: Schönemann 1966, "A generalized solution of the orthogonal Procrustes problem",
Psychometrika 31; with scale: Gower 1975).
"""

import numpy as np

__all__ = ["aligned"]


def aligned(
    at: np.ndarray,
    to: np.ndarray,
    rows: np.ndarray | None = None,
    to_rows: np.ndarray | None = None,
) -> np.ndarray:
    """``at`` (n, k), or frames (f, n, k) of it, moved as near to ``to`` (m, k) as a similarity can; float32.

    Row ``rows[i]`` of ``at`` and row ``to_rows[i]`` of ``to`` are the same point; without them, rows are the same in
    order. Each frame is moved by itself. Where no two common points lie apart, only the shift is made.
    Raises ``ValueError`` where the shapes do not fit or there is no common row.
    """
    if at.ndim == 3:
        return np.stack([aligned(frame, to, rows, to_rows) for frame in at])
    ours = (at if rows is None else at[rows]).astype(np.float64)
    theirs = (to if to_rows is None else to[to_rows]).astype(np.float64)
    if ours.shape != theirs.shape or not len(ours):
        raise ValueError(f"{ours.shape} and {theirs.shape} are no common points of two maps.")
    middle, goal = ours.mean(axis=0), theirs.mean(axis=0)
    left, stretch, right = np.linalg.svd((ours - middle).T @ (theirs - goal))
    spread = np.square(ours - middle).sum()
    turn = (left @ right) * (stretch.sum() / spread) if stretch.sum() > 0 else np.eye(at.shape[1])
    return ((at.astype(np.float64) - middle) @ turn + goal).astype(np.float32)

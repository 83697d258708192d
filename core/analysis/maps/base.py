"""The contract of a map of vectors, kept by every method of this folder.

A method is one file with a ``TITLE``, a ``HELP`` of one sentence, its ``Settings`` and

* ``check(settings, n, d, dims)``: ``BadInput``, naming the fields, where ``n`` vectors of ``d`` numbers are no map;
* ``seconds(settings, n, d, dims, *, started=False)``: an estimate of what ``fit`` takes on an ordinary core that is not
  shared, once all libraries are loaded and compiled; ``started`` for one that goes on from an earlier map;
* ``fit(vectors, settings, dims, *, start=None, progress=None, watch=None)``: the ``Projection`` of ``vectors``
  (n, d) float32. ``start`` (n, dims) is an earlier map of the same rows, from which this one goes on;
* ``place(vectors, projection, settings, new)``: where ``new`` (m, d) lie in that map, (m, dims) float32, the map held
  still: only where the method allows;
* ``back(projection, at)``: the vectors (m, d) float32 at the places ``at`` (m, dims): only where there are such.

The same vectors, settings and start give the same map to the bit on one machine.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "CONTINUED",
    "FRAMES",
    "Film",
    "MapSettings",
    "Progress",
    "Projection",
    "SeededSettings",
    "Watch",
    "part",
]

FRAMES = 60  # states kept of a map that moves: two seconds of film

# The share of the iterations that a map takes which goes on from an earlier one. Over the snapshots of a training, half
# of t-SNE's were as trustworthy as all of them from a fresh start (0.976 against 0.977).
CONTINUED = 0.5

# Called with the share done, from 0 to 1, and what is being done ("Iteration 40 of 350").
Progress = Callable[[float, str], None]

# Called with the iteration and the map as it is then, (n, dims) float32, not to be changed.
Watch = Callable[[int, np.ndarray], None]


class MapSettings(BaseModel):
    """The settings of a method: every field has a default, a range and one sentence of help."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SeededSettings(MapSettings):
    """The same for a method that draws at random."""

    seed: int = Field(
        0,
        ge=0,
        lt=2**31,
        description="Decides all chance: same seed, same map; other seeds show what of it is chance.",
    )


@dataclass(frozen=True, eq=False)
class Projection:
    """A map: ``at`` (n, dims) float32, centred on its mean except where places are numbers of the vectors themselves.

    ``frames`` (k, n, dims) float16 are the states it went through, from the initialisation to ``at``, and ``steps``
    (k,) int32 the iterations done by then; both None for a method that has no way there. ``state`` is what ``place``
    and ``back`` need besides the vectors. ``facts`` are plain JSON, for people to read.
    """

    at: np.ndarray
    frames: np.ndarray | None = None
    steps: np.ndarray | None = None
    state: dict[str, np.ndarray] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


class Film:
    """The states of a map on its way, at most ``FRAMES`` of them evenly over ``total`` iterations."""

    def __init__(self, total: int, watch: Watch | None = None):
        self.total, self.watch = total, watch
        self.stride = max(1, -(-total // (FRAMES - 2)))  # besides the first state and the last
        self.steps: list[int] = []
        self.frames: list[np.ndarray] = []
        self.last: np.ndarray | None = None

    def add(self, step: int, at: np.ndarray) -> None:
        """Keep the state ``at`` (n, dims) after ``step`` iterations, and show it."""
        self.last = at = np.array(at, np.float32)
        self.steps.append(step)
        self.frames.append(at.astype(np.float16))
        if self.watch:
            self.watch(step, at)

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """The ``frames`` and ``steps`` of a ``Projection``."""
        return np.stack(self.frames), np.array(self.steps, np.int32)


def part(progress: Progress | None, begin: float, end: float) -> Progress:
    """``progress`` for a piece of the work that reaches from ``begin`` to ``end`` of it; mute for None."""

    def report(share: float, text: str) -> None:
        if progress:
            progress(begin + (end - begin) * share, text)

    return report

"""The trainer's account of its numbers: losses averaged over short stretches of steps, and the watch over them."""

import math
from itertools import islice
from typing import NamedTuple

import torch
from torch import Tensor

TOGETHER = 100  # steps whose tensors are read at once; kept for longer they would fill the caches
EXPLODED = 1e6  # times the first loss (or 1): no schedule or clipping brings a run back from there


class Scalar(NamedTuple):
    """One logged number. ``train/…`` are means over the steps since the last one of that name."""

    step: int
    name: str
    value: float


class Log:
    """Collects tensors without waiting for them, and turns a stretch of steps into one scalar a name."""

    def __init__(self) -> None:
        self.fresh: dict[str, list[Tensor]] = {}
        self.values: dict[str, list[float]] = {}  # of the stretch so far, but for the fresh ones
        self.steps: list[int] = []  # of the stretch so far, one entry an update
        self.first_loss: float | None = None
        self.scalars: list[Scalar] = []

    def add(self, name: str, value: Tensor) -> None:
        """One value of the present step."""
        self.fresh.setdefault(name, []).append(value)

    def end_step(self, step: int) -> None:
        """What comes next belongs to another step."""
        self.steps.append(step)
        if len(self.steps) % TOGETHER == 0:
            self.read()

    def read(self) -> None:
        """Wait for the fresh values."""
        together = [value for values in self.fresh.values() for value in values]
        known = iter(torch.stack(together).tolist() if together else [])
        for name, values in self.fresh.items():
            self.values.setdefault(name, []).extend(islice(known, len(values)))
        self.fresh = {}

    def note(self, step: int, values: dict[str, float]) -> None:
        """Numbers that are scalars already."""
        self.scalars += [Scalar(step, name, value) for name, value in values.items()]

    def close(self, step: int) -> tuple[str, int] | None:
        """End the stretch at ``step``: log its means. Says how a loss broke in it, and at which step, if one did."""
        self.read()
        broken = None
        for name, numbers in sorted(self.values.items()):  # files forget in which order they came
            self.scalars.append(Scalar(step, name, sum(numbers) / len(numbers)))
            if name.endswith("/loss") and broken is None:
                broken = self._broken(numbers)
        self.values, self.steps = {}, []
        return broken

    def _broken(self, losses: list[float]) -> tuple[str, int] | None:
        if self.first_loss is None:
            self.first_loss = abs(losses[0])
        limit = EXPLODED * max(1.0, self.first_loss)
        for i, loss in enumerate(losses):
            if not abs(loss) <= limit:
                what = "grew beyond all bounds" if math.isfinite(loss) else f"became {loss}"
                return what, self.steps[i * len(self.steps) // len(losses)]
        return None

    def drain(self) -> list[Scalar]:
        """The scalars since the last call."""
        scalars, self.scalars = self.scalars, []
        return scalars

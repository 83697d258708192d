"""The film of a run on points: samples of one fixed noise every 25 steps, the modes they cover, and alarms."""

import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from core import arrays
from core.errors import DamagedFile
from core.training.alarms import Watch
from core.training.looks import Looks

FILM_SHARE = 0.03  # of the training time
FILM_EVERY = 25  # steps
FILM_FRAMES = 800
FILM_WRITE_SECONDS = 2.0


class Film:
    """When it is full, every second frame of its older half goes; what it says of modes stays.

    The file holds ``steps`` (n,) int64, ``samples`` (n, 512, d) float16, in the plane of a model with a judge
    ``surface`` (n, 16, 16) uint8 over the box of ``core.training.looks_2d.Plane`` and, where the data have modes,
    ``modes`` (n, k) int16, the samples at each, and ``covered`` (m, 2) int64, of every frame ever taken its step
    and how many modes had a sample. Its meta names the ``alarms`` of ``core.training.alarms``, [step, recovered or
    None] each.
    """

    def __init__(self, path: Path, looks: Looks):
        self.path, self.looks = path, looks
        self.frames: list[tuple[int, dict[str, np.ndarray]]] = []
        self.covered: list[tuple[int, int]] = []
        self.watch = Watch()
        self.next = 0
        self.spent = 0.0
        self.written = time.perf_counter()

    def begin(self, step: int) -> None:
        """Take up the film where earlier workers left it."""
        with suppress(DamagedFile):
            values, _ = arrays.read(self.path)
            steps = values.pop("steps")
            for at, modes in values.pop("covered", np.zeros((0, 2), int)).tolist():
                self._count(at, modes)
            self.frames = [
                (int(at), {name: a[i] for name, a in values.items()}) for i, at in enumerate(steps)
            ]
        # A frame that was thinned out stays so, or its modes would count twice.
        filmed = any(at == step for at, _ in (*self.frames, *self.covered))
        self.next = (step // FILM_EVERY + 1) * FILM_EVERY if filmed or step % FILM_EVERY else step

    def take(self, step: int, seconds: float) -> None:
        """One frame, unless the film has taken more than its share of the ``seconds`` trained so far."""
        self.next = (step // FILM_EVERY + 1) * FILM_EVERY
        begin = time.perf_counter()
        if self.frames and self.spent > FILM_SHARE * max(seconds, 1.0):
            return
        frame, last = self.looks.frame_of_film(), self.watch.alarms[-1:]
        self.frames.append((step, frame))
        if "modes" in frame:
            self._count(step, np.count_nonzero(frame["modes"]))
        if len(self.frames) >= FILM_FRAMES:
            half = len(self.frames) // 2
            self.frames = self.frames[:half:2] + self.frames[half:]
        # An alarm is told at once, and so is its end.
        if begin - self.written > FILM_WRITE_SECONDS or self.watch.alarms[-1:] != last:
            self.write()
        self.spent += time.perf_counter() - begin

    def write(self) -> None:
        """Put the film on disk."""
        if not self.frames:
            return
        values = {
            name: np.stack([frame[name] for _, frame in self.frames]) for name in self.frames[0][1]
        }
        values["steps"] = np.array([at for at, _ in self.frames], np.int64)
        if self.covered:
            values["covered"] = np.array(self.covered, np.int64)
        arrays.write(self.path, values, {"every": FILM_EVERY, "alarms": self.watch.alarms})
        self.written = time.perf_counter()

    def _count(self, step: int, modes: int) -> None:
        self.covered.append((step, modes))
        self.watch.hear(step, modes)

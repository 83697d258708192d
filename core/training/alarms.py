"""When a generator loses modes that it had, and when it has found them again."""

from typing import NamedTuple

import numpy as np

LEAST = 2  # modes lost below the best so far …
SHARE = 0.25  # … or this share of them, whichever is more
FRAMES = 2  # of the film in a row: a mode may miss one frame by chance


class Alarm(NamedTuple):
    """``step`` at which the modes were first seen gone, ``recovered`` at which they were first seen back, or None."""

    step: int
    recovered: int | None = None


class Watch:
    """Hears how many modes are covered, frame by frame of a film, and keeps the ``alarms``.

    Modes count as lost while their number lies at least max(2, a quarter of the best so far) below the best so far.
    An alarm begins, and ends, with the first of two frames in a row that say so.
    """

    def __init__(self) -> None:
        self.alarms: list[Alarm] = []
        self.best = 0
        self.lost = False
        self.doubts: list[int] = []  # the steps of frames in a row that speak against ``lost``

    def hear(self, step: int, covered: int) -> None:
        """``covered`` modes at ``step``, later than all before."""
        self.best = max(self.best, covered)
        lost = self.best - covered >= max(LEAST, SHARE * self.best)
        self.doubts = [*self.doubts, step] if lost != self.lost else []
        if len(self.doubts) < FRAMES:
            return
        if lost:
            self.alarms.append(Alarm(self.doubts[0]))
        else:
            self.alarms[-1] = Alarm(self.alarms[-1].step, self.doubts[0])
        self.lost, self.doubts = lost, []


def alarms_of(covered: np.ndarray) -> list[Alarm]:
    """The alarms of a whole film: rows (n, 2) of a step and the modes covered then, in the order of steps."""
    watch = Watch()
    for step, modes in covered.tolist():
        watch.hear(step, modes)
    return watch.alarms

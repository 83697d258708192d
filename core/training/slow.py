"""Slow motion: the events of every turn within a step, shown one after another, while a run trains as it would anyway.

Nothing here waits by itself: whoever trains asks ``waits`` and comes back later, so that commands are heard and the
other runs of a group go on.
"""

import time
from collections import deque
from typing import Any

from core.errors import BadInput
from core.runs.history import Command, stages_told
from core.training.recorder import Recorder
from core.training.trainer import Trainer

SECONDS = 0.8  # that each event is shown
RANGE = (0.05, 10.0)


class SlowMotion:
    """Walks through the turns of a trainer whose ``slow`` is set, with a live frame at each event.

    It begins as an earlier worker was last told by ``commands``. ``inside`` says that the trainer stands between two
    turns of a step: nothing may be saved or changed there.
    """

    def __init__(self, trainer: Trainer, recorder: Recorder, commands: list[Command]):
        self.trainer, self.recorder = trainer, recorder
        self.seconds = SECONDS
        self.inside = self.hurried = False
        self.left: deque[dict[str, Any]] = deque()  # what is to be shown before training goes on
        self.until = 0.0  # when the event that is shown has been seen
        if told := stages_told([c for c in commands if c.step is not None]):
            self.set(told.get("on", True), told.get("seconds", SECONDS))

    def set(self, on: bool, seconds: float) -> None:
        """Begin or end, with so many seconds for each event. Raises ``BadInput`` for others than 0.05 to 10."""
        low, high = RANGE
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise BadInput.of_fields({"seconds": "A number of seconds for each event."})
        if not low <= seconds <= high:
            raise BadInput.of_fields({"seconds": f"Between {low:g} and {high:g} for each event."})
        self.trainer.slow, self.seconds = bool(on), float(seconds)

    def reach(self) -> None:
        """Take up what is to be seen of the trainer's present turn: all before its update, or the update."""
        self.inside = True
        if self.hurried or not self.trainer.slow:
            return
        turn = self.trainer.turn
        events = list(self.trainer.phases[turn.phase].events) or ["update"]
        last = len(events) - 1
        self.left.extend(
            {
                "phase": turn.phase,
                "event": event,
                "repeat": turn.repeat,
                "repeats": turn.repeats,
                "number": number,
                "events": events,
                "seconds": self.seconds,
            }
            for number, event in enumerate(events)
            if (number == last) == turn.over
        )

    def waits(self, now: float, trained: float) -> bool:
        """Whether there is still something to be seen here; shows what is next if its time has come."""
        if self.left and now >= self.until:
            self.recorder.stage_frame(self.left.popleft(), trained)
            self.until = time.perf_counter() + self.seconds
        return self.waiting(now)

    def waiting(self, now: float) -> bool:
        """Whether what is shown, or comes next, needs more time."""
        return self.inside and (bool(self.left) or now < self.until)

    def hurry(self) -> None:
        """Show nothing more of this step, so that it is soon over."""
        self.hurried = True
        self.left.clear()
        self.until = 0.0

    def leave(self) -> None:
        """The step, or the turn that was asked for by itself, is over."""
        self.inside = self.hurried = False
        self.left.clear()

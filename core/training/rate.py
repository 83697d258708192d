"""How fast a run trains of late."""

from collections import deque

SECONDS = 2.0  # the stretch of training over which "of late" is measured


class Rate:
    """Steps per second of training, from the moments that it is told of."""

    def __init__(self, seconds: float, step: int):
        self.marks = deque([(seconds, step)])

    def at(self, seconds: float, step: int) -> float:
        """The rate over the last two seconds of a run that has now trained ``seconds`` and stands at ``step``."""
        if self.marks[-1] != (seconds, step):  # it may stand still for long
            self.marks.append((seconds, step))
        while len(self.marks) > 2 and seconds - self.marks[1][0] > SECONDS:
            self.marks.popleft()
        (before, first), (after, last) = self.marks[0], self.marks[-1]
        return (last - first) / (after - before) if after > before else 0.0

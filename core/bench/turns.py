"""Fair timing: contestants take turns, so that what slows the machine down slows all of them alike."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Contestant", "Tally", "in_turns", "median_ratio"]

# Trains for about the given seconds; returns the examples seen and whether it wants to go on.
Contestant = Callable[[float], tuple[int, bool]]


@dataclass
class Tally:
    """How many examples a contestant saw in how many seconds of its own turns."""

    examples: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Examples per second."""
        return self.examples / self.seconds if self.seconds else 0.0


def in_turns(contestants: dict[str, Contestant], seconds: float, turn: float) -> dict[str, Tally]:
    """Turns of ``turn`` seconds for each until it has had ``seconds`` and does not want to go on."""
    tallies = {name: Tally() for name in contestants}
    racing = dict(contestants)
    while racing:
        for name, train in list(racing.items()):
            tally = tallies[name]
            began = time.perf_counter()
            seen, eager = train(turn)
            tally.seconds += time.perf_counter() - began
            tally.examples += seen
            if not eager and (tally.seconds >= seconds or not seen):
                del racing[name]
    return tallies


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median ratio of figures that were measured beside each other."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))

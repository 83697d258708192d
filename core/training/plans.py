"""When to keep what: steps spread evenly on a logarithmic scale, and allowances of time and space."""

import math


def log_steps(total: int, count: int) -> list[int]:
    """At most ``count`` rising steps from 1 to ``total``, evenly spread on a logarithmic scale."""
    if total < 1:
        return []
    if count == 1:
        return [total]
    spread = {round(total ** (i / (count - 1))) for i in range(count)}
    return sorted(spread)


def halvings(total: int, count: int) -> list[int]:
    """``total``, its half, its quarter … down to 1: at most ``count`` rising steps."""
    return sorted({math.ceil(total / 2**i) for i in range(count)})


def least_missed(steps: list[int]) -> int:
    """Which of these rising steps (never the first or last) leaves the smallest hole on a logarithmic scale."""
    holes = {
        steps[i]: math.log((steps[i + 1] + 1) / (steps[i - 1] + 1))
        for i in range(1, len(steps) - 1)
    }
    return min(holes, key=holes.get) if holes else steps[0]


class Plan:
    """Steps at which something is due, thinned so that it never takes more than its share of time and space.

    ``allows`` grants the i-th of n steps at most i/n of the allowance: what is skipped is spread over the whole run.
    """

    def __init__(self, steps: list[int], share: float, megabytes: float = math.inf):
        self.steps, self.share, self.bytes = steps, share, megabytes * 2**20
        self.passed = 0
        self.spent_seconds = self.spent_bytes = 0.0
        self.last_seconds = self.last_bytes = 0.0

    def start_after(self, step: int) -> None:
        """Leave out the steps up to ``step``."""
        self.passed = sum(s <= step for s in self.steps)

    @property
    def next(self) -> float:
        """The next step that is due; infinite after the last."""
        return self.steps[self.passed] if self.passed < len(self.steps) else math.inf

    def allows(self, step: int, projected_seconds: float) -> bool:
        """Whether something due at ``step`` may be done in a run that will train for so many seconds."""
        due = self.next <= step
        while self.next <= step:
            self.passed += 1
        part = self.passed / max(len(self.steps), 1)
        seconds = self.spent_seconds + self.last_seconds
        room = self.spent_bytes + self.last_bytes <= self.bytes * part
        return due and room and seconds <= self.share * projected_seconds * part

    def spend(self, seconds: float, size: int) -> None:
        """Note what one took."""
        self.last_seconds, self.last_bytes = seconds, size
        self.spent_seconds += seconds
        self.spent_bytes += size

"""What runs have logged, to take along: a table of their curves. Bytes out, nothing is written."""

import csv as comma_separated
import io
import math
from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["csv"]

Scalars = Mapping[str, tuple[np.ndarray, np.ndarray]]


def csv(runs: Sequence[tuple[str, Scalars]]) -> bytes:
    """UTF-8 with a header line: the run's name (of several runs only), the step, then a column for each name logged.

    ``runs`` has of each run its name, and by name the steps (n,) and values (n,) of what it logged. Every step at which
    a run has logged anything is a row; what it did not log there, or what is no number, is empty.
    """
    names = sorted({name for _, found in runs for name in found})
    several = len(runs) > 1
    text = io.StringIO(newline="")
    writer = comma_separated.writer(text)
    writer.writerow([*(["run"] if several else []), "step", *names])
    for run, found in runs:
        rows: dict[int, dict[str, float]] = {}
        for name, (steps, values) in found.items():
            for step, value in zip(steps.tolist(), values.tolist(), strict=True):
                rows.setdefault(step, {})[name] = value
        for step, row in sorted(rows.items()):
            cells = [row.get(name, math.nan) for name in names]
            written = ["" if not math.isfinite(cell) else repr(cell) for cell in cells]
            writer.writerow([*([run] if several else []), step, *written])
    return text.getvalue().encode()

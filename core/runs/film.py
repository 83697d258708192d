"""What the store does with films (``core.training.film`` makes them): cut them, send a part, read their alarms."""

from pathlib import Path

import numpy as np

from core import arrays
from core.errors import DamagedFile
from core.training.alarms import Alarm, alarms_of

Film = tuple[dict[str, np.ndarray], dict]  # arrays and meta, as a file holds them


def film_until(film: Film, step: int) -> Film:
    """The film as it was after ``step`` steps, its alarms too."""
    values, meta = film
    covered = values.get("covered", np.zeros((0, 2), np.int64))
    covered = covered[covered[:, 0] <= step]
    kept = _frames(values, values["steps"] <= step)
    if "covered" in values:
        kept["covered"] = covered
    return kept, {**meta, "alarms": alarms_of(covered)}


def film_after(film: Film, step: int) -> Film:
    """Only the frames later than ``step``; what it says of modes stays whole."""
    values, meta = film
    kept = _frames(values, values["steps"] > step)
    return {**values, **kept}, meta


def film_alarms(path: Path) -> list[Alarm]:
    """The alarms that a film's file names; none where there is no film. Reads no more than its header."""
    try:
        return [Alarm(*one) for one in arrays.read_meta(path).get("alarms", [])]
    except DamagedFile:
        return []


def _frames(values: dict[str, np.ndarray], which: np.ndarray) -> dict[str, np.ndarray]:
    return {name: a[which] for name, a in values.items() if name != "covered"}

"""How long a map will take: the methods' own estimates, corrected by what earlier maps took on this machine."""

import json
import math
from contextlib import suppress
from pathlib import Path

from core import arrays
from core.analysis.trust import EXACT, QUERIES
from core.errors import StorageFull
from core.runs import Store

__all__ = ["factor", "learn", "measuring_seconds"]

LEAST = 0.2  # seconds: shorter ones say nothing of a machine's speed
WEIGHT = 0.5  # of the latest map against all before
SLOWEST = 30.0  # a factor beyond this, or below its inverse, is a mishap
MEASURING = "trust"


def factor(name: str) -> float:
    """How many times longer than estimated ``name`` (a method, or "trust") takes here; 1 where nothing is known."""
    value = _read().get(name, 1.0)
    return value if isinstance(value, int | float) and 1 / SLOWEST <= value <= SLOWEST else 1.0


def learn(name: str, estimated: float, taken: float) -> None:
    """Remember that ``name`` took ``taken`` seconds where its uncorrected estimate was ``estimated``."""
    if min(estimated, taken) < LEAST:
        return
    known = _read()
    latest = math.log(min(max(taken / estimated, 1 / SLOWEST), SLOWEST))
    before = math.log(factor(name)) if name in known else latest
    known[name] = math.exp(WEIGHT * latest + (1 - WEIGHT) * before)
    with suppress(StorageFull):  # the next estimate is as good as this one was
        arrays.write_bytes(_path(), json.dumps(known).encode())


def measuring_seconds(n: int, d: int) -> float:
    """An estimate of what ``core.analysis.trust.trust`` takes for ``n`` vectors of ``d`` numbers."""
    queries = n if n <= EXACT else QUERIES
    return queries * n * (8e-8 + 4e-10 * d)


def _path() -> Path:
    return Store().maps.folder / "speed.json"


def _read() -> dict[str, float]:
    with suppress(OSError, ValueError):
        known = json.loads(_path().read_text(encoding="utf-8"))
        if isinstance(known, dict):
            return known
    return {}

"""How fast runs of other processes train, seen from outside through the run store."""

import time
from collections.abc import Sequence

from core.errors import ExplorerError
from core.runs import Run, Store

__all__ = ["rates", "wait_for"]

PATIENCE = 60.0
LOOK_SECONDS = 0.005


def rates(store: Store, ids: Sequence[str], seconds: float) -> list[float]:
    """Examples per second of wall time of each run over the next ``seconds``, everything it does included.

    A worker writes its step a few times a second; both ends of the stretch are moments at which it has just done so.
    """
    begun = [_next_step(store, id) for id in ids]
    time.sleep(seconds)
    ended = [_next_step(store, id) for id in ids]
    return [
        (last - first) * store.get(id).spec.training.batch_size / (after - before)
        for id, (before, first), (after, last) in zip(ids, begun, ended, strict=True)
    ]


def wait_for(store: Store, id: str, *states: str) -> Run:
    """The run once it is in one of these states. Raises ``ExplorerError`` if it does not get there."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        run = store.get(id)
        if run.state in states:
            return run
        time.sleep(LOOK_SECONDS)
    raise ExplorerError(f"A training of the bench is {run.state} where it should be {states[0]}.")


def _next_step(store: Store, id: str) -> tuple[float, int]:
    """The moment at which the run's step next changes in the store, and the step."""
    end = time.monotonic() + PATIENCE
    before = _steps(store, id)
    while time.monotonic() < end:
        now = _steps(store, id)
        if now != before:
            return time.perf_counter(), now
        time.sleep(LOOK_SECONDS)
    raise ExplorerError("A training of the bench stands still.")


def _steps(store: Store, id: str) -> int:
    return store.database.read("SELECT steps FROM runs WHERE id = ?", (id,))[0][0]

"""Who is next: a fair queue, round-robin over owners, in which a group of runs is one unit."""

import time

from core.runs import Store


def order(store: Store) -> list[list[str]]:
    """The units that wait, in the order in which they will start; each is the ids of a run or of a group.

    The next turn is the owner's whose last turn is longest ago; among their units the oldest goes first.
    """
    rows = store.database.read(
        "SELECT id, owner, \"group\", queued FROM runs WHERE state = 'queued' AND deleted = 0 "
        "ORDER BY queued, number"
    )
    units: dict[tuple[str, str], list[str]] = {}
    arrived: dict[tuple[str, str], float] = {}
    for id, owner, group, queued in rows:
        units.setdefault((owner, group or id), []).append(id)
        arrived.setdefault((owner, group or id), queued)
    waiting: dict[str, list[tuple[str, str]]] = {}
    for key in units:
        waiting.setdefault(key[0], []).append(key)
    marks = ", ".join("?" * len(waiting))
    turns = dict(
        store.database.read(
            f"SELECT owner, MAX(claimed) FROM runs WHERE owner IN ({marks}) GROUP BY owner",
            tuple(waiting),
        )
    )
    served = {owner: (turns.get(owner) or 0.0, 0) for owner in waiting}
    found = []
    while waiting:
        owner = min(waiting, key=lambda name: (served[name], arrived[waiting[name][0]]))
        found.append(units[waiting[owner].pop(0)])
        served[owner] = (float("inf"), len(found))
        if not waiting[owner]:
            del waiting[owner]
    return found


def place(store: Store, id: str) -> int | None:
    """The place of a run in the queue, 1 = next; None if it does not wait."""
    for number, unit in enumerate(order(store), start=1):
        if id in unit:
            return number
    return None


def wake_paused(store: Store) -> None:
    """Queue the parked runs that were told to go on, and end those told to stop: no worker is there to hear it."""
    rows = store.database.read(
        "SELECT runs.id, MAX(commands.name = 'stop') FROM commands JOIN runs ON runs.id = commands.run "
        "WHERE commands.step IS NULL AND runs.state = 'paused' "
        "AND commands.name IN ('resume', 'step', 'phase', 'snapshot', 'stop') GROUP BY runs.id"
    )
    for id, stop in rows:
        if not store.hold(id):
            continue
        if stop:
            store.forget_controls(id)
        moment = "ended" if stop else "queued"
        store.transition(id, "stopped" if stop else "queued", ("paused",), **{moment: time.time()})
        store.release(id)

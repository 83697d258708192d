"""The queue: owners take turns, a group is one unit, and everybody sees their place."""

from core.runs import LOCAL, Store
from core.training import queue
from core.training.config import RunSpec
from core.training.jobs import Service

SPEC = RunSpec(model="vae", dataset="digits")


def test_owners_take_turns(store):
    ids = {name: store.create(SPEC, name[0]).id for name in ("a1", "a2", "a3", "b1", "b2", "c1")}
    names = {id: name for name, id in ids.items()}
    order = [names[unit[0]] for unit in queue.order(store)]
    assert order == ["a1", "b1", "c1", "a2", "b2", "a3"]
    assert [queue.place(store, ids[name]) for name in ("a1", "c1", "a3")] == [1, 3, 6]


def test_who_was_served_last_waits_longest(store):
    for owner, at in (("anna", 200.0), ("ben", 100.0)):
        store.transition(store.create(SPEC, owner).id, "done", claimed=at)
    first = {owner: store.create(SPEC, owner).id for owner in ("anna", "ben", "new")}
    assert queue.order(store) == [[first["new"]], [first["ben"]], [first["anna"]]]


def test_a_group_is_one_unit(store):
    group = [store.create(SPEC, "anna", group="g").id for _ in range(3)]
    alone = store.create(SPEC, "anna").id
    assert queue.order(store) == [group, [alone]]
    assert queue.place(store, group[2]) == 1
    assert queue.place(store, alone) == 2


def test_a_worker_finds_a_group_whole_or_not_at_all(home, monkeypatch):
    """The supervisor looks at any moment: never may it take some members and leave the rest to another worker."""
    service, other = Service(home), Store(home)
    monkeypatch.setattr(service, "_wake", lambda: None)
    seen: list[list[list[str]]] = []

    def spied(change):
        def changed(*values, **more):
            result = change(*values, **more)
            seen.append(queue.order(other))
            return result

        return changed

    monkeypatch.setattr(service.store, "create", spied(service.store.create))
    monkeypatch.setattr(service.store, "transition", spied(service.store.transition))
    ids = service.submit([SPEC] * 3, "anna", group=True)
    assert (seen, queue.order(other)) == ([[]] * 3, [ids])
    assert service.command_all(dict.fromkeys(ids, "anna"), "stop") == []
    assert {other.get(id).state for id in ids} == {"stopped"}
    seen.clear()
    refused = service.command_all({ids[0]: "anna", ids[1]: "ben", ids[2]: "anna"}, "resume")
    assert [str(one) for one in refused] == [
        "This run belongs to somebody else; fork it to go on from it."
    ]
    assert (seen, queue.order(other)) == ([[]] * 2, [[ids[0], ids[2]]])


def test_what_is_deleted_or_runs_does_not_wait(store):
    gone, running = store.create(SPEC, LOCAL).id, store.create(SPEC, LOCAL, state="running").id
    store.delete(gone)
    assert queue.order(store) == []
    assert queue.place(store, gone) is queue.place(store, running) is None


def test_parked_runs_wake_or_end_as_they_are_told(store):
    ids = [store.create(SPEC, LOCAL).id for _ in range(3)]
    for id in ids:
        store.update(id, state="paused", ended=1.0)
    store.command(ids[0], "resume")
    store.command(ids[1], "stop")
    store.command(ids[2], "set", {"name": "learning_rate", "value": 1.0})
    queue.wake_paused(store)
    assert [store.get(id).state for id in ids] == ["queued", "stopped", "paused"]
    assert not store.pending(ids[1])
    assert store.pending(ids[2])

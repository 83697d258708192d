"""The run store: nothing is lost, and nothing is mixed up."""

import json
import math
import os
import time

import numpy as np
import pytest

from core import arrays
from core.errors import DamagedFile, NoSuchRun, NotAllowed
from core.runs import LOCAL, Store
from core.training.config import RunSpec

SPEC = RunSpec(model="vae", dataset="digits", config={"latent_dim": 2})


def test_a_run_comes_back_as_it_was_created(store):
    run = store.create(SPEC, "anna", title="First", group="g")
    assert store.get(run.id) == run
    assert store.get(run.id).spec == SPEC
    assert (run.model, run.dataset, run.owner, run.state) == ("vae", "digits", "anna", "queued")


def test_the_store_outlives_its_process(store):
    run = store.create(SPEC, LOCAL)
    store.add_scalars(run.id, [(1, "train/loss", 2.0)])
    again = Store(store.home)
    assert again.get(run.id) == run
    assert again.scalars(run.id)["train/loss"][1].tolist() == [2.0]


def test_ids_cannot_be_guessed_but_the_command_line_may_abbreviate(store):
    run = store.create(SPEC, LOCAL)
    assert len(run.id) == 20
    with pytest.raises(NoSuchRun):
        store.get(run.id[:10])
    assert store.find(run.id[:10]) == run
    for _ in range(40):
        store.create(SPEC, LOCAL)
    digit = next(d for d in "0123456789abcdef" if sum(r.id[0] == d for r in store.runs()) > 1)
    with pytest.raises(NoSuchRun, match="Several"):
        store.find(digit)


@pytest.mark.parametrize(
    "rubbish", ["", "../../etc/passwd", "%", "a b", "x" * 500, "\u202e", "'; --"]
)
def test_rubbish_for_an_id_is_no_run(store, rubbish):
    for ask in (store.get, store.find, store.files):
        with pytest.raises(NoSuchRun):
            ask(rubbish)


def test_the_spec_and_the_owner_never_change(store):
    run = store.create(SPEC, LOCAL)
    for field in ("owner", "spec_json", "parent", "model", "created"):
        with pytest.raises(ValueError, match="never change"):
            store.update(run.id, **{field: "x"})
    store.update(run.id, title="New", tags=["a", "b"], metrics={"m": 1.0})
    changed = store.get(run.id)
    assert (changed.title, changed.tags, changed.metrics) == ("New", ["a", "b"], {"m": 1.0})


def test_scalars_are_keyed_by_run_step_and_name(store):
    one, other = store.create(SPEC, LOCAL), store.create(SPEC, LOCAL)
    store.add_scalars(
        one.id, [(1, "a", 1.0), (2, "a", 2.0), (2, "b", math.nan), (3, "b", math.inf)]
    )
    store.add_scalars(one.id, [(2, "a", 5.0)])
    found = store.scalars(one.id)
    assert found["a"][0].tolist() == [1, 2]
    assert found["a"][1].tolist() == [1.0, 5.0]
    assert np.array_equal(found["b"][1], [math.nan, math.inf], equal_nan=True)
    assert list(store.scalars(one.id, after=2)) == ["b"]
    assert store.scalars(other.id) == {}


def test_transitions_happen_only_from_the_states_named(store):
    run = store.create(SPEC, LOCAL)
    assert not store.transition(run.id, "done", ("running",))
    assert store.get(run.id).state == "queued"
    assert store.transition(run.id, "stopped", ("queued",), message="Enough.")
    assert store.get(run.id).message == "Enough."
    with pytest.raises(NoSuchRun):
        store.transition("0" * 20, "done")


def test_commands_are_kept_with_the_step_they_acted_at(store):
    run = store.create(SPEC, LOCAL)
    first = store.command(run.id, "set", {"name": "learning_rate", "value": 0.1})
    store.command(run.id, "pause")
    store.mark_applied(first, 7, {"name": "learning_rate", "value": 0.1, "old": 0.2})
    assert [c.name for c in store.pending(run.id)] == ["pause"]
    applied = store.commands(run.id)[0]
    assert (applied.step, applied.payload["old"]) == (7, 0.2)
    store.forget_controls(run.id)
    assert not store.pending(run.id)


def test_lists_hold_ones_own_and_those_opened_by_link_newest_first(store):
    mine = [store.create(SPEC, "anna").id for _ in range(3)]
    theirs = store.create(SPEC, "ben").id
    assert [run.id for run in store.runs("anna", shipped=False)] == mine[::-1]
    store.open_link("anna", theirs)
    store.open_link("anna", mine[0])
    assert [run.id for run in store.runs("anna", shipped=False)] == [theirs, *mine[::-1]]
    assert len(store.runs(shipped=False)) == 4


def test_a_list_asks_no_file_of_an_ended_run(store, monkeypatch):
    for _ in range(50):
        store.create(SPEC, "anna")
    monkeypatch.setattr(store, "files", None)
    assert len(store.runs("anna", shipped=False)) == 50


def test_deleted_runs_come_back_until_they_are_purged(store):
    run = store.create(SPEC, "anna")
    store.files(run.id).write_state(1, {"a": np.ones(100)}, {})
    store.delete(run.id)
    assert not store.runs("anna", shipped=False)
    assert [r.id for r in store.runs("anna", deleted=True)] == [run.id]
    store.undelete(run.id)
    assert store.read_state(run.id)[0]["a"].sum() == 100
    store.delete(run.id)
    used = store.disk_use(run.id)
    assert used > 800
    assert store.clean_up("ben") == 0
    assert store.clean_up("anna") == used
    with pytest.raises(NoSuchRun):
        store.get(run.id)


def test_a_run_that_is_held_is_not_purged(store):
    run = store.create(SPEC, LOCAL)
    assert Store(store.home).hold(run.id)
    other = Store(store.home)
    assert not other.hold(run.id)
    with pytest.raises(NotAllowed):
        other.purge(run.id)


def test_a_running_run_without_a_worker_is_interrupted(store):
    run = store.create(SPEC, LOCAL, state="running")
    assert store.get(run.id).state == "running"
    store.release(run.id)
    found = store.get(run.id)
    assert found.state == "interrupted"
    assert "Resume" in found.message


def test_a_paused_run_may_go_without_a_worker_once_it_was_parked(store):
    parked, orphan = store.create(SPEC, LOCAL).id, store.create(SPEC, LOCAL).id
    store.update(parked, state="paused", ended=time.time())
    store.update(orphan, state="paused")
    assert [store.get(id).state for id in (parked, orphan)] == ["paused", "interrupted"]


def test_states_are_checked_to_the_byte(store):
    run = store.create(SPEC, LOCAL)
    values = {
        "model/a": np.arange(6.0).reshape(2, 3),
        "empty": np.zeros((0, 2)),
        "one": np.array(3),
    }
    store.files(run.id).write_state(12, values, {"step": 12})
    found, meta = store.read_state(run.id)
    assert meta == {"step": 12}
    assert all(np.array_equal(found[name], values[name]) for name in values)
    path = store.files(run.id).path("states", 12)
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedFile, match="damaged"):
        store.read_state(run.id)
    path.write_bytes(data[:50])
    with pytest.raises(DamagedFile):
        store.read_state(run.id, 12)
    with pytest.raises(NoSuchRun, match="step 3"):
        store.read_state(run.id, 3)


def test_cutting_forgets_what_is_later(store):
    run = store.create(SPEC, LOCAL)
    files = store.files(run.id)
    store.add_scalars(run.id, [(s, "a", s) for s in range(10)])
    for step in (0, 4, 8):
        store.write_snapshot(run.id, step, {"x": np.zeros(1)}, {})
        files.write_state(step, {"a": np.zeros(1)}, {})
    arrays.write(files.film, {"steps": np.array([0, 4, 8]), "samples": np.zeros((3, 2, 2))})
    half_written = files.folder / "states" / ".00000009.safetensors.x1y2"
    half_written.write_bytes(b"a worker was killed here")
    store.cut(run.id, 4)
    assert not half_written.exists()
    assert store.scalars(run.id)["a"][0].tolist() == [0, 1, 2, 3, 4]
    assert store.snapshots(run.id) == store.states(run.id) == [0, 4]
    assert arrays.read(files.film)[0]["steps"].tolist() == [0, 4]


def test_being_watched_wears_off(store):
    run = store.create(SPEC, LOCAL)
    assert not store.is_watched(run.id)
    store.watch(run.id)
    assert store.is_watched(run.id)
    before = time.time() - 5
    os.utime(store.files(run.id).folder / "watched", (before, before))
    assert not store.is_watched(run.id)


def test_exported_runs_are_shipped_runs(store, tmp_path):
    run = store.create(SPEC, LOCAL, title="Two numbers a digit")
    store.record(run.id, [(1, "train/loss", 2.5), (9, "train/loss", 1.5)], steps=9, state="done")
    done = store.command(run.id, "set", {"name": "learning_rate", "value": 0.1})
    store.mark_applied(done, 3)
    for step in (5, 9):
        store.files(run.id).write_state(step, {"model/w": np.full(3, step)}, {"step": step})
        store.write_snapshot(run.id, step, {"x_hat": np.zeros((2, 2), np.uint8)}, {"step": step})
    folder = tmp_path / "checkpoints"
    written = store.export(run.id, folder / "two-numbers")
    assert all(path.exists() for path in written)
    empty = Store(tmp_path / "elsewhere", shipped=folder)
    found = empty.get("two-numbers")
    assert (found.shipped, found.title, found.state, found.spec) == (True, run.title, "done", SPEC)
    assert empty.runs("anna") == empty.runs() == [found]
    assert empty.scalars("two-numbers", after=1)["train/loss"][1].tolist() == [1.5]
    assert [c.step for c in empty.commands("two-numbers")] == [3]
    assert empty.states("two-numbers") == [9]
    assert empty.snapshots("two-numbers") == [5, 9]
    for change in (empty.delete, empty.hold, empty.purge):
        with pytest.raises(NotAllowed, match="read-only"):
            change("two-numbers")


def test_a_broken_shipped_run_does_not_take_the_others_along(tmp_path):
    folder = tmp_path / "checkpoints"
    (folder / "broken").mkdir(parents=True)
    (folder / "broken" / "run.json").write_text("{")
    store = Store(tmp_path / "home", shipped=folder)
    assert store.runs() == []
    with pytest.raises(DamagedFile, match="broken"):
        store.get("broken")


def test_the_spec_is_kept_as_json(store):
    run = store.create(SPEC, LOCAL)
    assert json.loads(run.spec_json)["config"] == {"latent_dim": 2}

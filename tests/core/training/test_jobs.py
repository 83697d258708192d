"""What pages ask for, answered by real workers."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import BadInput, NoSuchRun, NotAllowed, StorageFull
from core.training import jobs
from core.training.changes import changed_spec
from core.training.config import RunSpec
from core.training.jobs import Service
from tests.core.training.running import GAN, VAE, assert_same_end, spec_of, wait_for

ENDLESS = spec_of(GAN, steps=5_000_000)
SHORT = spec_of(VAE)
STATES = ("done", "failed", "stopped", "interrupted")


@pytest.fixture
def train(service):
    """Submits, and stops at the end whatever is left."""
    begun = []

    def submit(specs, owner="anna", **more):
        ids = service.submit(specs, owner, **more)
        begun.extend((id, owner) for id in ids)
        return ids

    yield submit
    for id, owner in begun:
        service.command(id, "stop", owner)
    wait_for(lambda: all(service.store.get(id).state in STATES for id, _ in begun))


def state(service, id):
    return service.store.get(id).state


def test_the_server_side_never_imports_torch():
    code = (
        "import sys, core.training.jobs, core.runs, core.compute; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


def test_a_run_is_trained_from_the_queue(service, train):
    (id,) = train(SHORT, title="One")
    wait_for(lambda: state(service, id) == "done")
    run = service.store.get(id)
    assert (run.steps, run.title, run.owner) == (60, "One", "anna")
    assert run.metrics["train/loss"] > 0


def test_the_same_spec_gives_the_same_numbers_alone_in_a_group_and_restarted(service, train):
    (alone,) = train(SHORT)
    group = train([SHORT, spec_of(GAN)], group=True)
    wait_for(lambda: state(service, alone) == "done")
    again = service.restart(alone, "anna")
    wait_for(lambda: all(state(service, id) == "done" for id in (alone, *group, again)))
    assert_same_end(service.store, alone, group[0])
    assert_same_end(service.store, alone, again)
    assert service.store.get(group[0]).group == service.store.get(group[1]).group is not None


def test_pause_step_change_undo_resume_stop(service, train):
    (id,) = train(ENDLESS)
    wait_for(lambda: service.store.get(id).steps > 5)
    service.command(id, "pause", "anna")
    wait_for(lambda: state(service, id) == "paused")
    steps = service.store.get(id).steps
    service.command(id, "step", "anna", n=3)
    wait_for(lambda: service.store.get(id).steps == steps + 3)
    service.command(id, "set", "anna", name="learning_rate", value=0.5)
    wait_for(lambda: not service.store.pending(id))
    change = service.store.commands(id)[-1]
    service.undo(id, "anna", change.id)
    wait_for(lambda: not service.store.pending(id))
    undone = service.store.commands(id)[-1]
    assert (undone.payload["old"], undone.payload["value"]) == (0.5, change.payload["old"])
    service.command(id, "resume", "anna")
    wait_for(lambda: service.store.get(id).steps > steps + 10)
    service.command(id, "stop", "anna")
    wait_for(lambda: state(service, id) == "stopped")
    service.command(id, "resume", "anna")
    wait_for(lambda: state(service, id) == "running")


def test_a_killed_worker_is_noticed_within_three_seconds_and_resumes(service, train):
    (id,) = train(ENDLESS)
    wait_for(lambda: service.store.get(id).steps > 50)
    os.kill(worker_of(service, id), signal.SIGKILL)
    wait_for(lambda: state(service, id) == "interrupted", 3.0)
    service.command(id, "resume", "anna")
    wait_for(lambda: state(service, id) == "running")


def worker_of(service, id: str) -> int:
    """The process that has the run's lock file open, other than this one."""
    lock = str(service.store.files(id).folder / "lock")
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(handle) == lock and int(handle.parts[2]) != os.getpid():
                return int(handle.parts[2])
        except OSError:
            continue
    raise AssertionError("nobody holds the run")


def test_the_rest_waits_and_a_paused_run_gives_way(service, train):
    slots = os.cpu_count()
    running = train([ENDLESS] * slots)
    wait_for(lambda: all(state(service, id) == "running" for id in running))
    first, second = train([SHORT, SHORT], owner="ben")
    (other,) = train(SHORT, owner="carl")
    assert [service.place(id) for id in (first, other, second)] == [1, 2, 3]
    assert service.place(running[0]) is None
    service.command(running[0], "pause", "anna")
    wait_for(lambda: all(state(service, id) == "done" for id in (first, second, other)))
    assert state(service, running[0]) == "paused"
    service.command(running[0], "resume", "anna")
    wait_for(lambda: state(service, running[0]) == "running")


def test_a_queued_run_can_be_paused_resumed_and_stopped(service, train):
    running = train([ENDLESS] * os.cpu_count())
    wait_for(lambda: all(state(service, id) == "running" for id in running))
    (id,) = train(SHORT)
    service.command(id, "pause", "anna")
    assert state(service, id) == "paused"
    service.command(id, "resume", "anna")
    wait_for(lambda: state(service, id) == "queued")
    service.command(id, "stop", "anna")
    assert state(service, id) == "stopped"


def test_only_the_owner_commands_but_anybody_may_fork(service, train):
    (id,) = train(SHORT)
    wait_for(lambda: state(service, id) == "done")
    for act in (
        lambda: service.command(id, "stop", "ben"),
        lambda: service.rename(id, "ben", "Mine"),
        lambda: service.tag(id, "ben", ["x"]),
        lambda: service.delete(id, "ben"),
        lambda: service.thin(id, "ben"),
    ):
        with pytest.raises(NotAllowed, match="somebody else"):
            act()
    child = service.fork(id, "ben", step=30, changes={"steps": 70})
    wait_for(lambda: state(service, child) == "done")
    run = service.store.get(child)
    assert (run.owner, run.parent, run.parent_step, run.steps) == ("ben", id, 30, 70)


def test_ended_runs_do_not_go_on(service, train):
    (id,) = train(SHORT)
    wait_for(lambda: state(service, id) == "done")
    for command in ("resume", "pause", "step", "snapshot"):
        with pytest.raises(NotAllowed):
            service.command(id, command, "anna")
    with pytest.raises(BadInput, match="steps"):
        service.fork(id, "anna", step=60)
    with pytest.raises(BadInput, match="0 to 60"):
        service.fork(id, "anna", step=61)


def test_titles_tags_and_deleting(service, train):
    (id,) = train(ENDLESS)
    service.rename(id, "anna", "  A title ")
    service.tag(id, "anna", ["b", " b", "", "a"])
    run = service.store.get(id)
    assert (run.title, run.tags) == ("A title", ["b", "a"])
    service.delete(id, "anna")
    wait_for(lambda: state(service, id) == "stopped")
    assert id not in [r.id for r in service.store.runs("anna")]
    service.undelete(id, "anna")
    assert id in [r.id for r in service.store.runs("anna")]


def test_what_cannot_begin_is_refused_with_a_sentence(service, monkeypatch):
    for wrong in ({"model": "nothing"}, {"dataset": "nothing"}):
        with pytest.raises(BadInput, match="nothing"):
            service.submit(SHORT.model_copy(update=wrong), "anna")
    with pytest.raises(NoSuchRun):
        service.command("0" * 20, "pause", "anna")
    usage = jobs.shutil.disk_usage(".")
    monkeypatch.setattr(jobs.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(StorageFull, match="nothing is lost"):
        service.submit(SHORT, "anna")


def test_a_home_that_cannot_be_written_refuses_to_begin(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageFull, match="EXPLORER_HOME"):
        Service(tmp_path / "file" / "home").submit(SHORT, "anna")


def test_live_changes_out_of_range_are_refused_at_once(service, train):
    (id,) = train(ENDLESS)
    for name, value in (("learning_rate", -1), ("learning_rate", "much"), ("batch_size", 4)):
        with pytest.raises(BadInput) as caught:
            service.command(id, "set", "anna", name=name, value=value)
        assert name in caught.value.fields
    with pytest.raises(BadInput):
        service.command(id, "step", "anna", n=0)


def test_changed_specs_keep_their_data():
    assert changed_spec(SHORT, {}) == SHORT
    changed = changed_spec(SHORT, {"beta": 4.0, "learning_rate": 0.1, "steps": 7, "seed": 3})
    assert (changed.config["beta"], changed.training.learning_rate) == (4.0, 0.1)
    assert (changed.training.steps, changed.seed) == (7, 3)
    for name in ("dataset", "binarise", "unheard_of"):
        with pytest.raises(BadInput) as caught:
            changed_spec(SHORT, {name: "x"})
        assert list(caught.value.fields) == [name]
    with pytest.raises(BadInput):
        changed_spec(SHORT, {"learning_rate": -1})


def test_a_supervisor_that_dies_is_replaced(service, train):
    (id,) = train(ENDLESS)
    wait_for(lambda: service.store.get(id).steps > 20)
    service.link._process.kill()
    wait_for(lambda: state(service, id) == "interrupted")
    assert service.store.states(id)[-1] == service.store.get(id).steps
    wait_for(service.link.ready.is_set)
    service.command(id, "resume", "anna")
    wait_for(lambda: state(service, id) == "running")


def test_stopping_the_service_parks_and_interrupts(tmp_path):
    own = Service(tmp_path / "own")
    own.start()
    assert own.wait_ready(120)
    paused, running = own.submit([ENDLESS, ENDLESS], "anna")
    wait_for(lambda: all(own.store.get(id).steps > 5 for id in (paused, running)))
    own.command(paused, "pause", "anna")
    wait_for(lambda: state(own, paused) == "paused")
    own.stop()
    assert [state(own, id) for id in (paused, running)] == ["paused", "interrupted"]
    for id in (paused, running):
        assert own.store.states(id)[-1] == own.store.get(id).steps
    own.stop()


def test_a_spec_is_checked_before_anything_is_kept(service):
    before = len(service.store.runs(shipped=False))
    with pytest.raises(BadInput):
        service.submit([SHORT, RunSpec(model="vae", dataset="nothing")], "anna")
    assert len(service.store.runs(shipped=False)) == before


def test_one_service_a_process_and_home(home, monkeypatch, tmp_path):
    one = jobs.service()
    assert jobs.service() is one
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "other"))
    assert jobs.service() is not one


def test_workers_begin_later_unless_somebody_waits(home):
    late = Service()
    late.start(after=600)
    assert not late.wait_ready(0.2)
    assert late.compute.call("schemas", timeout=60)["models"]
    assert late.wait_ready()
    late.stop()


def test_workers_that_never_began_end_at_once(home):
    late = Service()
    late.start(after=600)
    late.stop()
    assert not late.link.ready.is_set()

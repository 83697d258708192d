"""A fork goes on from the very weights its parent had, and needs nothing of it afterwards."""

import json

import pytest

from core.runs import LOCAL, forks
from core.training.changes import changed_spec
from core.training.worker import work
from tests.core.training.running import GAN, VAE, assert_same_end, begin, opened, told, until


@pytest.mark.parametrize("step", [0, 1, 17, 30, 59])
def test_a_fork_that_changes_nothing_ends_where_its_parent_does(store, whole, step):
    parent = store.get(whole(VAE))
    child = forked(store, parent, step)
    assert child.state == "done"
    assert_same_end(store, parent.id, child.id)
    assert set(store.snapshots(parent.id)) & set(range(step + 1)) <= set(store.snapshots(child.id))


def test_a_fork_has_the_live_changes_up_to_its_step(store):
    session = opened(store, begin(store, GAN).id)
    until(session, 20)
    told(session, "set", name="generator_rate", value=3.0)
    until(session, 33)
    told(session, "phase", name="D")
    told(session, "set", name="discriminator_updates", value=1)
    told(session, "resume")
    until(session)
    store.release(session.id)
    parent = store.get(session.id)
    for kept in store.states(parent.id)[:-1]:
        store.files(parent.id).path("states", kept).unlink()
    assert_same_end(store, parent.id, forked(store, parent, 33).id)
    assert_same_end(store, parent.id, forked(store, parent, 50).id)


def test_a_fork_may_change_anything_but_shapes(store, whole):
    parent = store.get(whole(VAE))
    changes = {"steps": 80, "batch_size": 16, "optimizer": "sgd", "learning_rate": 1e-4}
    child = forked(store, parent, 60, **changes)
    assert (child.state, child.steps, child.parent, child.parent_step) == (
        "done",
        80,
        parent.id,
        60,
    )
    wider = forked(store, parent, 30, encoder_sizes=[31])
    assert wider.state == "failed"
    assert "shape" in wider.message


def test_a_fork_outlives_its_parent(store):
    parent = begin(store, VAE)
    work([parent.id], store=store)
    child = planted(store, store.get(parent.id), 40)
    store.purge(parent.id)
    (run,) = work([child], store=store)
    assert run.state == "done"


def planted(store, parent, step, **changes) -> str:
    spec = changed_spec(parent.spec, changes)
    forks.check_fork(store, parent, step, spec)
    run = store.create(spec, LOCAL, parent=parent.id, parent_step=step)
    forks.adopt(store, run.id, parent, step)
    return run.id


def forked(store, parent, step, **changes):
    return work([planted(store, parent, step, **changes)], store=store)[0]


def test_a_fork_writes_down_where_it_came_from(store, whole):
    parent = store.get(whole(VAE))
    child = planted(store, parent, 17)
    origin = json.loads((store.files(child).folder / "parent.json").read_text())
    assert origin["step"] == 17
    assert origin["state_step"] <= 17
    assert list(store.scalars(child)["train/loss"][0]) == list(range(1, 18))

"""A group goes in step: whatever a step costs, its members stand at nearly the same one; nobody waits for who rests."""

import math

import pytest

from core.errors import NoSuchRun
from core.runs import LOCAL, Store
from core.training import worker
from core.training.session import Session
from core.training.worker import LEAD, Ending, work
from tests.core.training.running import GAN, assert_same_end, begin, opened, told, until

CHEAP = ("gan", "points", {"n": 300, "steps": 120, "batch_size": 32})
DEAR = (*CHEAP[:2], {**CHEAP[2], "unrolled_steps": 5})


def steps_seen(store, ids, monkeypatch, watch=lambda steps, session: None) -> list[dict[str, int]]:
    """The steps of all members at the end of every turn while they train."""
    monkeypatch.setattr(worker, "SLICE_SECONDS", 0.005)  # shorter than six steps of the dear one
    now: dict[str, int] = dict.fromkeys(ids, 0)
    seen: list[dict[str, int]] = []

    def progress(session: Session) -> None:
        now[session.id] = session.trainer.step
        watch(now, session)
        seen.append(dict(now))

    work(ids, store=store, progress=progress, ending=Ending())
    return seen


def apart(seen: list[dict[str, int]]) -> int:
    return max(max(steps.values()) - min(steps.values()) for steps in seen)


def test_a_cheap_member_never_leads_a_dear_one_by_more_than_a_few_steps(store, whole, monkeypatch):
    ids = [begin(store, case).id for case in (CHEAP, DEAR, CHEAP)]
    seen = steps_seen(store, ids, monkeypatch)
    assert 0 < apart(seen) <= LEAD
    assert seen[-1] == dict.fromkeys(ids, 120)
    for id, case in zip(ids, (CHEAP, DEAR, CHEAP), strict=True):
        assert_same_end(store, whole(case), id)


def test_members_alike_stand_at_the_same_step_after_each_round(store, monkeypatch):
    monkeypatch.setattr(worker, "SLICE_SECONDS", 60.0)
    ids = [begin(store, CHEAP).id for _ in range(2)]
    seen = []
    work(ids, store=store, progress=lambda session: seen.append(session.trainer.step))
    assert seen[::2] == seen[1::2]


def test_nobody_waits_for_one_that_has_fewer_steps(store, monkeypatch):
    short, long = begin(store, CHEAP, steps=20).id, begin(store, CHEAP, steps=90).id
    steps_seen(store, [short, long], monkeypatch)
    assert [store.get(id).steps for id in (short, long)] == [20, 90]
    assert {store.get(id).state for id in (short, long)} == {"done"}


def test_nobody_waits_for_one_that_fails_or_cannot_begin(store, whole, monkeypatch):
    broken = begin(
        store, CHEAP, optimizer="sgd", learning_rate=10.0, discriminator_loss="wasserstein"
    )
    spec = broken.spec.model_copy(update={"config": {**broken.spec.config, "latent_dim": -4}})
    wrong = store.create(spec, LOCAL, state="running")
    well = begin(store, CHEAP)
    steps_seen(store, [broken.id, wrong.id, well.id], monkeypatch)
    found = [store.get(run.id) for run in (broken, wrong, well)]
    assert [run.state for run in found] == ["failed", "failed", "done"]
    assert "learning rate" in found[0].message
    assert "latent_dim" in found[1].message
    assert_same_end(store, whole(CHEAP), well.id)


@pytest.mark.parametrize("command", ["pause", "stop", "stages"])
def test_nobody_waits_for_one_that_rests(store, monkeypatch, command):
    resting, free = begin(store, CHEAP).id, begin(store, CHEAP, steps=1000).id
    store.command(resting, command, {"on": True, "seconds": 10.0} if command == "stages" else {})
    ending = Ending()
    monkeypatch.setattr("core.training.session.POLL_SECONDS", 0.0)

    def progress(session: Session) -> None:
        ending.asked = session.id == free and session.trainer.step >= 200

    work([resting, free], store=store, progress=progress, ending=ending)
    assert store.get(free).steps >= 200
    assert store.get(resting).steps <= LEAD


def test_one_that_goes_on_catches_up_while_the_others_wait(store, monkeypatch):
    monkeypatch.setattr("core.training.session.POLL_SECONDS", 0.0)
    late, early = begin(store, CHEAP, steps=400).id, begin(store, CHEAP, steps=400).id
    store.command(late, "pause")
    reached: list[int] = []

    def watch(steps: dict[str, int], session: Session) -> None:
        if session.id == late and steps[early] >= 100 and not reached:
            reached.append(steps[early])
            store.command(late, "resume")
            session.version = None  # what this very process writes it does not notice

    seen = steps_seen(store, [late, early], monkeypatch, watch)
    level = next(k for k, s in enumerate(seen) if s[late] >= s[early] > 1)
    waited = [s[early] for s in seen[:level] if LEAD < s[late] < s[early] - LEAD]
    assert len(set(waited)) == 1
    assert apart(seen[level:]) <= LEAD
    assert seen[-1] == {late: 400, early: 400}


def test_whoever_waits_still_obeys(store):
    session = opened(store, begin(store, GAN).id)
    until(session, 5)
    session.advance(60.0, 9)
    assert session.trainer.step == 9
    session.advance(60.0, 9)
    assert session.trainer.step == 9
    store.command(session.id, "pause")
    session.next_poll, session.version = 0.0, None
    session.advance(60.0, 9)
    assert (session.paused, store.get(session.id).state) == (True, "paused")
    told(session, "step")
    session.advance(0.0, 9)
    assert session.trainer.step == 10
    told(session, "resume")
    session.advance(0.0, math.inf)
    assert session.trainer.step == 11


def test_one_that_is_deleted_while_it_is_paused_is_kept_until_it_has_stopped(store, monkeypatch):
    ids = [begin(store, CHEAP).id for _ in range(2)]
    server, told_so = Store(store.home), []

    def watch(_, session: Session) -> None:
        session.next_poll = 0.0
        if session.id != ids[0] or session.ended:
            return
        if not told_so and session.trainer.step > 20:
            told_so.append(server.command(ids[0], "pause"))
        elif len(told_so) == 1 and session.idle:
            told_so.append(server.command(ids[0], "stop"))
            server.delete(ids[0])
            assert server.clean_up() == 0

    steps_seen(store, ids, monkeypatch, watch)
    assert [store.get(id).state for id in ids] == ["stopped", "done"]
    assert server.clean_up() > 0
    with pytest.raises(NoSuchRun):
        store.get(ids[0])

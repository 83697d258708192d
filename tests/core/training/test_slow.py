"""Slow motion: every event of every turn in its order, heard commands, and the very numbers of a run at full speed."""

import time
from itertools import pairwise

import numpy as np
import pytest

from core import arrays
from core.training import worker
from core.training.session import Session
from core.training.worker import Ending, work
from tests.core.training.running import GAN, VAE, assert_same_end, begin, opened, told, until

SHORT = ("gan", "points", {"n": 300, "steps": 12, "batch_size": 32, "discriminator_updates": 2})
D = ["sample noise", "generate", "judge", "update D"]
G = ["sample noise", "generate", "judge", "update G"]
STEP = [*(("D", 0, e) for e in D), *(("D", 1, e) for e in D), *(("G", 0, e) for e in G)]


class Seen:
    """A session in slow motion under the test's own clock: ``next`` lets one event be seen."""

    def __init__(self, store, case, monkeypatch, **stages):
        self.now = time.perf_counter()
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)
        self.session = opened(store, begin(store, case).id)
        told(self.session, "stages", on=True, **stages)

    def next(self, seconds: float = 0.81) -> dict | None:
        """What is shown after so many seconds; None if it is no event."""
        self.now += seconds
        self.session.store.watch(self.session.id)
        self.session.next_poll = 0.0
        self.session.advance(0.0)
        while self.session.trainer.slow and not (self.session.resting or self.session.ended):
            self.session.advance(0.0)
        return self.frame()[1].get("stage")

    def frame(self):
        return arrays.read(self.session.store.live_path(self.session.id))


@pytest.fixture
def seen(store, monkeypatch):
    return lambda case=SHORT, **stages: Seen(store, case, monkeypatch, **stages)


@pytest.fixture
def quick(store):
    """A run at full speed to compare with."""

    def run(case=SHORT, commands=()) -> str:
        session = opened(store, begin(store, case).id)
        for step, name, payload in commands:
            told(until(session, step), name, **payload)
        return until(session).id

    return run


def places(stages):
    return [(stage["phase"], stage["repeat"], stage["event"]) for stage in stages]


def test_every_event_of_two_steps_is_shown_in_its_order(seen):
    slow = seen()
    stages = [slow.next() for _ in range(24)]
    assert places(stages) == STEP * 2
    assert stages[0] == {
        "phase": "D",
        "event": "sample noise",
        "repeat": 0,
        "repeats": 2,
        "number": 0,
        "events": D,
        "seconds": 0.8,
    }
    assert slow.session.trainer.step == 1


def test_each_event_is_shown_for_its_seconds(seen):
    slow = seen(seconds=2.0)
    assert slow.next(0.0)["event"] == "sample noise"
    assert slow.session.resting
    assert slow.next(1.9)["event"] == "sample noise"
    assert slow.next(0.2)["event"] == "generate"


def test_frames_hold_what_the_turn_has_come_by(seen):
    slow = seen()
    frames = []
    for _ in range(12):
        slow.next()
        frames.append(slow.frame())
    names = [{n for n in values if n.startswith("turn_")} for values, _ in frames]
    noise, made = {"turn_z"}, {"turn_z", "turn_x"}
    judged = made | {"turn_judged"}
    of_d = [noise, made, judged | {"turn_real", "turn_judged_real"}, set()]
    assert names == [*of_d, *of_d, noise, made, judged, set()]
    assert {"samples", "surface", "push", "manifold", "modes"} <= frames[0][0].keys()
    judge = frames[2][0]
    assert judge["turn_z"].shape == judge["turn_x"].shape == judge["turn_real"].shape == (32, 2)
    assert judge["turn_judged"].dtype == judge["turn_judged_real"].dtype == np.uint8
    assert not np.array_equal(frames[0][0]["turn_z"], frames[4][0]["turn_z"])


def test_the_noise_shown_is_the_noise_of_the_turn(seen):
    slow, shown, drawn = seen(), [], []
    model = slow.session.trainer.model
    own = model.noise

    def noted(n, generator=None):
        z = own(n, generator)
        if model.training:  # the looks are in eval mode
            drawn.append(z.numpy().astype(np.float16))
        return z

    model.noise = noted
    for _ in range(25):
        stage = slow.next()
        if stage["event"] == "sample noise":
            shown.append(slow.frame()[0]["turn_z"])
    assert len(drawn) == 6
    assert len(shown) == 7
    assert all(np.array_equal(*pair) for pair in zip(shown, drawn, strict=False))


def test_the_surface_moves_at_d_s_update_and_the_samples_at_g_s(seen):
    slow = seen()
    frames = []
    for _ in range(12):
        stage = slow.next()
        frames.append((stage["event"], slow.frame()[0]))
    for (_, before), (event, after) in pairwise(frames):
        assert np.array_equal(before["samples"], after["samples"]) == (event != "update G")
        assert np.array_equal(before["push"], after["push"]) == (not event.startswith("update"))


def test_numbers_are_those_of_full_speed(seen, store, quick):
    slow = seen()
    while not slow.session.ended:
        slow.next()
    assert store.get(slow.session.id).state == "done"
    assert_same_end(store, slow.session.id, quick())


def test_slow_motion_comes_and_goes_in_the_middle_of_steps(seen, store, quick):
    slow = seen(GAN)
    for count in (3, 7, 14, 30):
        for _ in range(count):
            slow.next()
        told_inside(slow, "stages", on=False)
        slow.next()
        assert not slow.session.slow.inside
        assert not slow.session.trainer.slow
        until(slow.session, slow.session.trainer.step + 3)
        told(slow.session, "stages", on=True, seconds=0.3)
    told_inside(slow, "stages", on=False)
    until(slow.session)
    assert_same_end(store, slow.session.id, quick(GAN))


def told_inside(slow, command, **payload):
    """A command given while an event is shown."""
    slow.session.store.command(slow.session.id, command, payload)
    slow.session.version = None


@pytest.mark.parametrize("events", [1, 4, 5, 12])
def test_a_pause_within_a_step_holds_at_its_end(seen, store, quick, events):
    slow = seen()
    for _ in range(events):
        slow.next()
    told_inside(slow, "pause")
    assert slow.next(0.0) is None
    run = store.get(slow.session.id)
    assert (run.state, run.steps, slow.session.trainer.step) == ("paused", 1, 1)
    assert store.states(run.id)[-1] == 1
    assert slow.session.idle
    told(slow.session, "stages", on=False)
    told(slow.session, "resume")
    assert_same_end(store, until(slow.session).id, quick())


def test_a_change_within_a_step_acts_after_it(seen, store, quick):
    slow = seen()
    for _ in range(5):
        slow.next()
    told_inside(slow, "set", name="generator_rate", value=3.0)
    assert places([slow.next()]) == [STEP[0]]
    (_, change) = store.commands(slow.session.id)
    assert change.step == 1
    told(slow.session, "stages", on=False)
    change = (1, "set", {"name": "generator_rate", "value": 3.0})
    assert_same_end(store, until(slow.session).id, quick(commands=[change]))


@pytest.mark.parametrize("name", ["D", "G"])
def test_a_single_turn_is_shown_too(seen, store, quick, name):
    slow = seen()
    told(slow.session, "pause")
    told(slow.session, "phase", name=name)
    events = D if name == "D" else G
    stages = [slow.next() for _ in events]
    assert [stage["event"] for stage in stages] == events
    assert {stage["repeats"] for stage in stages} == {1}  # though a step has two of D
    assert not slow.session.idle
    slow.next()
    assert slow.session.idle
    assert slow.next() is None
    assert slow.session.trainer.step == 0
    told(slow.session, "stages", on=False)
    told(slow.session, "resume")
    single = (0, "phase", {"name": name})
    assert_same_end(store, until(slow.session).id, quick(commands=[single, (0, "resume", {})]))


def test_single_turns_in_a_row_are_all_done(seen, store, quick):
    slow = seen()
    told(slow.session, "pause")
    for name in ("D", "G", "D"):
        told_inside(slow, "phase", name=name)
    slow.next()
    told_inside(slow, "phase", name="nobody")
    told_inside(slow, "stages", on=False)
    told_inside(slow, "resume")
    slow.next()
    slow.next()
    assert "nobody" in store.commands(slow.session.id)[-3].payload["error"]
    commands = [(0, "phase", {"name": name}) for name in ("D", "G", "D")]
    assert_same_end(store, until(slow.session).id, quick(commands=[*commands, (0, "resume", {})]))


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("single", [False, True])
def test_a_worker_that_ends_within_a_step_finishes_it_first(seen, store, quick, single, killed):
    slow, step = seen(), 0 if single else 1
    if single:
        told(slow.session, "phase", name="D")
    for _ in range(2):
        slow.next()
    if not killed:
        slow.session.interrupt()
        run = store.get(slow.session.id)
        assert (run.state, run.steps) == ("paused" if single else "interrupted", step)
        assert store.states(run.id)[-1] == step
    again = opened(store, slow.session.id)
    assert again.trainer.slow
    told(again, "stages", on=False)
    commands = [(0, "phase", {"name": "D"}), (0, "resume", {})] if single else []
    assert_same_end(store, until(again).id, quick(commands=commands))


def test_a_group_in_slow_motion_goes_on_together(store, monkeypatch):
    """Nobody waits for anybody: while one run shows an event another one trains."""
    monkeypatch.setattr(worker, "SLICE_SECONDS", 0.0)
    slow, free = begin(store, SHORT), begin(store, VAE)
    store.command(slow.id, "stages", {"on": True, "seconds": 10.0})
    ending, steps = Ending(), {}

    def progress(session: Session) -> None:
        steps[session.id] = session.trainer.step
        ending.asked = free.id in steps and steps[free.id] >= 60

    begun = time.monotonic()
    work([slow.id, free.id], store=store, progress=progress, ending=ending)
    assert time.monotonic() - begun < 10
    assert steps[slow.id] <= 1
    assert store.get(free.id).state in ("done", "interrupted")
    assert store.get(slow.id).state == "interrupted"
    assert store.states(slow.id)[-1] == store.get(slow.id).steps


def test_a_model_without_named_events_halts_at_its_update(seen, store, quick):
    slow = seen(VAE)
    stages = [slow.next() for _ in range(3)]
    assert [(s["phase"], s["event"]) for s in stages] == [("step", "update")] * 3
    told(slow.session, "stages", on=False)
    assert_same_end(store, until(slow.session).id, quick(VAE))


def test_nobody_watching_writes_no_frame(store):
    session = opened(store, begin(store, SHORT).id)
    told(session, "stages", on=True, seconds=0.05)
    for _ in range(3):
        session.advance(0.0)
        time.sleep(0.06)
    assert session.trainer.slow
    assert not store.live_path(session.id).exists()


@pytest.mark.parametrize("seconds", [0, -1, 11, float("nan"), "a", None, True])
def test_no_other_pace(store, seconds):
    session = opened(store, begin(store, SHORT).id)
    told(session, "stages", on=True, seconds=seconds)
    assert "seconds" in store.commands(session.id)[0].payload["error"].lower()
    assert not session.trainer.slow

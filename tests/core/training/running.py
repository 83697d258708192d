"""Runs under the test's own hand: a session that hears commands at every step, and runs to compare with."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.runs import LOCAL, Run, Store
from core.training import session as sessions
from core.training.session import Session
from core.training.specs import resolve

PATIENCE = 60.0  # seconds for what takes a fraction of one on an idle machine
GAN = ("gan", "points", {"n": 600, "steps": 90, "batch_size": 32, "discriminator_updates": 2})
GREEDY = ("autoencoder", "digits", {"steps": 40, "greedy_steps": 8, "replacement": True})
STAGED = ("staged", "digits", {"steps": 40})
VAE = ("vae", "digits", {"steps": 60, "batch_size": 64})


def spec_of(case, **more):
    model, dataset, settings = case
    return resolve(model, dataset, settings | more)


def begin(store: Store, case, **more) -> Run:
    """A new run, held by this process."""
    return store.create(spec_of(case, **more), LOCAL, state="running")


def opened(store: Store, id: str) -> Session:
    """A session on a run that may have been left in any way."""
    store.release(id)
    assert store.hold(id)
    store.transition(id, "running")
    return Session(store, id)


def until(session: Session, step: int | None = None) -> Session:
    """Train to a step, or to the end; commands are heard at every step."""
    while not session.ended and (step is None or session.trainer.step < step):
        session.next_poll = 0.0
        session.advance(0.0)
    return session


def told(session: Session, command: str, **payload) -> None:
    """Give a command and let it act."""
    session.store.command(session.id, command, payload)
    session.next_poll = 0.0
    session.version = None
    session._between(sessions.time.perf_counter())


def last_state(store: Store, id: str):
    return store.read_state(id)


def assert_same_end(store: Store, one: str, other: str) -> None:
    """Both runs have the same weights, optimisers, noise and logged numbers, to the bit."""
    (left, left_meta), (right, right_meta) = last_state(store, one), last_state(store, other)
    left_meta.pop("commands")
    right_meta.pop("commands")
    assert left_meta == right_meta
    assert left.keys() == right.keys()
    assert all(np.array_equal(left[name], right[name]) for name in left)
    first, second = store.scalars(one), store.scalars(other)
    assert first.keys() == second.keys()
    for name in first:
        assert np.array_equal(first[name][0], second[name][0]), name
        assert np.array_equal(first[name][1], second[name][1], equal_nan=True), name


def files_under(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)

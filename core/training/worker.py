"""Training in this process: one run, or a group by turns. The supervisor's children and the command line share it."""

import ctypes
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import torch

from core import incidents, models
from core.errors import ExplorerError, NotAllowed, StorageFull
from core.runs import RESUMABLE, Run, Store
from core.training.restore import GivenUp
from core.training.session import Session

SLICE_SECONDS = 0.05
LEAD = 16  # steps by which members of a group are ever apart, once they are in step
REST_SECONDS = 0.02  # between two looks for commands, when nothing trains
# glibc's mallopt parameters, and what keeps large activations in the process from one step to the next.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
KEPT_BYTES, PADDED_BYTES = 2**30, 64 * 2**20

Progress = Callable[[Session], None]


class Ending:
    """Whether this process should end: it was told to by a signal, or its parent is gone."""

    def __init__(self, watch_parent: bool = False):
        self.asked = self.parking = False
        self.parent = os.getppid() if watch_parent else None

    def __bool__(self) -> bool:
        return self.asked or (self.parent is not None and os.getppid() != self.parent)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """SIGTERM and SIGINT ask the process to end, SIGUSR1 to make room if all it has is paused."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {s: signal.signal(s, self._ask) for s in (signal.SIGTERM, signal.SIGINT)}
        before[signal.SIGUSR1] = signal.signal(signal.SIGUSR1, self._park)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, *_: object) -> None:
        self.asked = True

    def _park(self, *_: object) -> None:
        self.parking = True


def work(
    run_ids: Sequence[str],
    *,
    store: Store | None = None,
    progress: Progress | None = None,
    ending: Ending | None = None,
) -> list[Run]:
    """Train these runs to their ends in this process, by turns and in step, and return them as they then are.

    Takes runs that wait, were paused, stopped or interrupted; raises ``NotAllowed`` for others. SIGINT and SIGTERM
    save and interrupt. ``progress`` is called with a run's session after each of its turns.
    """
    store = store or Store()
    ending = Ending() if ending is None else ending  # one that is not asked for is false
    torch.set_num_threads(1)
    with ending.listening():
        try:
            for id in run_ids:
                _take(store, id)
            _take_turns(_opened(store, run_ids, ending), store, progress, ending)
        finally:
            for id in run_ids:
                store.release(id)
    return [store.get(id) for id in run_ids]


def _take(store: Store, id: str) -> None:
    """Hold a run and call it running."""
    if not store.hold(id):
        raise NotAllowed("This run is being trained by another process already.")
    states = ("queued", "running", *RESUMABLE)
    if not store.transition(id, "running", states, claimed=time.time()):
        raise NotAllowed("This run has ended and cannot go on; fork it to train further.")


def _opened(store: Store, run_ids: Sequence[str], ending: Ending) -> list[Session]:
    """A session for each run; those that cannot begin end here, with their reason."""
    sessions = []
    for id in run_ids:

        def check(id: str = id) -> None:
            if ending:
                raise GivenUp("interrupted")
            if any(command.name == "stop" for command in store.pending(id)):
                raise GivenUp("stopped")

        with _mishaps(store, id):
            if models.get(store.get(id).model).large_activations:
                keep_memory()
            sessions.append(Session(store, id, check=check))
    return sessions


def _take_turns(
    sessions: list[Session], store: Store, progress: Progress | None, ending: Ending
) -> None:
    while sessions:
        if ending.parking:
            ending.parking = all(session.paused for session in sessions)
            ending.asked |= all(session.idle for session in sessions)
        until = _limit(sessions)
        for session in sessions:
            with _mishaps(store, session.id, session):
                if ending:
                    session.interrupt()
                else:
                    session.advance(SLICE_SECONDS, until)
            if progress is not None:
                progress(session)
        sessions = [session for session in sessions if not session.ended]
        if sessions and all(session.resting for session in sessions):
            time.sleep(REST_SECONDS)


def _limit(sessions: list[Session]) -> float:
    """The step at which those that keep pace wait for the one of them that is furthest behind.

    Whoever is paused, in slow motion or at its end holds nobody up; going on from there, it catches up first.
    """
    steps = [session.trainer.step for session in sessions if session.keeps_pace]
    return min(steps) + LEAD if len(steps) > 1 else math.inf


@contextmanager
def _mishaps(store: Store, id: str, session: Session | None = None) -> Iterator[None]:
    """Whatever goes wrong with one run ends this run, with a sentence, and no other."""
    try:
        yield
        return
    except GivenUp as end:
        sentence = "It ended before its first step; Resume begins again."
        store.transition(id, end.state, None, message=sentence, ended=time.time())
    except ExplorerError as error:
        _fail(store, id, str(error))
    except Exception as error:  # noqa: BLE001 - one broken run must not take the others of its group along
        _fail(store, id, incidents.note(error, store.home, "training"))
    if session is not None:
        session.ended = True


def _fail(store: Store, id: str, sentence: str) -> None:
    """Write the failure down, trying again for a moment: what filled the disk may have been cleared just now."""
    for wait in (0.2, 1.0, 0.0):
        try:
            store.transition(id, "failed", None, message=sentence, ended=time.time())
            return
        except StorageFull:
            time.sleep(wait)
    print(f"Run {id} failed: {sentence}", file=sys.stderr)  # noqa: T201 - the log is all that is left


def keep_memory() -> None:
    """Keep freed memory in the process: 1.4 times the speed for convolutions, a loss for small dense networks."""
    with suppress(OSError, AttributeError):  # glibc only
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)
        libc.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
        libc.mallopt(M_TOP_PAD, PADDED_BYTES)

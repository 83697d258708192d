"""The supervisor: a process with torch in memory that forks a worker for each job, within hundredths of a second.

    python -m core.training.supervisor HANDLE

It runs nothing in parallel itself (a fork would copy locks that nobody opens again) and keeps no SQLite connection
across a fork. It lives as long as the server at the other end of ``HANDLE``.
"""

import ctypes
import gc
import importlib
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress

import torch

from core import datasets, incidents, models
from core.compute.worker import serve
from core.errors import ExplorerError
from core.runs import Store
from core.settings import settings
from core.training import queue
from core.training.link import tell
from core.training.worker import Ending, work

LOOK_SECONDS = 0.05
SWEEP_SECONDS = 1.0
SAVE_SECONDS = 15.0  # for workers to save when the server is gone
NICENESS = 10
WARMING_AFTER = 30.0  # seconds: a server's first visitors have the processor to themselves
PR_SET_PDEATHSIG = 1


class Supervisor:
    """Takes jobs from the queue while there are slots, and looks after what it forked."""

    def __init__(self, connection: socket.socket, store: Store):
        self.connection, self.store = connection, store
        self.slots = settings().slots
        self.workers: dict[int, list[str]] = {}  # process -> its runs
        self.parking: set[int] = set()
        self.answering: dict[
            int, str
        ] = {}  # process -> "compute" or "maps", as ``Service`` calls it
        self.version: int | None = None
        self.swept = 0.0

    def run(self) -> None:
        """Until the server is gone."""
        read, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to wake from select
        signal.signal(signal.SIGTERM, lambda *_: self.connection.shutdown(socket.SHUT_RDWR))
        self._start_answering("compute")
        warm_up_training()
        tell(self.connection, {"ready": os.getpid()})
        self._start_answering("maps")
        asked = True
        while True:
            # A home that cannot be written now may be mended: no reason to leave.
            with suppress(ExplorerError):
                self._look(asked)
            ready, _, _ = select.select([self.connection, read], [], [], LOOK_SECONDS)
            asked = bool(ready)
            if read in ready:
                os.read(read, 1024)
            if self.connection in ready and not self._heard():
                return

    def _heard(self) -> bool:
        try:
            return bool(self.connection.recv(1024))
        except OSError:
            return False

    def _look(self, asked: bool) -> None:
        """Bury the dead, and start what can start."""
        self._bury()
        now = time.monotonic()
        if now - self.swept > SWEEP_SECONDS:
            self.swept, asked = now, True
            self.store.reap()
        version = self.store.database.version()
        if not asked and version == self.version:
            return
        self.version = version
        queue.wake_paused(self.store)
        waiting = queue.order(self.store)
        while waiting and len(self.workers) < self.slots:
            self._start(waiting.pop(0))
        if waiting:
            self._make_room(len(waiting))

    def _bury(self) -> None:
        while True:
            try:
                process, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not process:
                return
            self.parking.discard(process)
            if process in self.answering:
                self._start_answering(self.answering.pop(process))
            elif self.workers.pop(process, None) is not None:
                self.swept = 0.0  # whatever it left behind is seen to at once

    def _start(self, ids: list[str]) -> None:
        """Take these runs from the queue and fork a worker that holds them."""
        try:
            # The lock comes first: a running run with a free lock would pass for one whose worker died.
            held = [id for id in ids if self.store.hold(id)]
            claimed = [id for id in held if self._claim(id)]
            if claimed:
                self.workers[self._fork(lambda: self._train(claimed))] = claimed
        finally:
            for id in ids:
                self.store.release(id)  # a worker that was forked holds its own

    def _claim(self, id: str) -> bool:
        return self.store.transition(id, "running", ("queued",), claimed=time.time())

    def _train(self, ids: list[str]) -> None:
        os.nice(NICENESS)
        work(ids, store=self.store, ending=Ending(watch_parent=True))

    def _make_room(self, wanted: int) -> None:
        """Ask the workers whose runs are all paused to park them: others wait for the slot."""
        for process, ids in self.workers.items():
            states = {self.store.get(id).state for id in ids}
            if "running" in states or "paused" not in states:
                self.parking.discard(process)
            elif process not in self.parking and len(self.parking) < wanted:
                self.parking.add(process)
                os.kill(process, signal.SIGUSR1)

    def _start_answering(self, name: str) -> None:
        """Fork a worker that answers questions: ``compute``, or ``maps`` for those that take long."""
        ours, theirs = socket.socketpair()
        home, rest = self.store.home, WARMING_AFTER if name == "maps" else None

        def answer() -> None:
            ours.close()  # or it would keep its own conversation alive when the server is gone
            serve(theirs, home, rest=rest)

        process = self._fork(answer)
        self.answering[process] = name
        with ours, theirs:
            tell(self.connection, {name: process}, (ours.fileno(),))

    def _fork(self, job: Callable[[], None]) -> int:
        """Run ``job`` in a child that never returns; the child's process id."""
        self.store.database.close()
        parent = os.getpid()
        process = os.fork()
        if process:
            return process
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            die_with_parent(parent)
            self.connection.close()
            job()
            status = 0
        except ExplorerError as error:
            print(error, file=sys.stderr)  # noqa: T201 - the supervisor's log
        except BaseException as error:  # noqa: BLE001 - nothing may return into the parent's loop
            print(incidents.note(error, self.store.home, "supervisor"), file=sys.stderr)  # noqa: T201
        finally:
            sys.stderr.flush()
            os._exit(status)

    def end(self) -> None:
        """Let the workers save, then end."""
        for process in self.workers:
            os.kill(process, signal.SIGTERM)
        deadline = time.monotonic() + SAVE_SECONDS
        while self.workers and time.monotonic() < deadline:
            process, _ = os.waitpid(-1, os.WNOHANG)
            self.workers.pop(process, None)
            time.sleep(0.01)
        with suppress(ExplorerError):
            self.store.reap()


def die_with_parent(parent: int) -> None:
    """Have the kernel send SIGTERM when the parent ends (Linux; elsewhere workers notice by their parent's id)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(0)


def warm_up_training() -> None:
    """Load what only workers that train need; the compute worker, forked before, answers meanwhile."""
    # The first optimiser imports it, and that takes longer than a short run trains.
    importlib.import_module("torch._dynamo")
    datasets.load("digits")
    # Objects that live from now on are left alone by the collector, which keeps their pages shared after a fork.
    gc.collect()
    gc.freeze()


def main() -> None:
    """Warm up and serve the process at the other end of the handle given as argument."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    torch.set_num_threads(1)
    for name in models.names():
        models.get(name)
    supervisor = Supervisor(connection, Store())
    try:
        with suppress(BrokenPipeError):  # the server ended while it was being told something
            supervisor.run()
    except Exception:  # noqa: BLE001 - for the log, whatever it was; the server starts another supervisor
        traceback.print_exc()
    finally:
        supervisor.end()
        sys.stderr.flush()
        # Torch's compiler complains at length when the interpreter is taken down in order.
        os._exit(0)


if __name__ == "__main__":
    main()

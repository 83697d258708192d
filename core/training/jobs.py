"""What pages ask for: train this, pause that, go on from there. The work itself is done by other processes.

A job lives in the run store, not in the page or the server that asked for it: a reload, a second tab or a closed
laptop changes nothing. The supervisor (``core.training.supervisor``) takes runs from the queue and trains them.
"""

import atexit
import os
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from core import datasets, models
from core.compute import Compute
from core.errors import BadInput, ExplorerError, NotAllowed, StorageFull
from core.runs import LIVE, Run, Store, forks
from core.settings import settings
from core.training import queue
from core.training.changes import changed_spec, check_live
from core.training.config import RunSpec
from core.training.link import Link

MAPS_PATIENCE = (
    15.0  # seconds for a cancelled map to end; what its worker compiled goes with its process
)
CANNOT = {"phase": "take a turn", "set": "be changed", "stages": "show its stages"}
LEAST_FREE = 64 * 2**20  # bytes on disk below which nothing new begins


class Service:
    """The queue of one home folder and the workers behind it. Every method is quick and safe between threads.

    ``compute`` answers questions that a page waits for, ``maps`` those that take longer.

    ``owner`` is who asks: only a run's owner may command, rename or delete it (``NotAllowed``); whoever knows a
    run's id may look at it, fork it and restart it as a run of their own.
    """

    def __init__(self, home: Path | str | None = None):
        self.store = Store(home)
        self.compute = Compute()
        self.maps = Compute(MAPS_PATIENCE, self.compute.hurry)
        self.link = Link(self.store.home, self.compute, self.maps)

    def start(self, after: float = 0.0) -> None:
        """Start the workers unless they run, in ``after`` seconds or once anybody waits for one; returns at once."""
        self.link.start(after)

    def stop(self) -> None:
        """End the workers; what they train is saved and interrupted."""
        self.link.stop()

    def wait_ready(self, timeout: float = 60.0) -> bool:
        """Wait until the workers are warm; whether they are."""
        return self.link.ready.wait(timeout)

    @property
    def problem(self) -> str:
        """Why no worker starts, in a sentence; empty while all is well."""
        return self.link.problem

    # New runs

    def submit(
        self,
        specs: RunSpec | Sequence[RunSpec],
        owner: str,
        *,
        title: str = "",
        group: bool = False,
    ) -> list[str]:
        """Queue one run or several (as a ``group`` they are one unit that one worker trains by turns); their ids.

        Raises ``BadInput`` for an unknown model or data set, ``StorageFull`` where there is no room to begin.
        """
        specs = [specs] if isinstance(specs, RunSpec) else list(specs)
        for spec in specs:
            _check(spec)
        self._check_room()
        name = secrets.token_hex(6) if group and len(specs) > 1 else None
        with self.store.database.write():  # whole before a worker takes it
            ids = [self.store.create(spec, owner, title=title, group=name).id for spec in specs]
        self._wake()
        return ids

    def restart(self, id: str, owner: str) -> str:
        """The same spec with the same seed from the beginning, as a new run; the old one stops if it is one's own."""
        run = self.store.get(id)
        if run.owner == owner and run.state in ("queued", *LIVE):
            self.command(id, "stop", owner)
        return self.submit(run.spec, owner, title=run.title)[0]

    def fork(
        self,
        id: str,
        owner: str,
        *,
        step: int | None = None,
        changes: dict[str, Any] | None = None,
        title: str = "",
    ) -> str:
        """A new run that goes on from ``step`` of run ``id`` (its last state if None), with changed settings.

        ``changes`` are flat names as in the forms; the data set stays, and so must the shape of every tensor. Live
        changes up to that step are part of what is forked, later ones are not. ``BadInput`` names what cannot be.
        """
        parent = self.store.get(id)
        spec = changed_spec(parent.spec, changes or {})
        self._check_room()
        step = forks.check_fork(self.store, parent, step, spec)
        run = self.store.create(
            spec, owner, title=title or parent.title, parent=id, parent_step=step, state="stopped"
        )
        try:
            forks.adopt(self.store, run.id, parent, step)
        except ExplorerError:
            self.store.purge(run.id)
            raise
        self.store.transition(run.id, "queued", ("stopped",))
        self._wake()
        return run.id

    # A run's life

    def command(self, id: str, command: str, owner: str, /, **payload: Any) -> None:
        """Tell a run to ``pause``, ``resume``, ``step`` (n), ``phase`` (name), ``set`` (name, value), ``stop``, take a
        ``snapshot`` or show its ``stages`` (on, seconds for each). It acts within a few hundredths of a second if it
        trains; slow motion goes on after a resume.

        Raises ``NotAllowed`` for somebody else's run or where its state does not permit this, ``BadInput``.
        """
        run = self._own(id, owner)
        if command == "set":
            check_live(payload["name"], payload["value"])
        if command == "step" and not 1 <= payload.setdefault("n", 1) <= 1_000_000:
            raise BadInput.of_fields({"n": "Between 1 and 1,000,000 steps at a time."})
        if run.state in LIVE:
            self.store.command(id, command, payload)
        elif command == "resume":
            self._resume(run)
        elif run.state == "queued":
            self._command_queued(run, command, payload)
        elif command != "stop":
            raise NotAllowed(
                f"This run is {run.state}, so it cannot {CANNOT.get(command, command)}."
            )
        self._wake()

    def command_all(self, owners: dict[str, str], command: str) -> list[ExplorerError]:
        """The same command to several runs (id -> owner) at one moment: a group that goes on does so in one worker.

        Returns what was refused.
        """
        refused = []
        with self.store.database.write():
            for id, owner in owners.items():
                try:
                    self.command(id, command, owner)
                except ExplorerError as error:
                    refused.append(error)
        return refused

    def undo(self, id: str, owner: str, command_id: int) -> None:
        """Set a live setting back to what it was before that command; recorded like any change."""
        found = [c for c in self.store.commands(id) if c.id == command_id and c.name == "set"]
        if not found or "old" not in found[0].payload:
            raise BadInput("There is no such change to undo.")
        payload = found[0].payload
        self.command(id, "set", owner, name=payload["name"], value=payload["old"])

    def place(self, id: str) -> int | None:
        """Its place in the queue, 1 = next; None if it does not wait."""
        return queue.place(self.store, id)

    # What people call it and keep of it

    def rename(self, id: str, owner: str, title: str) -> None:
        """Give a run another title."""
        self._own(id, owner)
        self.store.update(id, title=title.strip()[:200])

    def tag(self, id: str, owner: str, tags: Sequence[str]) -> None:
        """Replace a run's tags."""
        self._own(id, owner)
        clean = dict.fromkeys(tag.strip()[:40] for tag in tags)
        self.store.update(id, tags=[tag for tag in clean if tag][:20])

    def delete(self, id: str, owner: str) -> None:
        """Put a run away (it stops first); ``undelete`` brings it back."""
        run = self._own(id, owner)
        if run.state in ("queued", *LIVE):
            self.command(id, "stop", owner)
        self.store.delete(id)

    def undelete(self, id: str, owner: str) -> None:
        """Bring a deleted run back."""
        self._own(id, owner)
        self.store.undelete(id)

    def clean_up(self, owner: str) -> int:
        """Remove the deleted runs of ``owner`` for good; the bytes freed."""
        return self.store.clean_up(owner)

    def thin(self, id: str, owner: str) -> int:
        """Keep only the last weights of an ended run; the bytes freed."""
        self._own(id, owner)
        return self.store.thin(id)

    # ----

    def _own(self, id: str, owner: str) -> Run:
        run = self.store.get(id)
        if run.shipped:
            raise NotAllowed(
                "This run is shipped with the program and read-only; fork it to go on from it."
            )
        if run.owner != owner:
            raise NotAllowed("This run belongs to somebody else; fork it to go on from it.")
        return run

    def _resume(self, run: Run) -> None:
        if run.state in ("done", "failed"):
            raise NotAllowed(f"This run is {run.state} and cannot go on; fork it to train further.")
        self.store.forget_controls(run.id)
        self.store.transition(
            run.id, "queued", ("stopped", "interrupted"), queued=time.time(), ended=None, message=""
        )

    def _command_queued(self, run: Run, command: str, payload: dict) -> None:
        left = {"pause": "paused", "stop": "stopped"}.get(command)
        if left and self.store.transition(run.id, left, ("queued",), ended=time.time()):
            return
        self.store.command(run.id, command, payload)  # also if a worker has just taken it

    def _check_room(self) -> None:
        folder = self.store.home if self.store.home.exists() else self.store.home.parent
        with suppress(OSError):  # a folder that cannot be asked is found out by the first write
            if shutil.disk_usage(folder).free < LEAST_FREE:
                raise StorageFull(
                    f"The disk that holds {self.store.home} is full; nothing was started and nothing is lost. "
                    "Free some space, or clean up on the Runs page."
                )

    def _wake(self) -> None:
        self.start()
        self.link.wake()


def _check(spec: RunSpec) -> None:
    if spec.model not in models.names():
        raise BadInput.of_fields({"model": f"There is no model {spec.model!r}."})
    if spec.dataset not in datasets.names():
        raise BadInput.of_fields({"dataset": f"There is no data set {spec.dataset!r}."})


_services: dict[tuple[int, Path], Service] = {}
_guard = threading.Lock()


def service() -> Service:
    """The one service of this process for the present home folder; its workers start on first use."""
    key = (os.getpid(), settings().home.resolve())
    with _guard:
        if key not in _services:
            _services[key] = Service(key[1])
            atexit.register(_services[key].stop)
        return _services[key]

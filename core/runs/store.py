"""The run store: one SQLite file and a folder a run, shared by every process that trains, asks or shows."""

import os
import secrets
import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.errors import NoSuchRun, NotAllowed, StorageFull
from core.runs.database import Database
from core.runs.folders import Folders
from core.runs.history import Command, History, Scalar, insert_scalars
from core.runs.record import COLUMNS, SELECT, Run, from_row, to_column
from core.runs.shipped import read_commands, read_run, read_scalars, shipped_runs, write_run
from core.settings import ROOT, settings

if TYPE_CHECKING:
    from core.training.config import RunSpec

NEEDS_WORKER = "state = 'running' OR (state = 'paused' AND ended IS NULL)"
IMMUTABLE = {
    "id",
    "owner",
    "model",
    "dataset",
    "spec_json",
    "parent",
    "parent_step",
    "group",
    "created",
    "shipped",
}


class Store(Folders, History):
    """All runs under one home folder (``EXPLORER_HOME`` unless given), and those shipped with the program."""

    def __init__(self, home: Path | str | None = None, shipped: Path | None = None):
        Folders.__init__(
            self, Path(home or settings().home).resolve(), shipped or ROOT / "checkpoints"
        )
        History.__init__(self, Database(self.home / "explorer.db"))

    def create(
        self,
        spec: "RunSpec",
        owner: str,
        *,
        title: str = "",
        group: str | None = None,
        parent: str | None = None,
        parent_step: int | None = None,
        state: str = "queued",
    ) -> Run:
        """A new run of ``spec``, waiting in the queue; with ``state="running"`` this process holds it already."""
        now = time.time()
        run = Run(
            id=secrets.token_hex(10),
            owner=owner,
            state=state,
            model=spec.model,
            dataset=spec.dataset,
            spec_json=spec.model_dump_json(),
            title=title,
            group=group,
            parent=parent,
            parent_step=parent_step,
            created=now,
            queued=now,
        )
        self.files(run.id).make()
        if state == "running":
            self.hold(
                run.id
            )  # before anybody can see it, or it would pass for one whose worker died
        names = ", ".join(f'"{name}"' for name in COLUMNS)
        marks = ", ".join("?" * len(COLUMNS))
        with self.database.write() as connection:
            connection.execute(
                f"INSERT INTO runs ({names}) VALUES ({marks})",
                tuple(to_column(name, getattr(run, name)) for name in COLUMNS),
            )
        return run

    def get(self, id: str) -> Run:
        """The run of exactly this id (ids cannot be guessed: knowing one is the permission to see its run)."""
        self.reap()
        rows = self.database.read(SELECT + " WHERE id = ?", (id,))
        if rows:
            return from_row(rows[0])
        if self.is_shipped(id):
            return read_run(self.shipped_folder / id)
        raise NoSuchRun(f"There is no run {id!r}.")

    def find(self, prefix: str) -> Run:
        """The one run whose id begins with ``prefix``: for the command line, where all runs are one's own."""
        if self.is_shipped(prefix):
            return self.get(prefix)
        pattern = prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        rows = (
            self.database.read(SELECT + " WHERE id LIKE ? ESCAPE '\\' LIMIT 5", (pattern,))
            if prefix
            else []
        )
        names = [
            run.id
            for run in shipped_runs(self.shipped_folder)
            if prefix and run.id.startswith(prefix)
        ]
        found = [from_row(row).id for row in rows] + names
        if not found:
            raise NoSuchRun(f"There is no run {prefix!r}.")
        if len(found) > 1:
            raise NoSuchRun(
                f"Several runs begin with {prefix!r} ({', '.join(found)}); give more of the id."
            )
        return self.get(found[0])

    def runs(
        self, owner: str | None = None, *, deleted: bool = False, shipped: bool = True
    ) -> list[Run]:
        """The runs of ``owner``, those opened by link, and the shipped ones last; newest first. None: everybody's.

        ``deleted`` asks for the deleted ones instead.
        """
        self.reap()
        values: tuple = (int(deleted),)
        where = " WHERE deleted = ?"
        if owner is not None:
            where += " AND (owner = ? OR id IN (SELECT run FROM opened WHERE owner = ?))"
            values += (owner, owner)
        rows = self.database.read(SELECT + where + " ORDER BY created DESC, number DESC", values)
        return [from_row(row) for row in rows] + (self.shipped() if shipped and not deleted else [])

    def update(self, id: str, **fields) -> None:
        """Change fields of a run that may change (its spec, owner and origin never do)."""
        self.transition(id, None, **fields)

    def transition(
        self, id: str, to: str | None, of: Iterable[str] | None = None, **fields
    ) -> bool:
        """Change state (and fields) in one step, only if the state is one of ``of``; whether it was."""
        wrong = set(fields) - (set(COLUMNS) - IMMUTABLE)
        if wrong:
            raise ValueError(f"these fields of a run never change: {sorted(wrong)}")
        fields = {**fields, **({"state": to} if to else {})}
        with self.database.write() as connection:
            return self._change(connection, id, fields, of)

    def record(self, id: str, rows: Iterable[Scalar], **fields) -> None:
        """Scalars and progress in one transaction: what a session writes a few times a second."""
        with self.database.write() as connection:
            insert_scalars(connection, id, rows)
            self._change(connection, id, fields, None)

    def open_link(self, owner: str, id: str) -> Run:
        """Remember that ``owner`` opened this run by its link; from then on it is in their list."""
        run = self.get(id)
        if not run.shipped and run.owner != owner:
            with self.database.write() as connection:
                connection.execute(
                    "INSERT OR IGNORE INTO opened (owner, run) VALUES (?, ?)", (owner, id)
                )
        return run

    def delete(self, id: str) -> None:
        """Put a run away; ``undelete`` brings it back until it is purged."""
        self.update(id, deleted=True)

    def undelete(self, id: str) -> None:
        """Bring a deleted run back."""
        self.update(id, deleted=False)

    def purge(self, id: str) -> int:
        """Remove a run for good, with its files; the bytes freed. Raises ``NotAllowed`` while it is trained."""
        if not self.hold(id):
            raise NotAllowed("This run is being trained; stop it before removing it.")
        try:
            with self.database.write() as connection:
                if not connection.execute("DELETE FROM runs WHERE id = ?", (id,)).rowcount:
                    raise NoSuchRun(f"There is no run {id!r}.")
            return self.remove_files(id)
        finally:
            self.release(id)

    def clean_up(self, owner: str | None = None, *, older_than: float = 0.0) -> int:
        """Purge the deleted runs of ``owner`` (None: everybody's) made over ``older_than`` seconds ago; bytes freed."""
        freed = 0
        for run in self.runs(owner, deleted=True, shipped=False):
            if time.time() - run.created >= older_than and owner in (None, run.owner):
                with suppress(NotAllowed, NoSuchRun):
                    freed += self.purge(run.id)
        return freed

    def thin(self, id: str) -> int:
        """Drop all states of an ended run but the last; the bytes freed. Earlier weights then come by replay."""
        if not self.hold(id):
            return 0
        try:
            files = self.files(id)
            before = files.bytes()
            for step in files.steps("states")[:-1]:
                files.path("states", step).unlink(missing_ok=True)
            return before - files.bytes()
        finally:
            self.release(id)

    def reap(self) -> list[str]:
        """Mark the runs whose worker is gone as interrupted; their ids.

        A worker holds the lock of its run while it lives, so a free lock tells of its death. Only a paused run may
        go without, once its worker has let go of it in order (``ended`` says when).
        """
        gone = []
        for (id,) in self.database.read(f"SELECT id FROM runs WHERE {NEEDS_WORKER}"):
            with suppress(StorageFull):  # a look at the runs must work where nothing can be written
                handle = self.files(id).lock()
                if handle is not None:
                    if self._interrupt(id):
                        gone.append(id)
                    os.close(handle)
        return gone

    def _interrupt(self, id: str) -> bool:
        """Interrupt a run unless its worker, before it let go, said in what state it leaves it."""
        with self.database.write() as connection:
            return bool(
                connection.execute(
                    "UPDATE runs SET state = 'interrupted', ended = ?, message = ? "
                    f"WHERE id = ? AND ({NEEDS_WORKER})",
                    (time.time(), self.kept(id), id),
                ).rowcount
            )

    def kept(self, id: str) -> str:
        """What an interrupted run still has, in a sentence."""
        states = self.states(id)
        if states:
            return f"Its worker ended; everything up to step {states[-1]} is kept, and Resume goes on from there."
        return "Its worker ended before weights were saved; Resume starts again with the same seed."

    def scalars(self, id: str, after: int = -1) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """See ``History.scalars``; of shipped runs too."""
        if self.is_shipped(id):
            return read_scalars(self.shipped_folder / id, after)
        return super().scalars(id, after)

    def commands(self, id: str) -> list[Command]:
        """See ``History.commands``; of shipped runs too."""
        if self.is_shipped(id):
            return read_commands(self.shipped_folder / id)
        return super().commands(id)

    def cut(self, id: str, step: int) -> None:
        """Forget scalars, snapshots and states later than ``step``: a resume from there writes them again."""
        with self.database.write() as connection:
            connection.execute(
                "DELETE FROM scalars WHERE run = (SELECT number FROM runs WHERE id = ?) AND step > ?",
                (id, step),
            )
        self.files(id).cut(step)

    def export(self, id: str, folder: Path) -> list[Path]:
        """Write a run as a folder of plain files with its last state (see ``core.runs.shipped``); the files."""
        return write_run(self.get(id), self.commands(id), self.scalars(id), self.files(id), folder)

    def _change(
        self, connection: sqlite3.Connection, id: str, fields: dict, of: Iterable[str] | None
    ) -> bool:
        """Update columns inside an open transaction; whether the run was in one of the states ``of``."""
        if not fields:
            return True
        states = tuple(of or ())
        where = f" AND state IN ({', '.join('?' * len(states))})" if states else ""
        changed = connection.execute(
            "UPDATE runs SET "
            + ", ".join(f'"{name}" = ?' for name in fields)
            + " WHERE id = ?"
            + where,
            (*(to_column(name, value) for name, value in fields.items()), id, *states),
        ).rowcount
        if (
            not changed
            and not connection.execute("SELECT 1 FROM runs WHERE id = ?", (id,)).fetchone()
        ):
            if self.is_shipped(id):
                raise NotAllowed(
                    "This run is shipped with the program and read-only; fork it to go on from it."
                )
            raise NoSuchRun(f"There is no run {id!r}.")
        return bool(changed)

"""SQLite for many processes and threads: one connection each, short transactions, errors a person can read."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import DamagedFile, ExplorerError, StorageFull

VERSION = 1
BUSY_SECONDS = 15.0
SCHEMA = """
CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    model TEXT NOT NULL,
    dataset TEXT NOT NULL,
    spec_json TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]',
    steps INTEGER NOT NULL DEFAULT 0,
    total_steps INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    rate REAL NOT NULL DEFAULT 0,
    metrics TEXT NOT NULL DEFAULT '{}',
    message TEXT NOT NULL DEFAULT '',
    parent TEXT,
    parent_step INTEGER,
    "group" TEXT,
    created REAL NOT NULL,
    queued REAL,
    claimed REAL,
    started REAL,
    ended REAL,
    environment TEXT NOT NULL DEFAULT '{}',
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX runs_by_owner ON runs (owner, created);
CREATE INDEX runs_by_state ON runs (state);
CREATE INDEX runs_by_turn ON runs (owner, claimed);
CREATE TABLE scalars (
    run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    name TEXT NOT NULL,
    value REAL,
    PRIMARY KEY (run, step, name)
) WITHOUT ROWID;
CREATE TABLE commands (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    created REAL NOT NULL,
    step INTEGER
);
CREATE INDEX commands_by_run ON commands (run, id);
CREATE TABLE opened (
    owner TEXT NOT NULL,
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    PRIMARY KEY (owner, run)
) WITHOUT ROWID;
"""


class Database:
    """Statements on one file. Every thread of every process has a connection of its own, opened on first use.

    A connection must never cross a fork (SQLite's locks do not): ``close`` it before forking.
    """

    def __init__(self, path: Path):
        self.path = path
        self._local = threading.local()

    def read(self, sql: str, values: tuple | dict = ()) -> list[tuple]:
        """All rows of a query."""
        with self._readable():
            return self._connection().execute(sql, values).fetchall()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that takes the write lock at once, and leaves nothing behind if it fails.

        Within another one of this thread it is a part of that one.
        """
        with self._readable():
            connection = self._connection()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def version(self) -> int:
        """A number that differs from the last one on this thread if another connection has written since."""
        with self._readable():
            return self._connection().execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        """Close this thread's connection; the next statement opens a new one."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            del self._local.connection

    def _connection(self) -> sqlite3.Connection:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._open()
            self._local.connection, self._local.process = connection, os.getpid()
        elif self._local.process != os.getpid():
            raise RuntimeError(
                "A SQLite connection crossed a fork; close the store before forking."
            )
        return connection

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFull(
                f"The folder {self.path.parent} cannot be made ({error.strerror}); "
                "set EXPLORER_HOME to a folder that can be written."
            ) from error
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        _write_ahead(connection)
        # With a write-ahead log, NORMAL survives the death of any process; only a power cut may take the last moments.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={VERSION}")
            connection.execute("COMMIT")
        elif found != VERSION:
            raise ExplorerError(
                f"{self.path.name} was written by another version of the explorer (schema {found}, this one reads "
                f"{VERSION}); use that version, or set EXPLORER_HOME to another folder."
            )

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Turns SQLite's errors into sentences."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StorageFull(
                f"The run store cannot be written ({error}); what is in it is kept. "
                f"Free some space, or check that {self.path.parent} may be written."
            ) from error
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise
            raise DamagedFile(
                f"{self.path.name} is damaged ({error}); move it away to start anew, the files of the runs stay."
            ) from error


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the write-ahead log on. The switch ignores the busy timeout when two processes do it at once."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal":
                return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(0.01)

"""The log of a run: its scalars, keyed by (run, step, name), and the commands it was given, each with its step."""

import json
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from core.errors import NoSuchRun
from core.runs.database import Database

Scalar = tuple[int, str, float]  # step, name, value
COMMANDS = ("pause", "resume", "step", "phase", "set", "stop", "snapshot", "stages")
NUMERIC = ("set", "phase")  # the commands that change numbers, hence are repeated by a resume


@dataclass
class Command:
    """Something that a run was told; ``step`` is None until it was applied, then the steps done before it.

    An applied ``set`` has ``old`` beside ``name`` and ``value``; one that could not be applied has ``error``.
    """

    id: int
    run: str
    name: str
    payload: dict = field(default_factory=dict)
    created: float = 0.0
    step: int | None = None


def stages_told(commands: list[Command]) -> dict:
    """What the last ``stages`` among these commands of one run asks for: ``on`` and ``seconds``; empty without any."""
    told = [c.payload for c in commands if c.name == "stages" and "error" not in c.payload]
    return told[-1] if told else {}


class History:
    """Scalars and commands of all runs."""

    def __init__(self, database: Database):
        self.database = database

    def add_scalars(self, id: str, rows: Iterable[Scalar]) -> None:
        """Keep scalars; one with the same step and name takes the place of the earlier."""
        with self.database.write() as connection:
            insert_scalars(connection, id, rows)

    def scalars(self, id: str, after: int = -1) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Steps (n,) int64 and values (n,) float64 of every name, at the steps later than ``after``."""
        rows = self.database.read(
            "SELECT name, step, value FROM scalars WHERE run = (SELECT number FROM runs WHERE id = ?) AND step > ? "
            "ORDER BY step",
            (id, after),
        )
        found: dict[str, tuple[list, list]] = {}
        for name, step, value in rows:
            steps, values = found.setdefault(name, ([], []))
            steps.append(step)
            values.append(value)
        # SQLite keeps a NaN as NULL, which comes back as None, which numpy reads as NaN again.
        return {
            name: (np.array(steps, np.int64), np.array(values, np.float64))
            for name, (steps, values) in found.items()
        }

    def command(self, id: str, name: str, payload: dict | None = None) -> int:
        """Tell a run something; the number of the command."""
        if name not in COMMANDS:
            raise ValueError(f"unknown command {name!r}")
        with self.database.write() as connection:
            if not connection.execute("SELECT 1 FROM runs WHERE id = ?", (id,)).fetchone():
                raise NoSuchRun(f"There is no run {id!r}.")
            return connection.execute(
                "INSERT INTO commands (run, name, payload, created) VALUES (?, ?, ?, ?)",
                (id, name, json.dumps(payload or {}), time.time()),
            ).lastrowid

    def commands(self, id: str) -> list[Command]:
        """All commands of a run in the order they were given."""
        return self._commands("run = ?", id)

    def pending(self, id: str) -> list[Command]:
        """Those that were not applied yet."""
        return self._commands("run = ? AND step IS NULL", id)

    def mark_applied(self, command_id: int, step: int, payload: dict | None = None) -> None:
        """Write down at which step a command acts, before it does; ``payload`` replaces its own."""
        with self.database.write() as connection:
            connection.execute("UPDATE commands SET step = ? WHERE id = ?", (step, command_id))
            if payload is not None:
                connection.execute(
                    "UPDATE commands SET payload = ? WHERE id = ?",
                    (json.dumps(payload), command_id),
                )

    def forget_controls(self, id: str) -> None:
        """Drop pending pauses, stops and steps, which were meant for a worker that is gone."""
        with self.database.write() as connection:
            connection.execute(
                "DELETE FROM commands WHERE run = ? AND step IS NULL AND name NOT IN ('set', 'phase')",
                (id,),
            )

    def _commands(self, where: str, *values) -> list[Command]:
        rows = self.database.read(
            f"SELECT id, run, name, payload, created, step FROM commands WHERE {where} ORDER BY id",
            values,
        )
        return [Command(a, b, c, json.loads(d), e, f) for a, b, c, d, e, f in rows]


def insert_scalars(connection: sqlite3.Connection, id: str, rows: Iterable[Scalar]) -> None:
    """Insert scalars inside a transaction that is open."""
    found = connection.execute("SELECT number FROM runs WHERE id = ?", (id,)).fetchone()
    if found is None:
        raise NoSuchRun(f"There is no run {id!r}.")
    connection.executemany(
        "INSERT OR REPLACE INTO scalars (run, step, name, value) VALUES (?, ?, ?, ?)",
        [(found[0], int(step), name, float(value)) for step, name, value in rows],
    )

"""One run as the store knows it."""

import json
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.training.config import RunSpec

LOCAL = "local"  # the owner of everything that the command line starts
STATES = ("queued", "running", "paused", "done", "stopped", "failed", "interrupted")
LIVE = ("running", "paused")  # a worker may hold it
ENDED = ("done", "stopped", "failed", "interrupted")
RESUMABLE = ("paused", "stopped", "interrupted")
AS_JSON = {"tags": list, "metrics": dict, "environment": dict}


@dataclass
class Run:
    """A run: an immutable spec, how far it is, and a few words that people gave it.

    ``seconds`` is the time spent training (pauses left out), ``rate`` the examples per second of late and
    ``metrics`` the last value of every scalar. ``created``, ``queued``, ``claimed`` (by a worker), ``started`` (first)
    and ``ended`` (when its worker let go of it) are seconds since 1970.
    """

    id: str
    owner: str
    state: str
    model: str
    dataset: str
    spec_json: str
    title: str = ""
    tags: list[str] = field(default_factory=list)
    steps: int = 0
    total_steps: int = 0
    seconds: float = 0.0
    rate: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)
    message: str = ""
    parent: str | None = None
    parent_step: int | None = None
    group: str | None = None
    created: float = 0.0
    queued: float | None = None
    claimed: float | None = None
    started: float | None = None
    ended: float | None = None
    environment: dict[str, Any] = field(default_factory=dict)
    deleted: bool = False
    shipped: bool = False

    @cached_property
    def spec(self) -> "RunSpec":
        """The immutable spec (parsed on first use, so that a list of thousands stays quick)."""
        from core.training.config import RunSpec

        return RunSpec.model_validate_json(self.spec_json)


# The last field is no column, so that a row is a run's arguments in order.
COLUMNS = tuple(f.name for f in fields(Run) if f.name != "shipped")
SELECT = "SELECT " + ", ".join(f'runs."{name}"' for name in COLUMNS) + " FROM runs"


def from_row(row: tuple) -> Run:
    """The run of one row that ``SELECT`` gave."""
    run = Run(*row)
    run.deleted = bool(run.deleted)
    for name, empty in AS_JSON.items():
        text = getattr(run, name)
        setattr(run, name, json.loads(text) if len(text) > 2 else empty())
    return run


def to_column(name: str, value: Any) -> Any:
    """A field's value as SQLite keeps it."""
    return json.dumps(value) if name in AS_JSON else value

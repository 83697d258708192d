"""How a fork begins: it takes over what it needs of its parent at once, so that it outlives it.

The child's folder gets ``parent.json`` (the parent's spec, the commands to repeat, the step) and, unless the parent
is forked near its beginning, ``parent.safetensors``: the parent's nearest state at or before that step. The worker
replays from there to the step itself, which gives the very weights the parent had.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from core import arrays
from core.errors import BadInput, DamagedFile
from core.runs.files import SUFFIX, RunFiles, link
from core.runs.history import NUMERIC, Command
from core.runs.record import Run

if TYPE_CHECKING:
    from core.runs.store import Store
    from core.training.config import RunSpec


@dataclass
class Origin:
    """Where a fork comes from: replay ``spec`` with ``commands`` from ``state_step`` (0 = from scratch) to ``step``."""

    spec: dict
    step: int
    state_step: int
    commands: list[dict] = field(default_factory=list)

    def told(self) -> list[Command]:
        """The parent's commands up to that step."""
        return [Command(**one) for one in self.commands]


def check_fork(store: "Store", parent: Run, step: int | None, spec: "RunSpec") -> int:
    """The step to fork at, where ``None`` means the parent's last state. ``BadInput`` if that cannot be."""
    if step is None:
        step = max(store.states(parent.id), default=0)
    if not 0 <= step <= parent.steps:
        raise BadInput.of_fields(
            {"step": f"Run {parent.title or parent.id} has steps 0 to {parent.steps}, not {step}."}
        )
    if spec.training.epochs is None and step >= spec.training.steps:
        raise BadInput.of_fields(
            {"steps": f"A fork at step {step} needs more steps than that to go on; raise steps."}
        )
    return step


def adopt(store: "Store", child: str, parent: Run, step: int) -> None:
    """Give the fork ``child`` what it needs of its parent at ``step``: state, scalars, pictures, what was told."""
    source, target = store.files(parent.id), store.files(child)
    told = [
        asdict(c)
        for c in store.commands(parent.id)
        if c.step is not None and c.step <= step and c.name in NUMERIC and "error" not in c.payload
    ]
    state_step = _take_state(source, target, step)
    origin = Origin(json.loads(parent.spec_json), step, state_step, told)
    arrays.write_bytes(target.folder / "parent.json", json.dumps(asdict(origin)).encode())
    rows = [
        (int(at), name, value)
        for name, (steps, values) in store.scalars(parent.id).items()
        for at, value in zip(steps, values, strict=True)
        if at <= step
    ]
    store.record(child, rows, steps=step, total_steps=parent.total_steps)
    target.link_from(source, step)


def read_origin(files: RunFiles) -> Origin | None:
    """Where a run was forked from, or None if it was not. Raises ``DamagedFile``."""
    path = files.folder / "parent.json"
    if not path.exists():
        return None
    try:
        return Origin(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise DamagedFile("Where this run was forked from cannot be read; fork it anew.") from error


def parent_state(files: RunFiles):
    """Where the parent's state lies."""
    return files.folder / f"parent{SUFFIX}"


def _take_state(source: RunFiles, target: RunFiles, step: int) -> int:
    """Link the nearest readable state at or before ``step``; its step, 0 if none (then all is replayed)."""
    for found in reversed([s for s in source.steps("states") if s <= step]):
        try:
            source.read_state(source.path("states", found))
            link(source.path("states", found), parent_state(target))
            return found
        except (DamagedFile, FileNotFoundError):
            continue  # damaged, or thinned out by its worker this moment
    return 0

"""Where a session's trainer starts: at the run's latest good state, at a fork's origin, or at the beginning."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core.datasets.base import Data
from core.errors import BadInput, DamagedFile, ExplorerError
from core.runs import Run, Store
from core.runs.files import RunFiles
from core.runs.forks import Origin, parent_state, read_origin
from core.runs.history import NUMERIC, Command
from core.training.config import RunSpec
from core.training.trainer import Trainer

Check = Callable[[], None]


class GivenUp(Exception):
    """In the middle of a fork's replay the run was stopped, or the process is about to end: ``state`` says which."""

    def __init__(self, state: str):
        super().__init__(state)
        self.state = state


@dataclass
class Restored:
    """A trainer, the commands that its state has applied at its very step, and those after it to be repeated."""

    trainer: Trainer
    applied: list[int] = field(default_factory=list)
    replay: deque[Command] = field(default_factory=deque)
    note: str = ""


def restore(store: Store, run: Run, data: Data, device: str, check: Check) -> Restored:
    """The trainer with which ``run`` goes on; what the store holds of later steps is forgotten.

    A damaged state is set aside for the next earlier one, and ``note`` says so.
    """
    files = store.files(run.id)
    damaged, found = 0, None
    for step in reversed(files.steps("states")):
        path = files.path("states", step)
        trainer = Trainer(run.spec, data, device)
        try:
            values, meta = files.read_state(path)
            trainer.load_state(values, meta)
        except DamagedFile:
            files.set_aside(path)
            damaged += 1
            continue
        found = Restored(trainer, meta["commands"])
        break
    if found is None:
        trainer = plant(files, run.spec, data, device, check)
        found = Restored(trainer or Trainer(run.spec, data, device))
    step = found.trainer.step
    found.replay = to_repeat(store.commands(run.id), step, found.applied)
    if damaged:
        found.note = (
            f"The latest saved weights were damaged, so training went on from step {step}; "
            "the steps after it come out the same again."
        )
    store.cut(run.id, step)
    return found


def to_repeat(commands: list[Command], step: int, applied: list[int]) -> deque[Command]:
    """The commands that change numbers, in order, which a state at ``step`` with ``applied`` in it has yet to see."""
    found = [
        c
        for c in commands
        if c.step is not None
        and c.name in NUMERIC
        and "error" not in c.payload
        and (c.step > step or (c.step == step and c.id not in applied))
    ]
    return deque(sorted(found, key=lambda c: (c.step, c.id)))


def plant(files: RunFiles, spec: RunSpec, data: Data, device: str, check: Check) -> Trainer | None:
    """A trainer of ``spec`` that stands where its parent stood at the fork; None if the run is no fork.

    Raises ``BadInput`` where changed settings change the shape of a tensor, and whatever ``check`` does.
    """
    origin = read_origin(files)
    if origin is None:
        return None
    parent = RunSpec.model_validate(origin.spec)
    trainer = replayed(files, origin, parent, data, device, check)
    values, meta = trainer.state()
    if spec == parent:
        return trainer
    own, its = _flat(spec), _flat(parent)
    changed = {name for name in own if own[name] != its.get(name)}
    # What was set live in the parent stays, unless the fork says otherwise; and it may train on after an early stop.
    meta["live"] = {name: value for name, value in meta["live"].items() if name not in changed}
    meta |= {"ended": "", "waited": 0}
    fork = Trainer(spec, data, device)
    _check_shapes(fork, trainer)
    fork.load_state(values, meta)
    return fork


def replayed(
    files: RunFiles,
    origin: Origin,
    spec: RunSpec,
    data: Data,
    device: str,
    check: Check,
) -> Trainer:
    """The parent's trainer after ``origin.step`` steps and the commands given up to there."""
    trainer = Trainer(spec, data, device)
    applied: list[int] = []
    if origin.state_step:
        values, meta = files.read_state(parent_state(files))
        trainer.load_state(values, meta)
        applied = meta["commands"]
    repeat(trainer, to_repeat(origin.told(), origin.state_step, applied), origin.step, check)
    return trainer


def repeat(trainer: Trainer, told: deque[Command], step: int, check: Check) -> None:
    """Train on to ``step``, giving each command of ``told`` at its step, those at ``step`` too; nothing is logged."""
    events = trainer.events()
    while True:
        while told and told[0].step <= trainer.step:
            command = told.popleft()
            if command.name == "set":
                trainer.set({command.payload["name"]: command.payload["value"]})
            else:
                trainer.single(command.payload["name"])
        if trainer.step >= step:
            break
        event = next(events)
        if event.kind in ("done", "failed") and trainer.step < step:
            raise ExplorerError(f"The run could not be repeated to step {step}: {event.text}")
        check()
    trainer.drain()


def weights_at(store: Store, run: Run, step: int, data: Data, device: str) -> Trainer:
    """A trainer that stands where ``run`` stood after ``step`` steps: trained again from the nearest earlier state.

    Nothing is written. The steps of a fork's parent are the parent's.
    """
    files = store.files(run.id)
    told = [c for c in store.commands(run.id) if c.step is not None and c.step < step]
    for found in reversed([s for s in files.steps("states") if s <= step]):
        trainer = Trainer(run.spec, data, device)
        try:
            values, meta = files.read_state(files.path("states", found))
            trainer.load_state(values, meta)
        except DamagedFile:
            continue
        repeat(trainer, to_repeat(told, found, meta["commands"]), step, _never)
        return trainer
    origin = read_origin(files)
    if origin is not None and step < origin.step:
        early = replace(
            origin, step=step, commands=[c for c in origin.commands if c["step"] < step]
        )
        if early.state_step > step:
            early = replace(early, state_step=0)
        return replayed(files, early, RunSpec.model_validate(origin.spec), data, device, _never)
    trainer = plant(files, run.spec, data, device, _never) or Trainer(run.spec, data, device)
    repeat(trainer, to_repeat(told, trainer.step, []), step, _never)
    return trainer


def _never() -> None:
    """Nobody can end this replay."""


def _flat(spec: RunSpec) -> dict:
    return {**spec.config, **spec.training.model_dump()}


def _check_shapes(fork: Trainer, parent: Trainer) -> None:
    shapes = {name: tuple(t.shape) for name, t in fork.model.state_dict().items()}
    others = {name: tuple(t.shape) for name, t in parent.model.state_dict().items()}
    if shapes != others:
        differing = sorted(
            n for n in shapes.keys() | others.keys() if shapes.get(n) != others.get(n)
        )
        raise BadInput(
            f"A fork keeps the shape of every tensor, and these settings change {', '.join(differing[:3])}"
            f"{' and others' if len(differing) > 3 else ''}; start a new run instead."
        )

"""The turns within one step, and how a slow motion halts between them without moving a number."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from core.models.base import Batch, Phase

if TYPE_CHECKING:
    from core.training.trainer import Trainer


class Event(NamedTuple):
    """``step`` counts completed steps; ``text`` names a stage, an early stop, or how the loss broke.

    Only in slow motion: ``turn`` before and after each update (``Trainer.turn`` says of what; nothing may be saved or
    changed there), ``single`` after one update that was asked for by itself.
    """

    kind: Literal["stage", "step", "done", "failed", "turn", "single"]
    step: int
    text: str = ""


class Turn(NamedTuple):
    """One update of one phase, on ``batch``, number ``repeat`` (from 0) of ``repeats``; ``over`` once it is done."""

    phase: str
    repeat: int
    repeats: int
    batch: Batch
    over: bool


def turns(trainer: "Trainer", phases: dict[str, Phase]) -> Iterator[Turn]:
    """Every phase's updates, the first of each on one common batch, a repeated one on a fresh batch."""
    first = trainer.feed.next(trainer.batch_size)
    for name, phase in phases.items():
        for repeat in range(phase.repeats):
            batch = trainer.feed.next(trainer.batch_size) if repeat else first
            yield Turn(name, repeat, phase.repeats, batch, False)
            trainer.update(name, phase, batch)
            yield Turn(name, repeat, phase.repeats, batch, True)


def through(trainer: "Trainer", phases: dict[str, Phase]) -> Iterator[Event]:
    """Do the updates of these phases: at one go, or with an event at each turn where the trainer is ``slow``.

    The trainer's noise is in force only while it computes, so that whoever holds an event may look.
    """
    walk = turns(trainer, phases)
    if not trainer.slow:
        with trainer.noise:
            for _ in walk:
                pass
        return
    while True:
        with trainer.noise:
            trainer.turn = next(walk, None)
        if trainer.turn is None:
            return
        yield Event("turn", trainer.step, trainer.turn.phase)

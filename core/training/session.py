"""One run in the hands of one worker: the trainer's loop, with the store on the other side.

Between steps a session writes what was logged, looks, saves and obeys, all on the clock's schedule; the trainer's
numbers do not depend on any of it. A command is written down with its step before it acts, so that a worker that
is killed at any moment can be followed by another that ends, to the bit, where the first would have.
"""

import math
import time
from itertools import chain

from core import datasets
from core.errors import BadInput
from core.runs import Store
from core.runs.history import Command
from core.settings import settings
from core.training.environment import environment
from core.training.rate import Rate
from core.training.recorder import Recorder
from core.training.restore import Check, restore
from core.training.slow import SECONDS, SlowMotion
from core.training.trainer import Event

POLL_SECONDS = 0.05
WRITE_SECONDS = 0.25


class Session:
    """Trains one run that this process holds (``Store.hold``), slice by slice.

    Raises ``ExplorerError`` from the constructor where the run cannot begin. ``check`` is called at every step of
    a fork's replay, and raises ``GivenUp`` to end it.
    """

    def __init__(self, store: Store, id: str, *, check: Check = lambda: None):
        self.store, self.id = store, id
        self.run = store.get(id)
        device = settings().device
        spec = self.run.spec
        data = datasets.load(spec.dataset, spec.data, data_dir=spec.data_dir)
        found = restore(store, self.run, data, device, check)
        self.trainer, self.note = found.trainer, found.note
        self.boundary = found.applied  # the commands applied at the present step
        self.replay = found.replay
        self.ended = self.paused = False
        self.steps_left = 0
        self.recorder = Recorder(store, id, self.trainer, data)
        self.recorder.begin()
        self.slow = SlowMotion(self.trainer, self.recorder, store.commands(id))
        self.events = self.steps = self.trainer.events()
        self.metrics = dict(self.run.metrics)
        self._begin_clocks()
        store.update(
            id,
            total_steps=self.trainer.total_steps,
            steps=self.trainer.step,
            seconds=self.seconds,
            message=self.note,
            ended=None,
            started=self.run.started or time.time(),
            environment=self.run.environment | environment(device, data),
        )

    # Training

    def advance(self, seconds: float, until: float = math.inf) -> bool:
        """Train for about so long (at least one step), or obey if paused; False once the run has ended.

        While it keeps pace it also obeys alone once it has come to step ``until``.
        """
        begin = time.perf_counter()
        if self.slow.inside:
            self._heed()
        elif self.fresh or self._stands(until):
            self._between(begin)
        if not (self.ended or self._stands(until) or self.slow.waits(begin, self.seconds)):
            self._train(begin + seconds, until)
        return not self.ended

    @property
    def keeps_pace(self) -> bool:
        """Whether it trains on at full speed, so that the others of its group and it can go in step."""
        return not (self.ended or self.paused or self.trainer.slow or self.slow.inside)

    def _stands(self, until: float) -> bool:
        return self.idle or (self.trainer.step >= until and self.keeps_pace)

    @property
    def idle(self) -> bool:
        """Paused, with no single step left to do."""
        return self.paused and not self.steps_left and not self.slow.inside

    @property
    def resting(self) -> bool:
        """Idle, or waiting for somebody to see an event of a slow motion."""
        return self.idle or self.slow.waiting(time.perf_counter())

    def _train(self, end: float, until: float = math.inf) -> None:
        now = time.perf_counter()
        while True:
            before, event = now, next(self.events)
            now = time.perf_counter()
            self.seconds += now - before
            if event.kind == "turn":
                self.slow.reach()
                if self.slow.waits(now, self.seconds):
                    return
                continue
            self.slow.leave()
            if event.kind == "step":
                self.boundary = []
                self.steps_left -= self.paused
                if event.step >= self.due or now >= self.next_poll or self.paused or self.fresh:
                    self._between(now)
                    now = time.perf_counter()
            elif event.kind in ("done", "failed"):
                self._finish(event)
            if self.ended or now >= end or self._stands(until):
                return

    def _between(self, now: float) -> None:
        """Everything that happens between two steps: write, look, repeat what a resume must, obey."""
        step = self.trainer.step
        if self.fresh and step > self.first:
            self._write(now)  # the first numbers at once: somebody has just clicked
            self.fresh = False
        if step >= self.due:
            self.recorder.at_step(self.seconds, self._projected(), self.boundary)
            while self.replay and self.replay[0].step <= step:
                self._apply(self.replay.popleft(), again=True)
            self.due = min(self.recorder.due, self.replay[0].step if self.replay else math.inf)
        if now >= self.next_poll or self.paused or self.fresh:
            self.next_poll = now + POLL_SECONDS
            self._obey()
            self._look(now)
        if not self.ended and (now >= self.next_write or self._just_stood_still()):
            self._write(now)

    def _look(self, now: float) -> None:
        """Live frames and rolling states, unless a turn has just begun; a slow motion has frames of its own."""
        if not self.slow.inside:
            live = self.idle or not self.trainer.slow
            self.recorder.at_moment(now, self.seconds, self.boundary, live)

    def _just_stood_still(self) -> bool:
        """Whether it is paused at a step that the store does not know of."""
        return self.idle and self.written != self.trainer.step

    # Commands

    def _heed(self) -> None:
        """Within a step nothing can be obeyed: if there is anything to obey, be quick about the step."""
        version = self.store.database.version()
        if version != self.version:
            if self.store.pending(self.id):
                self.slow.hurry()
                self.next_poll = 0.0
            else:
                self.version = version

    def _settle(self) -> None:
        """Finish the step, or the single turn, that a slow motion is in."""
        if self.slow.inside:
            self.slow.hurry()
        while self.slow.inside:
            self._train(0.0)

    def _obey(self) -> None:
        version = self.store.database.version()
        if version == self.version:
            return
        self.version = version
        for command in self.store.pending(self.id):
            if self.ended:
                return
            self._apply(command)

    def _apply(self, command: Command, again: bool = False) -> None:
        """Write down that it acts now, then act; what cannot be done is written down too, and harms nothing."""
        self._settle()
        step, payload = self.trainer.step, dict(command.payload)
        if command.name == "set" and not again:
            payload["old"] = self.trainer.live_values().get(payload.get("name"))
        if not again:
            self.store.mark_applied(command.id, step, payload)
        try:
            getattr(self, f"_do_{command.name}")(payload, again)
        except BadInput as error:
            self.store.mark_applied(command.id, step, payload | {"error": str(error)})
        else:
            self.boundary.append(command.id)

    def _do_set(self, payload: dict, again: bool) -> None:
        self.trainer.set({payload["name"]: payload["value"]})

    def _do_phase(self, payload: dict, again: bool) -> None:
        if again:
            self.trainer.single(payload["name"])
            return
        self._hold_still()
        self.events = chain(self.trainer.single_events(payload["name"]), self.steps)
        self.slow.inside = True
        if not self.trainer.slow:
            self._settle()

    def _do_stages(self, payload: dict, again: bool) -> None:
        self.slow.set(payload.get("on", True), payload.get("seconds", SECONDS))

    def _do_step(self, payload: dict, again: bool) -> None:
        self._hold_still()
        self.steps_left += int(payload.get("n", 1))

    def _do_pause(self, payload: dict, again: bool) -> None:
        self.steps_left = 0
        self._hold_still()

    def _do_resume(self, payload: dict, again: bool) -> None:
        if self.paused:
            self.paused, self.steps_left = False, 0
            self.store.transition(self.id, "running", ("paused",))

    def _do_snapshot(self, payload: dict, again: bool) -> None:
        self.recorder.snapshot(self.seconds)

    def _do_stop(self, payload: dict, again: bool) -> None:
        self._save()
        self._end("stopped", f"Stopped at step {self.trainer.step:,}; Resume goes on from there.")

    def _hold_still(self) -> None:
        """Pause, with a state on disk: a paused run outlives its worker."""
        if not self.paused:
            self.paused = True
            self._save()
            self._write(time.perf_counter())
            self.store.transition(self.id, "paused", ("running",))

    # Ends

    def interrupt(self) -> None:
        """Save and let go: the process is about to end. A paused run stays paused, any other is interrupted."""
        self._settle()
        if self.ended:
            return
        self._save()
        if self.paused:
            self._end("paused", "")
        else:
            self._end("interrupted", self.store.kept(self.id))

    def _finish(self, event: Event) -> None:
        if event.kind == "failed":
            self._end("failed", event.text)
            return
        self._save()
        self._end("done", event.text or self.note)

    def _save(self) -> None:
        self.recorder.finish(self.seconds)
        self.recorder.save_state(self.boundary)

    def _end(self, state: str, message: str) -> None:
        self._write(time.perf_counter())
        self.store.transition(self.id, state, None, message=message, ended=time.time())
        self.ended = True

    # Writing

    def _write(self, now: float) -> None:
        rows = self.trainer.drain()
        self.metrics |= {row.name: row.value for row in rows if math.isfinite(row.value)}
        self.metrics["epoch"] = round(self.trainer.epoch, 3)
        self.store.record(
            self.id,
            rows,
            steps=self.trainer.step,
            seconds=self.seconds,
            rate=self.rate.at(self.seconds, self.trainer.step) * self.trainer.batch_size,
            metrics=self.metrics,
        )
        self.next_write = now + WRITE_SECONDS
        self.written = self.trainer.step

    def _projected(self) -> float:
        """The seconds that the whole run will have trained, as things go."""
        done = self.trainer.step - self.first
        each = (self.seconds - self.seconds_before) / done if done else 0.0
        return self.seconds + each * (self.trainer.total_steps - self.trainer.step)

    def _begin_clocks(self) -> None:
        now = time.perf_counter()
        self.first = self.trainer.step
        share = self.first / self.run.steps if self.run.steps else 0.0
        self.seconds = self.seconds_before = self.run.seconds * min(share, 1.0)
        self.rate = Rate(self.seconds, self.first)
        self.fresh = True  # until the first step's numbers are in the store
        self.version: int | None = None
        self.written = -1
        self.due = -1.0
        self.next_poll = now
        self.next_write = now + WRITE_SECONDS

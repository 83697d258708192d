"""What a run leaves behind while it trains: snapshots, states, the film of a run on points, and live frames.

It only looks, and it keeps its own account: pictures take at most a twentieth of the training time, whatever the
machine, and neither pictures nor weights take more disk than the settings allow.
"""

import math
import time
from collections import deque
from typing import Any

from core import arrays
from core.datasets.base import Data
from core.runs import Store
from core.settings import settings
from core.training.film import Film
from core.training.looks import Looks
from core.training.plans import Plan, halvings, least_missed, log_steps
from core.training.trainer import Trainer

SNAPSHOTS = 60
STATES = 12
SNAPSHOT_SHARE = 0.02  # of the training time; the film has the rest of the twentieth
STATE_SHARE = 0.01
LIVE_SHARE = 0.03  # and only while somebody watches
LIVE_SECONDS = 0.2
COSTS, FIRST_PAUSE = 3, 1.0  # live frames to judge the cost by, seconds between these
ROLLING_SECONDS = 10.0
LIVE_CODES_SECONDS = 0.005  # codes, or a square, that take longer are left to the snapshots


class Recorder:
    """Keeps what one trainer's run should leave behind. ``seconds`` are always those spent training."""

    def __init__(self, store: Store, id: str, trainer: Trainer, data: Data):
        self.store, self.id, self.trainer = store, id, trainer
        self.files = store.files(id)
        self.looks = Looks(trainer, data)
        limits = settings()
        self.states_bytes = limits.states_mb * 2**20
        total = trainer.total_steps
        steps = [0, *log_steps(total, SNAPSHOTS - 2)]
        self.snapshots = Plan(steps, SNAPSHOT_SHARE, limits.snapshots_mb * 0.9)
        self.states = Plan(halvings(total, STATES), STATE_SHARE)
        self.kept = set(self.states.steps)
        self.about = {"shape": list(data.shape), "kind": data.kind}
        filmed = data.kind == "points" and "sample" in self.looks.abilities
        self.film = Film(self.files.film, self.looks) if filmed else None
        self.next_live = self.codes_cost = self.square_cost = 0.0
        # The least of the last few: where others had the processor meanwhile, training stood still as well.
        self.live_costs: deque[float] = deque(maxlen=COSTS)
        self.next_rolling = time.perf_counter() + ROLLING_SECONDS
        self.saved: int | None = None
        self.shown: tuple | None = None

    def begin(self) -> None:
        """Take up where the trainer stands, with what earlier workers left."""
        step = self.trainer.step
        self.snapshots.start_after(step - 1)
        self.states.start_after(step)
        self.saved = max(self.files.steps("states"), default=None)
        self.snapshots.spent_bytes = sum(
            self.files.path("snapshots", s).stat().st_size for s in self.files.steps("snapshots")
        )
        if self.film:
            self.film.begin(step)

    @property
    def due(self) -> float:
        """The next step at which ``at_step`` has something to do."""
        return min(self.snapshots.next, self.states.next, self.film.next if self.film else math.inf)

    def at_step(self, seconds: float, projected: float, boundary: list[int]) -> None:
        """Keep what is due now, in a run that trained ``seconds`` and will have trained ``projected``."""
        step = self.trainer.step
        if self.snapshots.next <= step:
            fits = self.snapshots.allows(step, projected)
            if fits or step in (0, self.trainer.total_steps):
                self.snapshot(seconds)
        if self.film and self.film.next <= step:
            self.film.take(step, seconds)
        if self.states.next <= step and self.states.allows(step, projected):
            self.save_state(boundary)

    def at_moment(self, now: float, seconds: float, boundary: list[int], live: bool = True) -> None:
        """A live frame (if ``live``) if somebody watches, and every ten seconds or so a state to fall back on."""
        if live and now >= self.next_live:
            # By a schedule, or what comes a little late each time would make fewer of them.
            due = max(self.next_live + LIVE_SECONDS, now + LIVE_SECONDS / 2)
            self.next_live = due
            news = (self.trainer.step, len(boundary))
            if news != self.shown and self.files.watched():
                self.shown = news
                self._live_frame(seconds)
                self.live_costs.append(time.perf_counter() - now)
                self.next_live = max(due, now + self._live_pause())
        if now >= self.next_rolling:
            self.save_state(boundary)

    def _live_pause(self) -> float:
        """Seconds from one live frame to the next. The first frames of a worker cost many times as much as later ones:
        until there are some to judge by, nobody waits longer than a second for the next.
        """
        pause = min(self.live_costs) / LIVE_SHARE
        return pause if len(self.live_costs) == COSTS else min(pause, FIRST_PAUSE)

    def snapshot(self, seconds: float) -> None:
        """Keep pictures and codes of this step, unless they are kept already."""
        step = self.trainer.step
        path = self.files.path("snapshots", step)
        if path.exists():
            return
        begin = time.perf_counter()
        found = self.looks.pictures()
        after_pictures = time.perf_counter()
        found |= self.looks.codes()
        after_codes = time.perf_counter()
        found |= self.looks.square(found)
        self.square_cost = time.perf_counter() - after_codes
        self.codes_cost = after_codes - after_pictures
        if not self.files.steps("snapshots"):
            found |= self.looks.fixed()
        if found:
            size = arrays.write(path, found, self._meta(seconds))
            self.snapshots.spend(time.perf_counter() - begin, size)

    def save_state(self, boundary: list[int]) -> None:
        """Keep all that a resume needs, once a step; ``boundary`` are the commands already applied at it."""
        if self.saved == self.trainer.step:
            return  # commands given since then are in the log, and a resume repeats them
        begin = time.perf_counter()
        values, meta = self.trainer.state()
        size = self.files.write_state(self.trainer.step, values, {**meta, "commands": boundary})
        self._drop_states()
        self.saved = self.trainer.step
        took = time.perf_counter() - begin
        self.states.spend(took, size)
        self.next_rolling = time.perf_counter() + max(ROLLING_SECONDS, took / STATE_SHARE)

    def finish(self, seconds: float) -> None:
        """Keep the last pictures and what is left of the film."""
        self.snapshot(seconds)
        if self.film:
            self.film.write()

    def _meta(self, seconds: float) -> dict:
        place = {"step": self.trainer.step, "epoch": self.trainer.epoch, "seconds": seconds}
        return {**place, **self.about}

    def _live_frame(self, seconds: float) -> None:
        found = self.looks.pictures()
        if self.codes_cost < LIVE_CODES_SECONDS:
            found |= self.looks.codes()
        if self.square_cost < LIVE_CODES_SECONDS:
            found |= self.looks.square(found)
        if found:
            arrays.write(self.files.live, found, self._meta(seconds))

    def stage_frame(self, stage: dict[str, Any], seconds: float) -> None:
        """A live frame of one event of a turn, if somebody watches: its meta has the ``stage``, see ``SlowMotion``.

        Up to the update it also holds what the turn has come by, where the model can tell (``Model.rehearse``), of its
        first 512 examples: for points in the plane ``turn_z`` (n, latent_dim) float16, the very noise of this turn,
        ``turn_x`` (n, 2) float16, generated from it, ``turn_real`` (n, 2) float16, and ``turn_judged`` and
        ``turn_judged_real`` (n,) uint8, from 0 to 255 how real the judge takes them for.
        """
        if self.files.watched():
            # What the step leaves is another picture, though its number be the same.
            self.shown = None
            found = self.looks.pictures() | self.looks.turn(stage["event"])
            arrays.write(self.files.live, found, self._meta(seconds) | {"stage": stage})

    def _drop_states(self) -> None:
        """Rolling states give way to the next one; beyond the allowance go those that are missed least."""
        steps = self.files.steps("states")
        sizes = {}
        for step in steps:
            if step != steps[-1] and step not in self.kept:
                self.files.path("states", step).unlink(missing_ok=True)
            else:
                sizes[step] = self.files.path("states", step).stat().st_size
        while sum(sizes.values()) > self.states_bytes and len(sizes) > 1:
            victim = least_missed(sorted(sizes))
            self.files.path("states", victim).unlink(missing_ok=True)
            del sizes[victim]

"""The loop: model-agnostic, deterministic, and ignorant of pages, processes and databases.

A trainer is a generator of events. Between two events its owner may look (``looking``), save (``state``), change a live
setting (``set``) or let one network take one turn (``single``); none of it, nor how often it happens, moves a number
that a run without it would have had, except the change that was asked for.

All randomness comes from two places: the order of the data from (seed, epoch), and everything else from torch's
global generator, which is seeded once, handed to the trainer for each step and taken back after it.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from core import models
from core.datasets.base import Data
from core.errors import BadInput, DamagedFile
from core.fields import live_fields, validated
from core.models.base import Batch, DataSpec, Model, Phase, Stage, build
from core.training.config import RunSpec, TrainConfig
from core.training.feed import Feed
from core.training.layers import gradient_norms, watched
from core.training.noise import NoiseStream
from core.training.schedules import make_optimizer, rate_factor

POINTS_LOGGED = 2000
EXPLODED = 1e6
VALIDATION_BATCH = 1000


class Event(NamedTuple):
    """``step`` counts completed steps; ``text`` names a stage, an early stop, or how the loss broke."""

    kind: Literal["stage", "step", "done", "failed"]
    step: int
    text: str = ""


class Scalar(NamedTuple):
    """One logged number. ``train/…`` are means over the steps since the last one of that name."""

    step: int
    name: str
    value: float


class Trainer:
    """Trains ``spec`` on ``data``. Raises ``BadInput`` at once where model, settings and data do not fit."""

    def __init__(self, spec: RunSpec, data: Data, device: str = "cpu"):
        self.spec, self.device = spec, device
        self.config: TrainConfig = spec.training.model_copy()
        outside = NoiseStream(device)
        family = models.get(spec.model)
        self.model: Model = build(family, spec.config, DataSpec.of(data), spec.seed).to(device)
        if family.channels_last:
            self.model.to(memory_format=torch.channels_last)
        self.noise = NoiseStream(device)
        outside.apply(outside.state)
        self.feed = Feed(data, spec.seed, device, family.channels_last)
        self.step = 0
        self.first_loss: float | None = None
        self.best_loss, self.waited = math.inf, 0
        self.ended = ""
        self.pending: dict[str, list[Tensor]] = {}
        self.pending_steps: list[int] = []
        self.logged: list[Scalar] = []
        self._enter(self.model.stage(0))
        self.total_steps = self._total_steps()
        self.log_every = self.config.log_every or max(1, self.total_steps // POINTS_LOGGED)
        if hasattr(self.model, "fit"):
            with torch.no_grad():
                self.model.fit(self.feed.batch(self.feed.rows).x)

    def _total_steps(self) -> int:
        if self.config.epochs is None:
            return self.config.steps
        return self.config.epochs * self.feed.steps_per_epoch(self.batch_size)

    @property
    def epoch(self) -> float:
        """Passes through the training data so far, with the share of the present one."""
        return self.feed.epoch + self.feed.offset / max(len(self.feed.rows), 1)

    @property
    def batch_size(self) -> int:
        """Examples in a step of the present stage, at most all there are."""
        return min(self.stage.batch_size or self.config.batch_size, max(len(self.feed.rows), 1))

    # -- the loop ------------------------------------------------------------------------------------------------

    def events(self) -> Iterator[Event]:
        """One event a step (after everything that belongs to it), until the last step, an early stop or a failure."""
        while self.step < self.total_steps and not self.ended:
            stage = self.model.stage(self.step)
            if stage != self.stage:
                self._enter(stage)
                yield Event("stage", self.step, stage.name)
            epoch = self.feed.epoch
            with self.noise:
                self._turns()
            self.step += 1
            self.pending_steps.append(self.step)
            due = self.step % self.log_every == 0 or self.step in (1, self.total_steps)
            if due and (broken := self._close_interval()):
                yield Event("failed", self.step, broken)
                return
            if self.feed.epoch != epoch or self.step == self.total_steps:
                self._validate()
            yield Event("step", self.step)
        yield Event("done", self.step, self.ended)

    def _turns(self) -> None:
        """Every phase's updates, the first of each on one common batch, a repeated one on a fresh batch."""
        batch = self.feed.next(self.batch_size)
        for name, phase in self.phases.items():
            for turn in range(phase.repeats):
                self._update(name, phase, self.feed.next(self.batch_size) if turn else batch)

    def _enter(self, stage: Stage) -> None:
        """Begin a stage: fresh optimisers over the parameters that it trains."""
        self.stage = stage
        self.phases = self.model.phases()
        self.parameters = {name: self._parameters(phase) for name, phase in self.phases.items()}
        self.optimizers = {
            name: make_optimizer(self.config, parameters)
            for name, parameters in self.parameters.items()
        }
        self.focus: str | None = None

    def _parameters(self, phase: Phase) -> list[torch.nn.Parameter]:
        """What one phase trains in the present stage."""
        prefixes = [p for p in (phase.parameters, self.stage.trainable) if p is not None]
        return [
            parameter
            for name, parameter in self.model.named_parameters()
            if all(name.startswith(allowed) for allowed in prefixes)
        ]

    def _update(self, name: str, phase: Phase, batch: Batch) -> None:
        """One turn of one phase: losses, gradients, a step of its optimiser."""
        optimizer, parameters = self.optimizers[name], self.parameters[name]
        factor = rate_factor(self.config, self.step, self.total_steps)
        for group in optimizer.param_groups:
            group["lr"] = self.config.learning_rate * phase.rate * factor
        if self.focus != name:
            # Gradients of what does not learn now would be computed only to be thrown away.
            self.model.requires_grad_(False)
            for parameter in parameters:
                parameter.requires_grad_(True)
            self.focus = name
        stats: dict[str, Tensor] = {}
        logging = self.config.layer_stats and (self.step + 1) % self.log_every == 0
        with watched(self.model, stats) if logging else nullcontext(), self._precision():
            terms = phase.losses(batch)
        terms["loss"].backward()
        if self.config.clip_norm > 0:
            torch.nn.utils.clip_grad_norm_(parameters, self.config.clip_norm)
        if logging:
            stats |= gradient_norms(self.model)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        prefix = "train/" if name == "step" else f"train/{name}/"
        for term, value in terms.items():
            self.pending.setdefault(prefix + term, []).append(value.detach())
        for term, value in stats.items():
            self.pending.setdefault(term, []).append(value.detach())

    def _precision(self):
        if self.config.precision == "f32":
            return nullcontext()
        return torch.autocast(self.device.split(":")[0], torch.bfloat16)

    # -- numbers --------------------------------------------------------------------------------------------------

    def _close_interval(self) -> str:
        """Log the means since the last call; returns a sentence if the loss broke, and at which step."""
        broken = ""
        for name, values in self.pending.items():
            numbers = torch.stack(values).double()
            self.logged.append(Scalar(self.step, name, numbers.mean().item()))
            if name.endswith("loss") and not broken:
                broken = self._broken(numbers.tolist())
        if self.config.schedule != "constant" or self.config.warmup_steps:
            rate = self.config.learning_rate * rate_factor(
                self.config, self.step - 1, self.total_steps
            )
            self.logged.append(Scalar(self.step, "learning_rate", rate))
        self.pending, self.pending_steps = {}, []
        return broken

    def _broken(self, losses: list[float]) -> str:
        """A sentence if any of these losses is not finite or has exploded; else nothing."""
        if self.first_loss is None:
            self.first_loss = abs(losses[0])
        limit = EXPLODED * max(1.0, self.first_loss)
        for i, loss in enumerate(losses):
            if not abs(loss) <= limit:
                step = self.pending_steps[i * len(self.pending_steps) // len(losses)]
                what = "grew beyond all bounds" if math.isfinite(loss) else f"became {loss}"
                return (
                    f"The loss {what} at step {step}. Try a smaller learning rate (it was "
                    f"{self.config.learning_rate:g}) or gradient clipping; all up to the last "
                    "checkpoint is kept."
                )
        return ""

    def _validate(self) -> None:
        """Log every term over the validation rows, in eval mode; count towards an early stop."""
        rows = self.feed.split("validation")
        if not len(rows):
            return
        with self.looking(self.spec.seed):
            sums: dict[str, float] = {}
            for part in rows.split(VALIDATION_BATCH):
                batch = self.feed.batch(part)
                for name, phase in self.phases.items():
                    prefix = "validation/" if name == "step" else f"validation/{name}/"
                    for term, value in phase.losses(batch).items():
                        sums[prefix + term] = sums.get(prefix + term, 0.0) + value.item() * len(
                            part
                        )
            values = {name: total / len(rows) for name, total in sums.items()}
            if hasattr(self.model, "metrics"):
                own = self.model.metrics(batch.x)
                values |= {f"validation/{name}": value for name, value in own.items()}
        self.logged += [Scalar(self.step, name, value) for name, value in values.items()]
        if self.config.early_stopping and "validation/loss" in values:
            self._count_patience(values["validation/loss"])

    def _count_patience(self, loss: float) -> None:
        if loss < self.best_loss - self.config.min_delta:
            self.best_loss, self.waited = loss, 0
            return
        self.waited += 1
        if self.waited >= self.config.patience:
            self.ended = (
                f"Stopped early at step {self.step}: the validation loss has not fallen by more than "
                f"{self.config.min_delta:g} for {self.waited} epochs."
            )

    def drain(self) -> list[Scalar]:
        """What was logged since the last call."""
        logged, self.logged = self.logged, []
        return logged

    # -- between events -------------------------------------------------------------------------------------------

    @contextmanager
    def looking(self, seed: int = 0) -> Iterator[Model]:
        """The model in eval mode without gradients, under a noise of its own: nothing that trains is touched."""
        outside = NoiseStream(self.device)
        training = self.model.training
        try:
            self.model.eval()
            outside.reseed(seed)
            with torch.no_grad():
                yield self.model
        finally:
            self.model.train(training)
            outside.apply(outside.state)

    def set(self, name: str, value: Any) -> None:
        """Change a live setting from here on. ``BadInput`` if there is no such live setting or it is out of range."""
        for config in (self.config, self.model.config):
            if name in live_fields(type(config)):
                checked = validated(type(config), config.model_dump() | {name: value})
                setattr(config, name, getattr(checked, name))
                self.phases = self.model.phases()
                return
        raise BadInput.of_fields(
            {name: "This cannot be changed while a run trains; fork it instead."}
        )

    def live_values(self) -> dict[str, Any]:
        """Every live setting as it stands."""
        return {
            name: getattr(config, name)
            for config in (self.config, self.model.config)
            for name in sorted(live_fields(type(config)))
        }

    def single(self, phase: str) -> None:
        """One update of one phase on the batch that comes next; the step does not advance."""
        if phase not in self.phases:
            raise BadInput.of_fields(
                {"phase": f"There is no {phase!r}; choose {list(self.phases)}."}
            )
        with self.noise:
            self._update(phase, self.phases[phase], self.feed.next(self.batch_size))
        self.pending_steps.append(self.step)

    def state(self) -> tuple[dict[str, np.ndarray], dict]:
        """All that decides what comes next: weights, optimisers, noise; and a JSON-able rest."""
        arrays = {
            f"model/{k}": v.detach().cpu().numpy() for k, v in self.model.state_dict().items()
        }
        for phase, optimizer in self.optimizers.items():
            for i, values in optimizer.state_dict()["state"].items():
                for key, value in values.items():
                    if value is not None:
                        number = torch.as_tensor(value).cpu().numpy()
                        arrays[f"optimizer/{phase}/{i}/{key}"] = number
        for i, state in enumerate(self.noise.state):
            arrays[f"noise/{i}"] = state.numpy()
        for name, values in self.pending.items():
            arrays[f"pending/{name}"] = torch.stack(values).float().cpu().numpy()
        meta = {
            "step": self.step,
            "optimizer": self.config.optimizer,
            "epoch": self.feed.epoch,
            "offset": self.feed.offset,
            "live": self.live_values(),
            "first_loss": self.first_loss,
            "best_loss": None if math.isinf(self.best_loss) else self.best_loss,
            "waited": self.waited,
            "ended": self.ended,
            "pending_steps": self.pending_steps,
        }
        return {k: np.array(v) for k, v in arrays.items()}, meta

    def load_state(
        self, arrays: dict[str, np.ndarray], meta: dict, *, keep_live: bool = True
    ) -> None:
        """Continue where ``state`` was taken. ``keep_live=False`` (a fork) lets this run's own settings rule.

        Raises ``DamagedFile`` if the arrays do not fit this model.
        """
        groups: dict[str, dict[str, Tensor]] = {}
        for key, array in arrays.items():
            group, name = key.split("/", 1)
            groups.setdefault(group, {})[name] = torch.from_numpy(np.array(array))
        try:
            self.model.load_state_dict(groups["model"])
            self.step = meta["step"]
            if keep_live:
                for name, value in meta["live"].items():
                    self.set(name, value)
            self._enter(self.model.stage(max(self.step - 1, 0)))
            if meta["optimizer"] == self.config.optimizer:
                self._load_optimizers(groups.get("optimizer", {}))
            self.noise.state = [groups["noise"][str(i)] for i in range(len(self.noise.state))]
            self.feed.epoch, self.feed.offset = meta["epoch"], meta["offset"]
        except (KeyError, RuntimeError, ValueError) as error:
            raise DamagedFile(f"These weights do not fit the model: {error}") from error
        self.first_loss, self.waited, self.ended = meta["first_loss"], meta["waited"], meta["ended"]
        self.best_loss = math.inf if meta["best_loss"] is None else meta["best_loss"]
        self.pending_steps = list(meta["pending_steps"])
        self.pending = {
            name: list(v.to(self.device)) for name, v in groups.get("pending", {}).items()
        }

    def _load_optimizers(self, saved: dict[str, Tensor]) -> None:
        """Give each optimiser its memory back."""
        for phase, optimizer in self.optimizers.items():
            state: dict[int, dict[str, Tensor]] = {}
            for key, value in saved.items():
                name, i, entry = key.split("/")
                if name == phase:
                    state.setdefault(int(i), {})[entry] = value
            if state:
                groups = optimizer.state_dict()["param_groups"]
                optimizer.load_state_dict({"state": state, "param_groups": groups})

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
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core import models
from core.datasets.base import Data
from core.errors import BadInput
from core.fields import live_fields, validated
from core.models.base import Batch, DataSpec, Model, Phase, Stage, build
from core.training.config import RunSpec, TrainConfig
from core.training.coverage import measured, sampled, truth_of
from core.training.feed import Feed
from core.training.layers import gradient_norm, gradient_norms, watched
from core.training.log import Log, Scalar
from core.training.noise import NoiseStream
from core.training.schedules import make_optimizer, rate_factor, take_step
from core.training.state import capture, reinstate
from core.training.turns import Event, Turn, through
from core.training.validation import terms_over

POINTS_LOGGED = 2000
SHORT = 10  # steps: as many epochs as fit into these share a validation
MEASURED = 100  # steps between two looks at how well samples of points cover the data, at least


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
        self.feed = Feed(data, spec.seed, device, family.channels_last, self.config.replacement)
        self.step = 0
        self.slow = False  # whether there is an event at each turn within a step
        self.turn: Turn | None = None
        self.best_loss, self.waited = math.inf, 0
        self.ended = ""
        self.log = Log()
        self.enter(self.model.stage(0))
        self.truth = truth_of(data, spec.data) if hasattr(self.model, "sample") else None
        epochs, per_epoch = self.config.epochs, self.feed.steps_per_epoch(self.batch_size)
        self.total_steps = epochs * per_epoch if epochs else self.config.steps
        self.log_every = self.config.log_every or max(1, self.total_steps // POINTS_LOGGED)
        if hasattr(self.model, "fit"):
            with torch.no_grad():
                self.model.fit(self.feed.batch(self.feed.rows).x)

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
                self.enter(stage)
                yield Event("stage", self.step, stage.name)
            epoch = self.feed.epoch
            yield from through(self, self.phases)
            self.step += 1
            self.log.end_step(self.step)
            due = self.step % self.log_every == 0 or self.step in (1, self.total_steps)
            if due and (broken := self._close_interval()):
                yield Event("failed", self.step, broken)
                return
            few = self._epochs_together()
            if self.feed.epoch // few != epoch // few or self.step == self.total_steps:
                self._validate()
            yield Event("step", self.step)
        yield Event("done", self.step, self.ended)

    def enter(self, stage: Stage) -> None:
        """Begin a stage: fresh optimisers over the parameters that it trains."""
        self.stage = stage
        self.model.enter(stage)
        self.phases = self.model.phases()
        self.parameters = {name: self._parameters(phase) for name, phase in self.phases.items()}
        self.optimizers = {
            name: make_optimizer(self.config, parameters)
            for name, parameters in self.parameters.items()
        }
        self.everything = list(self.model.parameters())
        self.focus: str | None = None

    def _parameters(self, phase: Phase) -> list[torch.nn.Parameter]:
        """What one phase trains in the present stage."""
        prefixes = [p for p in (phase.parameters, self.stage.trainable) if p is not None]
        return [
            parameter
            for name, parameter in self.model.named_parameters()
            if all(name.startswith(allowed) for allowed in prefixes)
        ]

    def update(self, name: str, phase: Phase, batch: Batch) -> None:
        """One turn of one phase: losses, gradients, a step of its optimiser."""
        optimizer, parameters = self.optimizers[name], self.parameters[name]
        factor = rate_factor(self.config, self.step, self.total_steps)
        for group in optimizer.param_groups:
            group["lr"] = self.config.learning_rate * phase.rate * factor
        if self.focus != name:
            self._focus_on(name)
        stats: dict[str, Tensor] = {}
        due = (self.step + 1) % self.log_every == 0
        logging = self.config.layer_stats and due
        with watched(self.model, stats) if logging else nullcontext(), self._precision():
            terms = phase.losses(batch)
        terms["loss"].backward()
        if self.config.clip_norm > 0:
            torch.nn.utils.clip_grad_norm_(parameters, self.config.clip_norm)
        if logging:
            stats |= gradient_norms(self.model)
        if due and len(self.phases) > 1:
            stats[f"train/{name}/gradient"] = gradient_norm(parameters)
        take_step(optimizer)
        if phase.after is not None:
            with torch.no_grad():
                phase.after()
        prefix = "train/" if name == "step" else f"train/{name}/"
        for term, value in terms.items():
            self.log.add(prefix + term, value.detach())
        for term, value in stats.items():
            self.log.add(term, value)

    def _focus_on(self, name: str) -> None:
        # Gradients of what does not learn now would be computed only to be thrown away.
        for parameter in self.everything:
            parameter.requires_grad = False
        for parameter in self.parameters[name]:
            parameter.requires_grad = True
        self.focus = name

    def _precision(self):
        if self.config.precision == "f32":
            return nullcontext()
        return torch.autocast(self.device.split(":")[0], torch.bfloat16)

    # -- numbers --------------------------------------------------------------------------------------------------

    def _close_interval(self) -> str:
        """Log the means since the last call; a sentence if the loss broke."""
        broken = self.log.close(self.step)
        if self.config.schedule != "constant" or self.config.warmup_steps:
            factor = rate_factor(self.config, self.step - 1, self.total_steps)
            self.log.note(self.step, {"learning_rate": self.config.learning_rate * factor})
        if broken is None:
            return ""
        how, step = broken
        return (
            f"The loss {how} at step {step}. Try a smaller learning rate (it was "
            f"{self.config.learning_rate:g}) or gradient clipping; all up to the last checkpoint is kept."
        )

    def _epochs_together(self) -> int:
        """How many epochs share a validation: short ones do, unless they are counted."""
        few = SHORT // self.feed.steps_per_epoch(self.batch_size)
        return 1 if self.config.early_stopping else max(1, few)

    def _validate(self) -> None:
        """Log, in eval mode, every term over validation rows and how samples fare; count towards an early stop."""
        rows = self.feed.split("validation", self.config.validation_rows or None)
        values: dict[str, float] = {}
        with self.looking(self.spec.seed):
            if len(rows):
                values |= terms_over(rows, self.model, self.phases, self.feed)
            # Where epochs are short, once in a while is enough, and at the end.
            every = self._epochs_together() * self.feed.steps_per_epoch(self.batch_size)
            due = self.step % MEASURED < every
            if self.truth and (due or self.step == self.total_steps):
                found = measured(sampled(self.model), self.feed.data, self.truth)
                values |= {f"samples/{name}": value for name, value in found.items()}
        self.log.note(self.step, values)
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
        return self.log.drain()

    # -- between events -------------------------------------------------------------------------------------------

    @contextmanager
    def looking(self, seed: int | None = 0) -> Iterator[Model]:
        """The model in eval mode without gradients, under a noise of its own: nothing that trains is touched.

        With None for a ``seed`` the noise is a copy of what training will draw next.
        """
        outside = NoiseStream(self.device)
        training = self.model.training
        try:
            self.model.eval()
            outside.apply(self.noise.state) if seed is None else outside.reseed(seed)
            with torch.no_grad():
                yield self.model
        finally:
            self.model.train(training)
            outside.apply(outside.state)

    def set(self, values: dict[str, Any]) -> None:
        """Change live settings from here on, all at once, as one alone may contradict what another still is.

        ``BadInput`` if one of them is no live setting, or they cannot work together.
        """
        if unknown := values.keys() - self.live_values().keys():
            sentence = "This cannot be changed while a run trains; fork it instead."
            raise BadInput.of_fields(dict.fromkeys(sorted(unknown), sentence))
        for config in (self.config, self.model.config):
            own = {name: values[name] for name in live_fields(type(config)) & values.keys()}
            checked = validated(type(config), config.model_dump() | own)
            of_model = own and config is self.model.config
            if of_model and (problems := self.model.check(checked, self.model.spec)):
                raise BadInput.of_fields(problems)
            for name in own:
                setattr(config, name, getattr(checked, name))
        self.phases = self.model.phases()

    def live_values(self) -> dict[str, Any]:
        """Every live setting as it stands."""
        return {
            name: getattr(config, name)
            for config in (self.config, self.model.config)
            for name in sorted(live_fields(type(config)))
        }

    def single(self, phase: str) -> None:
        """One update of one phase on the batch that comes next; the step does not advance."""
        for _ in self.single_events(phase):
            pass

    def single_events(self, phase: str) -> Iterator[Event]:
        """The same with the events of a slow motion, the last of which is ``single``. Raises ``BadInput`` at once."""
        if phase not in self.phases:
            raise BadInput.of_fields(
                {"phase": f"There is no {phase!r}; choose {list(self.phases)}."}
            )
        return self._single(phase)

    def _single(self, phase: str) -> Iterator[Event]:
        yield from through(self, {phase: replace(self.phases[phase], repeats=1)})
        self.log.end_step(self.step)
        yield Event("single", self.step, phase)

    def state(self) -> tuple[dict[str, np.ndarray], dict]:
        """All that decides what comes next: weights, optimisers, noise as arrays; and a JSON-able rest."""
        return capture(self)

    def load_state(self, arrays: dict[str, np.ndarray], meta: dict) -> None:
        """Continue where ``state`` was taken. Raises ``DamagedFile`` if the arrays do not fit this model."""
        reinstate(self, arrays, meta)

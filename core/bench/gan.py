"""The default GAN on the ring, a whole run with snapshots, film and measures, against a bare loop over one tensor.

All take turns in one process on one thread: two hidden layers of 64 in each network, batches of 128, fused Adam. The
seconds are processor time of one's own turns, so that a busy machine does not count. Ours comes twice, alone and
watched, with live frames that hold every layer of the playground.
"""

import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core import datasets
from core.bench.turns import median_ratio
from core.runs import LOCAL, Store
from core.training.recorder import LIVE_SECONDS
from core.training.session import Session
from core.training.specs import resolve
from core.training.worker import SLICE_SECONDS

__all__ = ["GOAL", "bare_steps", "bench_gan"]

GOAL = 0.9
BATCH = 128
HIDDEN = 64
TURN_SECONDS = 1.0  # for five live frames
STEPS = 200_000  # more than any bench has time for


def bench_gan(seconds: float = 15.0, rounds: int = 3) -> dict[str, Any]:
    """Steps per second, medians of ``rounds``, and the median ratios to the bare loop of each round's own.

    ``frames`` are the live frames of the watched run in a second.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        found = [_round(seconds) for _ in range(rounds)]
    finally:
        torch.set_num_threads(threads)
    ours, watched, bare, frames = zip(*found, strict=True)
    return {
        "ours": statistics.median(ours),
        "watched": statistics.median(watched),
        "bare_loop": statistics.median(bare),
        "unit": "steps per second of processor time",
        "ratio": median_ratio(ours, bare),
        "ratio_watched": median_ratio(watched, bare),
        "frames": statistics.median(frames),
        "goal": GOAL,
    }


def bare_steps(x: Tensor) -> Iterator[None]:
    """One step of D and one of G at each ``next``, as a textbook writes them; ``x`` (N, 2)."""
    g, d = _network(2), _network(1)
    optimizers = [
        torch.optim.Adam(n.parameters(), lr=1e-3, betas=(0.5, 0.999), fused=True) for n in (d, g)
    ]
    while True:
        order = torch.randperm(len(x))
        for start in range(0, len(x) - BATCH + 1, BATCH):
            with torch.no_grad():
                fake = g(torch.randn(BATCH, 2))
            optimizers[0].zero_grad()
            real = x[order[start : start + BATCH]]
            (F.softplus(-d(real)).mean() + F.softplus(d(fake)).mean()).backward()
            optimizers[0].step()
            optimizers[1].zero_grad()
            F.softplus(-d(g(torch.randn(BATCH, 2)))).mean().backward()
            optimizers[1].step()
            yield


def _network(outputs: int) -> nn.Sequential:
    """2-64-64-``outputs``."""
    hidden = [nn.Linear(2, HIDDEN), nn.LeakyReLU(), nn.Linear(HIDDEN, HIDDEN), nn.LeakyReLU()]
    return nn.Sequential(*hidden, nn.Linear(HIDDEN, outputs))


class _Ours:
    """A run in this process, by turns, that somebody watches or not; counts its live frames.

    They come by processor time, as a worker's do by the clock: on a busy machine there would be more to a step.
    """

    def __init__(self, store: Store, watched: bool):
        run = store.create(resolve("gan", "points", {"steps": STEPS}), LOCAL, state="running")
        self.store, self.watched = store, watched
        self.session = Session(store, run.id)
        self.frames, self.seen, self.spent = 0, 0, 0.0

    def __call__(self, turn: float) -> int:
        before, begun = self.session.trainer.step, time.process_time()
        while (now := time.process_time() - begun) < turn:
            due = self.watched and self.spent + now >= self.frames * LIVE_SECONDS
            self.session.recorder.next_live = 0.0 if due else math.inf
            if due:
                self.store.watch(self.session.id)
            self.session.advance(SLICE_SECONDS)
            self._look()
        self.spent += time.process_time() - begun
        return self.session.trainer.step - before

    def _look(self) -> None:
        with suppress(OSError):
            written = self.store.live_path(self.session.id).stat().st_mtime_ns
            self.frames += written != self.seen
            self.seen = written

    def close(self) -> None:
        """Let go of the run."""
        self.session.interrupt()
        self.store.release(self.session.id)


def _round(seconds: float) -> tuple[float, float, float, float]:
    """Steps a second of ours alone, of ours watched and of the bare loop, by turns; live frames a second."""
    spec = resolve("gan", "points", {})
    data = datasets.load(spec.dataset, spec.data)
    loop = bare_steps(torch.from_numpy(data.x[data.splits["train"]]))

    def bare(turn: float) -> int:
        steps, end = 0, time.process_time() + turn
        while time.process_time() < end:
            next(loop)
            steps += 1
        return steps

    with tempfile.TemporaryDirectory() as home:
        store = Store(home)
        alone, watched = _Ours(store, False), _Ours(store, True)
        rates = _by_turns([alone, watched, bare], seconds)
        alone.close()
        watched.close()
        store.database.close()
    return (*rates, watched.frames / watched.spent)


def _by_turns(racing: list[Callable[[float], int]], seconds: float) -> list[float]:
    """Steps per second of processor time of each, in turns until each has had ``seconds`` of it."""
    steps, spent = [0] * len(racing), [0.0] * len(racing)
    while min(spent) < seconds:
        for i, train in enumerate(racing):
            begun = time.process_time()
            steps[i] += train(min(TURN_SECONDS, seconds))
            spent[i] += time.process_time() - begun
    return [n / s for n, s in zip(steps, spent, strict=True)]

"""Our training (snapshots, scalars and states on, default settings) against the loops of ``core.bench.textbook``.

All three take turns in one process on one thread: the same network, batch size and precision. Ours is a whole run of
the given length, from its first step to its last state; examples per second count only the time of one's own turns.
"""

import ctypes
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import torch

from core import datasets, models
from core.bench.textbook import NETWORKS, bare_loop, user_loop
from core.bench.turns import Contestant, Tally, in_turns, median_ratio
from core.errors import BadInput
from core.runs import LOCAL, Store
from core.settings import settings
from core.training.session import Session
from core.training.specs import resolve
from core.training.worker import M_MMAP_THRESHOLD, M_TOP_PAD, M_TRIM_THRESHOLD, keep_memory

__all__ = ["GOALS", "bench_train"]

TURN_SECONDS = 2.0
TRIAL_SECONDS = 2.0
# What was promised: at least so many times the loop a user would write, and of a bare loop over one tensor.
GOALS = {
    "autoencoder": 3.0,
    "vae": 1.6,
    "conv_autoencoder": 1.6,
    "conv_16_8_8": 1.6,
    "recurrent_autoencoder": 1.6,
}
BARE_GOAL = 0.95


def bench_train(
    names: list[str] | None = None,
    seconds: float = 30.0,
    rounds: int = 3,
    data_dir: str | None = None,
    report: Callable[[dict[str, Any]], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """One row for each name in ``NETWORKS``: examples per second of ours, the user's and the bare loop.

    They are medians of ``rounds``, the ratios medians of each round's own. ``report`` hears of each row as it is done.
    """
    wrong = set(names or []) - set(NETWORKS)
    if wrong:
        raise BadInput(f"There is no bench for {', '.join(wrong)}; choose {', '.join(NETWORKS)}.")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    rows = []
    try:
        # The one that changes how memory is kept goes last: it must not help or harm the others.
        for name in sorted(names or NETWORKS, key=_keeps):
            rows.append(_compare(name, seconds, rounds, data_dir))
            report(rows[-1])
    finally:
        torch.set_num_threads(threads)
    return rows


def _keeps(name: str) -> bool:
    """Whether this one's worker changes how memory is kept."""
    return models.get(NETWORKS[name][0]).large_activations


def _compare(name: str, seconds: float, rounds: int, data_dir: str | None) -> dict[str, Any]:
    results = [_round(name, seconds, data_dir) for _ in range(rounds)]
    rates = {who: [r[who].rate for r in results] for who in results[0]}
    return {
        "bench": name,
        "model": NETWORKS[name][0],
        "rounds": rounds,
        "seconds": statistics.median(r["ours"].seconds for r in results),
        "ours": statistics.median(rates["ours"]),
        "user_loop": statistics.median(rates["user_loop"]),
        "bare_loop": statistics.median(rates["bare_loop"]),
        "unit": "examples per second",
        "ratio": median_ratio(rates["ours"], rates["user_loop"]),
        "goal": GOALS[name],
        "ratio_bare": median_ratio(rates["ours"], rates["bare_loop"]),
        "goal_bare": BARE_GOAL,
    }


def _round(name: str, seconds: float, data_dir: str | None) -> dict[str, Tally]:
    """One whole run of ours, in turns with the two loops."""
    network, keeps = NETWORKS[name][1], _keeps(name)
    turn = min(TURN_SECONDS, seconds / 4)
    with tempfile.TemporaryDirectory() as home:
        trial = _Ours(home, name, 10**6, data_dir)
        seen, took = 0, time.perf_counter()
        while time.perf_counter() - took < min(TRIAL_SECONDS, seconds):
            seen += trial(TRIAL_SECONDS / 10)[0]
        rate = seen / (time.perf_counter() - took)
        trial.close()
        # A whole run that takes a little longer than asked for.
        steps = max(1, round(1.05 * rate * seconds / trial.batch_size))
        ours = _Ours(home, name, steps, data_dir)
        contestants = {
            "ours": ours,
            "user_loop": _with_plain_memory(user_loop(network(), _root(data_dir)), keeps),
            "bare_loop": _with_plain_memory(bare_loop(network(), _images(data_dir)), keeps),
        }
        tallies = in_turns(contestants, seconds, turn)
        ours.close()
    return tallies


class _Ours:
    """A run of ``steps`` steps as a worker trains it, by turns."""

    def __init__(self, home: str, name: str, steps: int, data_dir: str | None):
        self.store = Store(home)
        model, _, chosen = NETWORKS[name]
        spec = resolve(model, "mnist", {**chosen, "steps": steps}, data_dir=data_dir)
        self.keeps = _keeps(name)
        self.run = self.store.create(spec, LOCAL, state="running")
        self.session = Session(self.store, self.run.id)
        self.batch_size = spec.training.batch_size

    def __call__(self, seconds: float) -> tuple[int, bool]:
        if self.keeps:
            keep_memory()
        trainer = self.session.trainer
        before = trainer.epoch
        on = self.session.advance(seconds)
        return round((trainer.epoch - before) * len(trainer.feed.rows)), on

    def close(self) -> None:
        """Let go of the run, finished or not."""
        self.session.interrupt()
        self.store.release(self.run.id)
        self.store.database.close()


def _with_plain_memory(loop: Contestant, keeps: bool) -> Contestant:
    """The loop under glibc's own settings, where ours has changed them.

    glibc raises its two thresholds by itself, to at most these: the best that a plain loop can come to.
    """

    def train(seconds: float) -> tuple[int, bool]:
        if keeps:
            with suppress(OSError, AttributeError):
                libc = ctypes.CDLL("libc.so.6")
                libc.mallopt(M_MMAP_THRESHOLD, 32 * 2**20)
                libc.mallopt(M_TRIM_THRESHOLD, 64 * 2**20)
                libc.mallopt(M_TOP_PAD, 128 * 2**10)
        return loop(seconds)

    return train


def _root(data_dir: str | None) -> str:
    return data_dir or str(settings().data or settings().home / "data")


def _images(data_dir: str | None) -> torch.Tensor:
    """MNIST's 60,000 training images as one float tensor (60000, 1, 28, 28) in [0, 1]."""
    data = datasets.load("mnist", {}, data_dir=data_dir)
    rows = np.sort(np.concatenate([data.splits["train"], data.splits["validation"]]))
    return torch.from_numpy(data.x[rows]).float() / 255

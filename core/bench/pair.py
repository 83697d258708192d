"""Two trainings at once, each in a worker of its own, against the same training alone, in turn."""

import statistics
import tempfile
from typing import Any

from core.bench.rates import rates, wait_for
from core.runs import LOCAL
from core.training.config import RunSpec
from core.training.jobs import Service
from core.training.specs import resolve

__all__ = ["GOAL", "bench_pair", "long_run"]

GOAL = 0.9
SETTLE_STEPS = 10_000_000


def long_run(model: str, dataset: str, data_dir: str | None, seed: int = 0) -> RunSpec:
    """A training that does not end by itself while it is measured."""
    return resolve(model, dataset, {"steps": SETTLE_STEPS}, seed=seed, data_dir=data_dir)


def bench_pair(
    model: str = "vae",
    dataset: str = "digits",
    seconds: float = 15.0,
    rounds: int = 3,
    data_dir: str | None = None,
) -> dict[str, Any]:
    """Examples per second of one training alone and of each of two at once; the slower one's share of its speed.

    Each round measures alone, then together; the ratio is the median of the rounds' own.
    """
    with tempfile.TemporaryDirectory() as home:
        service = Service(home)
        service.start()
        try:
            service.wait_ready()
            found = [_round(service, model, dataset, seconds, data_dir) for _ in range(rounds)]
        finally:
            service.stop()
            service.store.database.close()
    return {
        "model": model,
        "dataset": dataset,
        "alone": statistics.median(alone for alone, _ in found),
        "together": [statistics.median(pair[i] for _, pair in found) for i in range(2)],
        "unit": "examples per second",
        "ratio": statistics.median(min(pair) / alone for alone, pair in found),
        "goal": GOAL,
    }


def _round(
    service: Service, model: str, dataset: str, seconds: float, data_dir: str | None
) -> tuple[float, list[float]]:
    alone = _train(service, [long_run(model, dataset, data_dir)], seconds)[0]
    pair = [long_run(model, dataset, data_dir, seed) for seed in (0, 1)]
    return alone, _train(service, pair, seconds)


def _train(service: Service, specs: list[RunSpec], seconds: float) -> list[float]:
    """Their rates while they all train; they are stopped and gone at the end."""
    ids = service.submit(specs, LOCAL)
    for id in ids:
        wait_for(service.store, id, "running")
    found = rates(service.store, ids, seconds)
    for id in ids:
        service.command(id, "stop", LOCAL)
    for id in ids:
        wait_for(service.store, id, "stopped")
        service.store.purge(id)
    return found

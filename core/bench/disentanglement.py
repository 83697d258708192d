"""Whether a larger β parts the factors of ``shapes``, and what it costs: the same VAE with several seeds and β.

784-400-400-10 and back, dense, Bernoulli likelihood over pixels binarised once (dSprites' are black and white too),
Adam at 10⁻³, batches of 128; one after the other, on one thread. The scores are those of
``core.analysis.disentanglement`` over the test split; reconstruction and KL, in nats per image, are averages over it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from core import datasets
from core.analysis.disentanglement import measured
from core.analysis.passes import batches, device_of, positions, quiet
from core.datasets.base import Data
from core.errors import ExplorerError
from core.models.base import Model
from core.training.specs import resolve
from core.training.trainer import Trainer

__all__ = ["BETAS", "FIGURES", "PUBLISHED", "STEPS", "bench_disentanglement"]

BETAS = (1.0, 4.0)
STEPS = 6_000
# Mutual information gap on dSprites, of a convolutional VAE with ten units, as published.
PUBLISHED = {1.0: 0.10, 4.0: 0.21}
SETTINGS = {
    "latent_dim": 10,
    "encoder_sizes": [400, 400],
    "likelihood": "bernoulli",
    "binarise": "fixed",
}
FIGURES = ("mutual_information_gap", "factor_vae_score", "reconstruction", "kl", "active_units")


@dataclass(frozen=True)
class Row:
    """One training: its scores (0 to 1), nats per test image, units that are not collapsed, seconds it took."""

    beta: float
    seed: int
    mutual_information_gap: float
    factor_vae_score: float
    reconstruction: float
    kl: float
    active_units: int
    seconds: float


def bench_disentanglement(
    seeds: int = 5,
    steps: int = STEPS,
    betas: Sequence[float] = BETAS,
    report: Callable[[dict[str, Any]], None] = lambda _: None,
) -> dict[str, Any]:
    """``rows``, one for each seed and β (seed by seed, so that an early end leaves pairs), and their ``summary``.

    Of each β the summary has the number of ``runs``, of each figure its ``mean`` and the standard error of it
    (``error``; none of a single run), and the published gap. ``report`` hears of each row as it is done.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    rows = []
    try:
        for seed in range(seeds):
            for beta in betas:
                rows.append(_train(beta, seed, steps))
                report(asdict(rows[-1]))
    finally:
        torch.set_num_threads(threads)
    return {
        "steps": steps,
        "rows": [asdict(row) for row in rows],
        "summary": [_summary([row for row in rows if row.beta == beta]) for beta in betas],
    }


def _train(beta: float, seed: int, steps: int) -> Row:
    spec = resolve("vae", "shapes", {**SETTINGS, "beta": beta, "steps": steps}, seed=seed)
    data = datasets.load(spec.dataset, spec.data)
    begun = time.perf_counter()
    trainer = Trainer(spec, data)
    for event in trainer.events():
        if event.kind == "failed":
            raise ExplorerError(f"β = {beta:g}, seed {seed}: {event.text}")
    took = time.perf_counter() - begun
    found = measured(trainer.model, data, positions(data, "test"))
    terms = _terms(trainer.model, data)
    return Row(
        beta=beta,
        seed=seed,
        mutual_information_gap=found.gap,
        factor_vae_score=found.factor_vae,
        reconstruction=terms["reconstruction_sum"],
        kl=terms["kl"],
        active_units=int(found.active.sum()),
        seconds=took,
    )


def _terms(model: Model, data: Data) -> dict[str, float]:
    """The terms of the loss over the test split, each example counting the same."""
    rows = positions(data, "test")
    sums: dict[str, float] = {}
    with quiet(model, 0):
        for batch in batches(data, rows, device_of(model)):
            for name, value in model.losses(batch).items():
                sums[name] = sums.get(name, 0.0) + float(value) * len(batch.x)
    return {name: total / len(rows) for name, total in sums.items()}


def _summary(rows: list[Row]) -> dict[str, Any]:
    """Means over the seeds of one β, and their standard errors."""
    found: dict[str, Any] = {
        "beta": rows[0].beta,
        "runs": len(rows),
        "published": PUBLISHED.get(rows[0].beta),
    }
    for name in FIGURES:
        values = np.array([getattr(row, name) for row in rows], np.float64)
        error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
        found[name] = {"mean": float(values.mean()), "error": error}
    return found

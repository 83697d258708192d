"""Mode coverage of a trained model, and what the true data themselves reach by it.

The numbers and their protocol are those of ``core.training.coverage``, by which training logs them too.
"""

import math
from typing import NamedTuple

import numpy as np

from core.analysis.passes import quiet
from core.datasets.base import Data
from core.models.base import Model
from core.training.coverage import (
    SAMPLES,
    WITHIN,
    Truth,
    assigned,
    divergences,
    measured,
    mode_counts,
    sampled,
    truth_of,
)

__all__ = [
    "SAMPLES",
    "WITHIN",
    "Coverage",
    "assigned",
    "coverage",
    "divergences",
    "floors",
    "mode_counts",
    "truth_of",
]

DRAWS = 200  # of samples of the truth, whose divergences are averaged


class Coverage(NamedTuple):
    """``measures`` as training logs them; ``counts`` (k,) of high quality at each mode, None where there are none."""

    measures: dict[str, float]
    counts: np.ndarray | None
    samples: int


def coverage(model: Model, data: Data, truth: Truth, n: int = SAMPLES, seed: int = 1) -> Coverage:
    """How ``n`` samples of a model, of noise from ``seed``, cover points; ``truth`` as ``truth_of`` gives it."""
    with quiet(model, seed):
        samples = sampled(model, n, seed)
    counts = None
    if data.modes is not None:
        counts = mode_counts(samples, data.modes, data.mode_std)
    return Coverage(measured(samples, data, truth), counts, n)


def floors(data: Data, truth: Truth, n: int = SAMPLES, seed: int = 0) -> dict[str, float]:
    """What ``n`` true samples reach on average, under the names of ``measured``: no model can do better for long.

    Of modes that lie apart, exactly or nearly so: all modes, 1 - e^-4.5 = 98.89 % within three standard deviations (in
    the plane), and a reverse KL of (k - 1) / 2n (the mean of a χ² statistic). KL, Jensen–Shannon and the share of
    cells are means over 200 samples drawn from the truth's masses.
    """
    random = np.random.default_rng(seed)
    masses = truth.masses / truth.masses.sum()
    draws = random.multinomial(n, masses, size=DRAWS)
    found = np.array([divergences(counts, truth.masses) for counts in draws]).mean(axis=0)
    reached = {"kl": float(found[0]), "js": float(found[1])}
    if data.modes is None:
        return reached | {"cells": float((draws[:, :-1][:, truth.cells] > 0).mean())}
    k = len(data.modes)
    return reached | {
        "modes": float(k),
        "high_quality": 1 - math.exp(-(WITHIN**2) / 2),
        "reverse_kl": (k - 1) / (2 * n),
    }

"""How well samples cover what they should: modes and divergences, of points against the distribution they come from.

The protocol of mode coverage (Metz et al. 2017, "Unrolled GANs"; Srivastava et al. 2017, "VEEGAN", section 5.1; Lin et
al. 2018, "PacGAN", section 4.1): of 2,500 samples those within three standard deviations of their nearest mode are of
high quality, and a mode is covered if at least one of these is its own.
"""

import json
import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch

from core.datasets import points
from core.datasets.base import Data
from core.models.base import Model
from core.training.grids import box_of

__all__ = [
    "CELLS",
    "SAMPLES",
    "WITHIN",
    "Truth",
    "assigned",
    "divergences",
    "gaussian_masses",
    "histogram",
    "measured",
    "mode_counts",
    "reverse_kl",
    "sampled",
    "truth_of",
]

SAMPLES = 2500
NOISE_SEED = 0  # of the samples that are measured: always of the same noise
WITHIN = 3.0  # standard deviations from a mode within which a sample counts as its own
CELLS = 40  # on a side of the grid over which histograms are taken
VANISHING = 1e-30  # masses that a float can hardly hold, and no sum can feel
REFERENCE = 200_000  # points that stand for a distribution without a formula


# -- modes -------------------------------------------------------------------------------------------------------------


def assigned(samples: np.ndarray, modes: np.ndarray, std: float) -> tuple[np.ndarray, np.ndarray]:
    """Of samples (n, d) the nearest of the modes (k, d), (n,), and whether it lies within three deviations, (n,)."""
    x = np.array(samples.T, np.float32, order="C")
    x[np.isnan(x)] = np.inf  # what is not a number is far from every mode
    # A coordinate at a time and the modes first: (k, n) arrays are four times quicker than (n, k, d) ones.
    squares = np.zeros((len(modes), len(samples)), np.float32)
    with np.errstate(over="ignore"):  # what is so far away is as good as infinitely far
        for own, of_modes in zip(x, modes.T, strict=True):
            squares += np.square(own - of_modes[:, None])
    return squares.argmin(axis=0), squares.min(axis=0) <= (WITHIN * std) ** 2


def mode_counts(samples: np.ndarray, modes: np.ndarray, std: float) -> np.ndarray:
    """How many samples (n, d) lie within three standard deviations of each mode (k, d): (k,) int16."""
    nearest, near = assigned(samples, modes, std)
    return np.bincount(nearest[near], minlength=len(modes)).astype(np.int16)


def reverse_kl(nearest: np.ndarray, k: int) -> float:
    """KL(shares of the nearest modes ‖ 1/k) in nats, of all samples (n,), good or not; at most ln k."""
    share = np.bincount(nearest, minlength=k) / len(nearest)
    share = share[share > 0]
    return float((share * np.log(share * k)).sum())


# -- histograms --------------------------------------------------------------------------------------------------------


class Truth(NamedTuple):
    """A distribution over 40 × 40 even cells of ``box`` [left, right, bottom, top] and one cell for all outside.

    ``masses`` (1601,) sum to 1, the first 40 along x at the bottom; ``exact`` or shares of ``REFERENCE`` points.
    """

    box: tuple[float, float, float, float]
    masses: np.ndarray
    exact: bool

    @property
    def cells(self) -> np.ndarray:
        """Which cells count as the distribution's own: those where at least one of ``SAMPLES`` is expected."""
        return self.masses[:-1] * SAMPLES >= 1


def histogram(samples: np.ndarray, box: tuple[float, ...]) -> np.ndarray:
    """How many samples (n, 2) lie in each cell of the grid over ``box`` and outside it: (1601,) int64."""
    left, right, bottom, top = box
    with np.errstate(invalid="ignore"):
        across = np.floor((samples[:, 0].astype(np.float64) - left) / (right - left) * CELLS)
        up = np.floor((samples[:, 1].astype(np.float64) - bottom) / (top - bottom) * CELLS)
        inside = (across >= 0) & (across < CELLS) & (up >= 0) & (up < CELLS)
    place = np.full(len(samples), CELLS * CELLS)
    place[inside] = (up[inside] * CELLS + across[inside]).astype(np.int64)
    return np.bincount(place, minlength=CELLS * CELLS + 1)


def gaussian_masses(modes: np.ndarray, std: float, box: tuple[float, ...]) -> np.ndarray:
    """The exact masses (1601,) of an even mixture of round Gaussians: products of differences of the normal CDF."""
    left, right, bottom, top = box
    masses = np.zeros((CELLS, CELLS))
    for x, y in modes.astype(np.float64):
        across = np.diff(_normal_cdf((np.linspace(left, right, CELLS + 1) - x) / std))
        up = np.diff(_normal_cdf((np.linspace(bottom, top, CELLS + 1) - y) / std))
        masses += np.outer(up, across) / len(modes)
    return np.append(masses.ravel(), max(1 - masses.sum(), 0.0))


def _normal_cdf(x: np.ndarray) -> np.ndarray:
    return np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in x])


def divergences(counts: np.ndarray, masses: np.ndarray) -> tuple[float, float]:
    """KL(truth ‖ samples) and the Jensen–Shannon divergence, in nats, of counts (c,) against exact masses (c,).

    Where a cell has mass and no sample KL would be infinite whatever the rest: the samples' shares are mixed with one
    part in n of the truth (the skew divergence of Lee 1999, "Measures of distributional similarity", whose limit for
    many samples n is KL); the most it can be is ln n. Jensen–Shannon takes the shares as they are, and is at most ln 2.
    """
    n = counts.sum()
    shares = counts / n
    skewed = shares + (masses - shares) / n
    middle = 0.5 * (shares + masses)
    return (
        _kl(masses, skewed),
        0.5 * _kl(masses, middle) + 0.5 * _kl(shares, middle),
    )


def _kl(p: np.ndarray, q: np.ndarray) -> float:
    """Σ p ln (p / q) in nats over the cells where p is not 0; q is not 0 there."""
    own = p > VANISHING
    return float((p[own] * np.log(p[own] / q[own])).sum())


# -- of a data set -----------------------------------------------------------------------------------------------------


def truth_of(data: Data, options: dict[str, Any] | None = None) -> Truth | None:
    """The distribution that 2-D points come from, None for other data.

    Of a mixture of Gaussians its exact masses; of another of ``points``, loaded with ``options``, the shares of 200,000
    points drawn anew; of any other set those of all its own rows.
    """
    if data.kind != "points" or data.shape != (2,):
        return None
    return _truth(data, None if options is None else json.dumps(options, sort_keys=True))


@lru_cache(maxsize=8)
def _truth(data: Data, options: str | None) -> Truth:
    box = tuple(box_of(data.x))
    if data.modes is not None:
        return Truth(box, gaussian_masses(data.modes, data.mode_std, box), True)
    x = data.x
    if data.name == "points" and options is not None:
        wanted = points.Options.model_validate_json(options)
        fresh = {"n": REFERENCE, "data_seed": (wanted.data_seed + 1) % 2**31}
        x = points.load(wanted.model_copy(update=fresh)).x
    return Truth(box, histogram(x, box) / len(x), False)


def measured(samples: np.ndarray, data: Data, truth: Truth) -> dict[str, float]:
    """What is logged of samples (n, 2): ``kl`` and ``js`` in nats, and how they cover the data.

    Of data with modes: ``modes`` covered, the share of ``high_quality`` samples (0 to 1), ``reverse_kl`` in nats; of
    others ``cells``, the share of the distribution's own cells that hold at least one sample.
    """
    counts = histogram(samples, truth.box)
    kl, js = divergences(counts, truth.masses)
    found = {"kl": kl, "js": js}
    if data.modes is None:
        return found | {"cells": float((counts[:-1][truth.cells] > 0).mean())}
    nearest, near = assigned(samples, data.modes, data.mode_std)
    return found | {
        "modes": float(len(np.unique(nearest[near]))),
        "high_quality": float(near.mean()),
        "reverse_kl": reverse_kl(nearest, len(data.modes)),
    }


def sampled(model: Model, n: int = SAMPLES, seed: int = NOISE_SEED) -> np.ndarray:
    """``n`` samples of a model in evaluation, (n, 2), of noise from ``seed``."""
    return model.sample(n, torch.Generator().manual_seed(seed)).float().cpu().numpy()

r"""Does each factor of the data have a unit of the code to itself? Two scores, and the information behind them.

Information $I(z_j; v_k)$ between unit j and factor k, in nats: the plug-in estimate from counts, 20 equal steps of the
unit's range (F. Locatello et al. 2019, "Challenging common assumptions in the unsupervised learning of disentangled
representations", appendix C) against the factor's values, or 10 equal steps of its range. The unit is the mean of
q(z|x), not the aggregated q(z) of Chen et al.: so it is the same for codes without a q(z|x) (an autoencoder's, PCA's),
and a function of weights and data alone. Two prices: σ plays no part, and a unit and a factor that have nothing in
common come to about $(20 - 1)(10 - 1) / 2N$ nats over N examples, not to 0.

Mutual information gap (R. T. Q. Chen, X. Li, R. Grosse and D. Duvenaud 2018, "Isolating sources of disentanglement in
variational autoencoders", section 4.1, eq. 6), over K factors, with $j_k$ the unit that knows most of factor k:

$$\mathrm{MIG} = \frac1K \sum_k \frac{1}{H(v_k)} \Bigl(I(z_{j_k}; v_k) - \max_{j \ne j_k} I(z_j; v_k)\Bigr)$$

FactorVAE score (H. Kim and A. Mnih 2018, "Disentangling by factorising", section 4): a vote fixes one value of a
factor drawn at random, takes 64 examples that have it, and goes to the unit that varies least among them, each unit
measured by its deviation over all examples for which that factor means something. Which factor was it? The classifier
answers each unit with the factor that most of 10,000 votes were about; the score is its share of right answers among
5,000 others (the counts of Locatello et al.). Chance is 1/K.

Collapsed units (of a Gaussian code those whose mean has a variance of at most 0.01, else the dead ones of
``core.analysis.codes``) know nothing and win no votes. A factor is left out where it has a single value, and examples
for which it means nothing (a circle's rotation) are left out of its column and of its votes.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from core.analysis.codes import UNITS, dead_units
from core.analysis.evaluation import ACTIVE, Metric
from core.analysis.passes import batches, device_of, positions, quiet, spread
from core.datasets.base import Data
from core.models.base import Model

__all__ = ["FEWEST", "Disentanglement", "in_steps", "measured", "metrics", "scores"]

UNIT_STEPS, FACTOR_STEPS = 20, 10
FEWEST, MOST = 500, 10_000  # examples: counts of fewer say nothing, of more nothing new
VOTES, JUDGED, EXAMPLES = 10_000, 5_000, 64
AT_ONCE = 500  # votes: keeps the examples of 256 units within 70 MB
NO_MEANING = -1


@dataclass(frozen=True, eq=False)
class Disentanglement:
    """What d units know of K factors.

    ``factors`` names them; ``information`` (d, K) and ``entropy`` (K,) in nats; ``gaps`` (K,) the share of each
    entropy by which the best unit is ahead of the second, ``gap`` their mean; ``votes`` (d, K) the training votes of
    the FactorVAE score, ``factor_vae`` the score; ``active`` (d,) is false for collapsed units; ``counts`` (K,) the
    examples of each factor.
    """

    factors: tuple[str, ...]
    information: np.ndarray
    entropy: np.ndarray
    gaps: np.ndarray
    votes: np.ndarray
    factor_vae: float
    active: np.ndarray
    counts: np.ndarray

    @property
    def gap(self) -> float:
        """The mutual information gap, 0 to 1."""
        return float(self.gaps.mean())

    @property
    def chance(self) -> float:
        """The information in nats that two strangers come to on average: (20 - 1)(10 - 1) / 2N."""
        return (UNIT_STEPS - 1) * (FACTOR_STEPS - 1) / (2 * int(self.counts.max()))


def in_steps(data: Data, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Each factor of the examples at ``rows`` as steps 0, 1, … (N,) int64, -1 where it means nothing.

    Named values are steps as they are; a range is cut into 10 equal ones, within each value of the factor that it
    depends on. Without those that have a single step.
    """
    found = {}
    for name, info in data.factor_info.items():
        values = data.factors[name][rows]
        if info.values is None:
            groups = np.zeros(len(rows), np.int64)
            if info.within is not None:
                groups = data.factors[info.within][rows]
            steps = np.full(len(rows), NO_MEANING)
            for group in np.unique(groups):
                steps[groups == group] = _equal_steps(values[groups == group], FACTOR_STEPS)
        else:
            steps = values.astype(np.int64)
        if len(np.unique(steps[steps != NO_MEANING])) > 1:
            found[name] = steps
    return found


def _equal_steps(values: np.ndarray, count: int) -> np.ndarray:
    """The ``count`` equal steps between the least and the largest value: (N,) int64, -1 for what is no number."""
    known = np.isfinite(values)
    steps = np.full(len(values), NO_MEANING)
    if not known.any():
        return steps
    low, high = values[known].min(), values[known].max()
    share = (values[known].astype(np.float64) - low) / max(float(high) - low, np.finfo(float).tiny)
    steps[known] = np.minimum((count * share).astype(np.int64), count - 1)
    return steps


def scores(
    codes: np.ndarray, factors: dict[str, np.ndarray], active: np.ndarray, seed: int = 0
) -> Disentanglement:
    """Both scores of ``codes`` (N, d), of which the ``active`` (d,) units count, against ``factors`` in steps.

    ``seed`` draws the votes; the information has no chance in it.
    """
    steps = list(factors.values())
    active = active & (np.ptp(codes, axis=0) > 0)
    shape = (codes.shape[1], len(steps))
    information, entropy = np.zeros(shape), np.array([_entropy(_counts(s)) for s in steps])
    for unit in np.flatnonzero(active):
        levels = _equal_steps(codes[:, unit], UNIT_STEPS)
        information[unit] = [_information(levels, factor) for factor in steps]
    best = np.sort(np.concatenate([np.zeros((2, shape[1])), information]), axis=0)
    random = np.random.default_rng(seed)
    votes, judged = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    if active.any():
        votes[active] = _votes(codes[:, active], steps, VOTES, random)
        judged[active] = _votes(codes[:, active], steps, JUDGED, random)
    right = judged[np.arange(shape[0]), votes.argmax(axis=1)].sum()
    return Disentanglement(
        factors=tuple(factors),
        information=information,
        entropy=entropy,
        gaps=(best[-1] - best[-2]) / entropy,
        votes=votes,
        factor_vae=float(right / JUDGED),
        active=active,
        counts=np.array([(s != NO_MEANING).sum() for s in steps]),
    )


def _counts(steps: np.ndarray) -> np.ndarray:
    return np.bincount(steps[steps != NO_MEANING])


def _entropy(counts: np.ndarray) -> float:
    """The entropy in nats of what was counted so often."""
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log(share)).sum())


def _information(unit: np.ndarray, factor: np.ndarray) -> float:
    """I = H(unit) + H(factor) - H(both) in nats, over the examples for which the factor means something."""
    known = factor != NO_MEANING
    unit, factor = unit[known], factor[known]
    both = np.bincount(unit * (factor.max() + 1) + factor)
    return max(0.0, _entropy(_counts(unit)) + _entropy(_counts(factor)) - _entropy(both))


def _votes(
    codes: np.ndarray, factors: list[np.ndarray], count: int, random: np.random.Generator
) -> np.ndarray:
    """How often each unit of ``codes`` (N, d) varied least while each factor was fixed: (d, K)."""
    tally = np.zeros((codes.shape[1], len(factors)), np.int64)
    about = np.bincount(random.integers(len(factors), size=count), minlength=len(factors))
    for k, steps in enumerate(factors):
        order = np.argsort(steps, kind="stable")[(steps == NO_MEANING).sum() :]
        sizes = _counts(steps)
        starts = np.cumsum(sizes) - sizes
        # A value of which there is one example would leave every unit without variance.
        open_to = steps[order][sizes[steps[order]] > 1]
        varies = np.flatnonzero(np.ptp(codes[order], axis=0) > 0)
        if not len(varies) or not len(open_to):
            continue
        sorted_codes = codes[order][:, varies]
        sorted_codes /= sorted_codes.std(axis=0)
        for done in range(0, int(about[k]), AT_ONCE):
            fixed = random.choice(open_to, min(AT_ONCE, int(about[k]) - done))[:, None]
            among = (random.random((len(fixed), EXAMPLES)) * sizes[fixed]).astype(np.int64)
            winners = sorted_codes[starts[fixed] + among].var(axis=1).argmin(axis=1)
            tally[:, k] += np.bincount(varies[winners], minlength=len(tally))
    return tally


def measured(model: Model, data: Data, rows: np.ndarray, seed: int = 0) -> Disentanglement | None:
    """The scores of a model that encodes, over at most 10,000 of ``rows``, evenly spread.

    None where there is nothing to tell apart: fewer than two factors, fewer than 500 examples, more than 256 units.
    """
    rows = spread(rows, MOST)
    factors = in_steps(data, rows)
    if len(factors) < 2 or len(rows) < FEWEST:
        return None
    with quiet(model, seed):
        parts = [model.encode(b.x, b.y) for b in batches(data, rows, device_of(model))]
    codes = torch.cat([part.mean.flatten(1) for part in parts]).double().cpu().numpy()
    if codes.shape[1] > UNITS:
        return None
    gaussian = parts[0].log_var is not None
    active = codes.var(axis=0, ddof=1) > ACTIVE if gaussian else ~dead_units(codes)
    # A diverged model's codes are no numbers: they know nothing either.
    known = np.isfinite(codes).all(axis=0)
    return scores(np.where(known, codes, 0), factors, active & known, seed)


def metrics(model: Model, data: Data, split: str, seed: int = 0) -> dict[str, dict[str, Any]]:
    """``mutual_information_gap`` and ``factor_vae_score`` as ``core.analysis.evaluation`` gives its own; {} if none."""
    found = measured(model, data, positions(data, split), seed)
    if found is None:
        return {}
    gap, votes = protocols(found, data)
    pair = {
        "mutual_information_gap": Metric(
            found.gap, "of the factor's entropy", split, gap, "estimate"
        ),
        "factor_vae_score": Metric(found.factor_vae, "of the votes", split, votes, "estimate"),
    }
    return {name: asdict(metric) for name, metric in pair.items()}


def protocols(found: Disentanglement, data: Data) -> tuple[str, str]:
    """How the two scores came about, a sentence each."""
    titles = [data.factor_info[name].title.lower() for name in found.factors]
    n = f"{int(found.counts.max()):,} examples"
    return (
        f"mean over {', '.join(titles)}; {n}, the (mean) code in {UNIT_STEPS} equal steps, the factors in their "
        f"values or {FACTOR_STEPS} equal steps; {int((~found.active).sum())} collapsed units count as knowing nothing",
        f"{VOTES:,} votes to learn from and {JUDGED:,} to be judged by, each of {EXAMPLES} out of {n}; "
        f"chance is 1/{len(titles)}",
    )

r"""t-SNE: neighbours stay neighbours; distances between groups mean nothing.

$$p_{j|i} \propto e^{-\lVert x_i - x_j \rVert^2 / 2 \sigma_i^2}, \qquad
  q_{ij} \propto \frac{1}{1 + \lVert y_i - y_j \rVert^2}, \qquad
  \mathcal L = KL(P \,\|\, Q) = \sum_{ij} p_{ij} \ln \frac{p_{ij}}{q_{ij}}$$

with each σ such that a point has about ``perplexity`` neighbours (van der Maaten & Hinton 2008, "Visualizing data using
t-SNE", JMLR 9). By openTSNE (Poličar, Stražar & Zupan 2024, JOSS/JSS 109): many flat points repel each other through an
interpolated field (Linderman et al. 2019, "Fast interpolation-based t-SNE", Nature Methods 16), few ones and those in
space through a tree (van der Maaten 2014, JMLR 15), for which there is no such field in openTSNE. The learning rate is
n / exaggeration (Belkina et al. 2019, Nature Communications 10), the start is the PCA's (Kobak & Berens 2019, ibid.).
"""

import math
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
from pydantic import Field

from core.analysis.maps import near
from core.analysis.maps.base import (
    CONTINUED,
    Film,
    Progress,
    Projection,
    SeededSettings,
    Watch,
    part,
)
from core.analysis.maps.components import LOW, lowered, principal, reduction, reduction_seconds
from core.analysis.maps.sound import check_new, check_size, check_vectors
from core.errors import BadInput

__all__ = ["HELP", "TITLE", "Settings", "check", "fit", "place", "seconds"]

TITLE = "t-SNE"
HELP = "Keeps near points near: good at showing groups, silent about how large they are and how far apart."

TREE_UP_TO = 4000  # flat points: the field costs the same for few as for many, the tree n log n
# The field's cells grow with the map. A coarse grid shapes it, a fine one settles it: in all 0.75 of the time of a fine
# one throughout, at the same trustworthiness.
COARSE, FINE, FINE_SHARE = 2, 1, 0.4
# How far the tree is cut short: in space it costs twice as much, and 0.8 halves that for 0.0004 of trustworthiness.
THETA = {2: 0.5, 3: 0.8}
SPREAD = 1e-4  # standard deviation of the start: openTSNE asks for a small one, for all points to be within reach
JITTER = 0.01  # of it, so that equal points can part
PLACED = 5.0  # perplexity of a new point: it belongs to its nearest few
# Of new points nine in ten come within 0.008 of the map's width of where 1,000 of the library's steps of 0.1 take them,
# as near as with its 250.
PLACING = {"n_iter": 80, "learning_rate": 0.3}
NEIGHBOURHOOD = 0.15  # share of the time that goes to finding the neighbours, for the progress


class Settings(SeededSettings):
    """The settings of t-SNE."""

    perplexity: float = Field(
        30,
        ge=2,
        le=500,
        description="About how many neighbours a point tries to keep: few show detail, many the whole.",
    )
    early_exaggeration: float = Field(
        12,
        ge=1,
        le=100,
        description="How much harder neighbours pull in the first phase, in which groups find each other.",
    )
    exaggeration_iterations: int = Field(
        100, ge=0, le=2000, description="Iterations of that first phase."
    )
    iterations: int = Field(
        250, ge=10, le=5000, description="Iterations after it, in which the map spreads out."
    )
    initialisation: Literal["pca", "random", "spectral"] = Field(
        "pca",
        description="Where points start: on the plane of most variance, anywhere, or along the neighbour graph.",
    )
    metric: near.Metric = Field(
        "euclidean",
        description="What near means: straight distance, angle (cosine) or the sum over axes (manhattan).",
    )


def check(settings: Settings, n: int, d: int, dims: int) -> None:
    """``BadInput`` where the perplexity asks for more neighbours than there are, three times itself."""
    check_size(n, d, dims)
    near.check_metric(settings.metric, d)
    if settings.perplexity > (n - 1) / 3:
        most = (n - 1) // 3
        advice = f"at most {most}" if most >= 2 else "none: t-SNE needs at least 7 points"
        raise BadInput.of_fields(
            {"perplexity": f"{n:,} points allow {advice}, a third of each point's neighbours."}
        )


def seconds(settings: Settings, n: int, d: int, dims: int, *, started: bool = False) -> float:
    """An estimate of what ``fit`` takes, warm: neighbours and their weights once, then so much an iteration.

    Measured on one thread with the defaults and codes of 10 numbers: flat 1,000: 0.8, 2,000: 1.8, 5,000: 4.4,
    10,000: 7, 20,000: 11, 50,000: 24; in space 1,000: 0.8, 3,000: 3.2; 80 iterations of 10,000: 5.6, 40 of 40,000: 24.
    """
    neighbours = settings.perplexity * 3
    once = near.seconds(settings.metric, n, min(d, LOW)) + 7e-7 * n * neighbours
    once += reduction_seconds(n, d)
    if dims == 2 and n > TREE_UP_TO:
        each = 9e-3 + 4e-7 * n
    else:  # a large tree leaves the processor's cache
        each = 2e-7 * n * math.log2(n) * (1 + n / 20_000)
    each += 4e-9 * n * neighbours
    share = CONTINUED if started else 1.0
    return once + share * (settings.exaggeration_iterations + settings.iterations) * each


def fit(
    vectors: np.ndarray,
    settings: Settings,
    dims: int,
    *,
    start: np.ndarray | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Projection:
    """The map and the states it went through. With ``start`` that is the initialisation, and half the iterations do.

    Facts: ``kl_divergence`` in nats (of the neighbour graph, by the library's approximation), ``iterations``,
    ``neighbours`` of each point, ``initialisation``; of vectors of more than 50 numbers ``reduced_to`` and
    ``reduced_keeps``.
    """
    check(settings, *vectors.shape, dims)
    check_vectors(vectors)
    state, facts = reduction(vectors)
    low = lowered(vectors, state)
    found = part(progress, 0.0, NEIGHBOURHOOD)
    affinities = _affinities(low, settings.metric, settings.perplexity, found)
    begin = _initialisation(low, affinities, settings, dims, start)
    phases = _phases(settings, 1.0 if start is None else CONTINUED)
    film = Film(sum(phase["n_iter"] for phase in phases), watch)
    embedding = _embedding(begin, affinities)
    film.add(0, embedding)
    _optimise(embedding, phases, film, part(progress, NEIGHBOURHOOD, 1.0))
    at = np.asarray(embedding, np.float32)
    film.add(film.total, at)
    frames, steps = film.arrays()
    facts |= {
        "kl_divergence": float(embedding.kl_divergence),
        "iterations": film.total,
        "neighbours": affinities.knn_index.k,
        "initialisation": settings.initialisation if start is None else "an earlier map",
    }
    return Projection(at, frames, steps, state, facts)


class _Index:
    """Exact neighbours as openTSNE asks for them (its ``KNNIndex``)."""

    def __init__(self, vectors: np.ndarray, metric: str, perplexity: float, progress: Progress):
        self.neighbours = near.Neighbours(vectors, metric)
        self.n_samples = len(vectors)
        self.k = int(3 * perplexity)  # as many as the Gaussian of that perplexity reaches
        self.progress = progress

    def build(self) -> tuple[np.ndarray, np.ndarray]:
        return self.neighbours.of_each(self.k, self.progress)

    def query(self, new: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        return self.neighbours.of_new(new, k)


def _affinities(low: np.ndarray, metric: str, perplexity: float, progress: Progress) -> Any:
    from openTSNE.affinity import PerplexityBasedNN

    index = _Index(low, metric, perplexity, progress)
    return PerplexityBasedNN(perplexity=perplexity, knn_index=index, n_jobs=1)


def _embedding(at: np.ndarray, affinities: Any) -> Any:
    """openTSNE's embedding at the places ``at``. One thread: with two it is hardly faster, and far slower where others
    compute too.
    """
    from openTSNE import TSNEEmbedding

    n, dims = at.shape
    method = "fft" if dims == 2 and n > TREE_UP_TO else "bh"
    return TSNEEmbedding(
        at, affinities, negative_gradient_method=method, theta=THETA[dims], n_jobs=1, random_state=0
    )


def _initialisation(
    low: np.ndarray, affinities: Any, settings: Settings, dims: int, start: np.ndarray | None
) -> np.ndarray:
    """Where the points begin: (n, dims) float64, about ``SPREAD`` wide."""
    from openTSNE import initialization

    random = np.random.RandomState(settings.seed)
    if start is None and settings.initialisation == "random":
        return initialization.random(len(low), dims, random_state=random)
    if start is not None:
        begin = start.astype(np.float64)
    elif settings.initialisation == "pca":
        begin = principal(low, dims).scores(low)
        begin = np.pad(begin, ((0, 0), (0, dims - begin.shape[1])))
    else:
        begin = _spectral(affinities, dims, random)
    begin = begin - begin.mean(axis=0)
    width = begin.std(axis=0).max()
    begin *= SPREAD / width if width > 0 else 0
    return begin + random.normal(0, SPREAD * JITTER, begin.shape)


def _spectral(affinities: Any, dims: int, random: Any) -> np.ndarray:
    from openTSNE import initialization
    from scipy.sparse.linalg import ArpackError

    impossible = BadInput.of_fields(
        {
            "initialisation": "The neighbour graph of these points has no spectral layout: "
            "choose pca or random."
        }
    )
    try:
        begin = initialization.spectral(affinities.P, dims, random_state=random, add_jitter=False)
    except (ArpackError, TypeError, ValueError) as error:
        raise impossible from error
    if not np.isfinite(begin).all():
        raise impossible
    return begin


def _phases(settings: Settings, share: float) -> list[dict[str, Any]]:
    """The arguments of each stretch of the descent, ``share`` of the iterations that are set."""
    early, rest = (
        round(share * k) for k in (settings.exaggeration_iterations, settings.iterations)
    )
    fine = round(FINE_SHARE * rest)
    phases = [
        {
            "n_iter": early,
            "exaggeration": settings.early_exaggeration,
            "momentum": 0.5,
            "ints_in_interval": COARSE,
        },
        {"n_iter": rest - fine, "momentum": 0.8, "ints_in_interval": COARSE},
        {"n_iter": fine, "momentum": 0.8, "ints_in_interval": FINE},
    ]
    return [phase for phase in phases if phase["n_iter"]]


def _optimise(embedding: Any, phases: list[dict[str, Any]], film: Film, progress: Progress) -> None:
    """Move the embedding through the phases, in place."""
    done = 0

    def look(iteration: int, error: float, at: np.ndarray) -> None:
        step = done + iteration - 1  # it is called before the iteration's own move
        if step:
            film.add(step, at)
        progress(step / film.total, f"Iteration {step:,} of {film.total:,}")

    for phase in phases:
        embedding.optimize(
            **phase,
            inplace=True,
            propagate_exception=True,
            callbacks=[look],
            callbacks_every_iters=film.stride,
        )
        done += phase["n_iter"]


_placing: "WeakKeyDictionary[Projection, Any]" = WeakKeyDictionary()


def place(
    vectors: np.ndarray, projection: Projection, settings: Settings, new: np.ndarray
) -> np.ndarray:
    """Where ``new`` (m, d) go in the map: (m, dims) float32, each between its neighbours among ``vectors`` (n, d).

    Each starts at the median of its neighbours and descends by itself, the map held still (Poličar, Stražar & Zupan
    2021, "Embedding to reference t-SNE space addresses batch effects", Machine Learning). The neighbours' index is kept
    for as long as the ``projection`` is.
    """
    if check_new(vectors, new) == 0:
        return np.empty((0, projection.at.shape[1]), np.float32)
    if projection not in _placing:
        low = lowered(vectors, projection.state)
        # The map's own points do not pull each other any more: the fewest neighbours will do.
        _placing[projection] = _affinities(low, settings.metric, 1, part(None, 0, 1))
    # The library centres its copy of the map on the box around it.
    middle = (projection.at.max(axis=0) + projection.at.min(axis=0)) / 2
    perplexity = min(PLACED, (len(vectors) - 1) / 3)
    found = _embedding(projection.at, _placing[projection]).transform(
        lowered(new, projection.state), perplexity=perplexity, **PLACING
    )
    return (np.asarray(found) + middle).astype(np.float32)

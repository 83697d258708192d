r"""UMAP: the graph of neighbours, laid out so that joined points attract and others repel.

$$w_{j|i} = e^{-(d_{ij} - \rho_i) / \sigma_i}, \qquad w = w_{j|i} + w_{i|j} - w_{j|i} w_{i|j}, \qquad
  v_{ij} = \frac{1}{1 + a \lVert y_i - y_j \rVert^{2b}}, \qquad
  \mathcal L = - \sum_{ij} w_{ij} \ln v_{ij} + (1 - w_{ij}) \ln (1 - v_{ij})$$

ρ is the distance of the nearest neighbour, σ such that the weights of the k nearest sum to log₂ k, and a, b follow from
``min_dist`` (McInnes, Healy & Melville 2018, "UMAP: uniform manifold approximation and projection", sections 3 and 4).
By umap-learn, on one thread, as it is the same to the bit only then.

The library is compiled while it first computes, once a process (``warm_up``). Given the exact neighbours it needs no
compiled search, which would cost three times as much again, once for each metric.
"""

import math
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from pydantic import Field

from core.analysis.maps import near
from core.analysis.maps.base import (
    CONTINUED,
    Progress,
    Projection,
    SeededSettings,
    Watch,
    part,
)
from core.analysis.maps.components import LOW, lowered, reduction, reduction_seconds
from core.analysis.maps.sound import check_new, check_size, check_vectors
from core.analysis.maps.umap_learn import Index, centred, joined, laid_out, placed
from core.errors import BadInput

__all__ = ["HELP", "TITLE", "Settings", "check", "fit", "place", "seconds", "warm_up"]

TITLE = "UMAP"
HELP = "Lays the graph of neighbours out: groups stand apart, and more of the whole is kept than by t-SNE."

# The library takes 500 up to 10,000 points, as its paper does. Half of them give codes of MNIST the same
# trustworthiness within 0.002, in half of the time.
SMALL, EPOCHS_SMALL, EPOCHS_LARGE = 10_000, 250, 200
PREPARED = 0.25  # share of the time until the first epoch, for the progress
SPECTRAL_FROM = 50  # points: fewer start anywhere, as the eigenvectors of so small a graph are not to be relied on


class Settings(SeededSettings):
    """The settings of UMAP."""

    n_neighbors: int = Field(
        15,
        ge=2,
        le=500,
        description="How many neighbours each point is joined to: few show detail, many the whole.",
        json_schema_extra={"label": "Neighbours"},
    )
    min_dist: float = Field(
        0.1,
        ge=0,
        le=0.99,
        description="How near points may lie in the map: small packs groups tight, large spreads them.",
        json_schema_extra={"label": "Least distance"},
    )
    metric: near.Metric = Field(
        "euclidean",
        description="What near means: straight distance, angle (cosine) or the sum over axes (manhattan).",
    )
    epochs: int = Field(
        0,
        ge=0,
        le=5000,
        description="Passes over the graph; 0 = automatic: 250 up to 10,000 points, 200 above.",
    )


def check(settings: Settings, n: int, d: int, dims: int) -> None:
    """``BadInput`` where there are not as many other points as each is to be joined to."""
    check_size(n, d, dims)
    near.check_metric(settings.metric, d)
    if settings.n_neighbors > n - 1:
        raise BadInput.of_fields(
            {"n_neighbors": f"{n:,} points have at most {n - 1:,} neighbours each."}
        )


def seconds(settings: Settings, n: int, d: int, dims: int, *, started: bool = False) -> float:
    """An estimate of what ``fit`` takes, warm: neighbours and their graph once, then so much an epoch.

    Measured on one thread with the defaults and codes of 10 numbers: 1,000: 0.4, 10,000: 3.9, 50,000: 28.
    """
    once = near.seconds(settings.metric, n, min(d, LOW)) + 6e-5 * n
    once += reduction_seconds(n, d)
    # An edge is drawn as often as it is strong, and the strengths of a point's edges sum to log₂ of their number.
    each = n * (2.5e-7 * math.log2(settings.n_neighbors) + 2e-8 * settings.n_neighbors)
    return once + each * _epochs(settings, n, CONTINUED if started else 1.0)


def fit(
    vectors: np.ndarray,
    settings: Settings,
    dims: int,
    *,
    start: np.ndarray | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Projection:
    """The map, with the states it went through; ``watch`` sees only the first and the last, as the library shows none
    on its way. With ``start`` that is the initialisation, and half the epochs do.

    Facts: ``epochs``, ``initialisation`` and ``parts``, into how many pieces the graph falls, between which distances
    mean nothing; of vectors of more than 50 numbers ``reduced_to``, ``reduced_keeps``.
    """
    check(settings, *vectors.shape, dims)
    check_vectors(vectors)
    state, facts = reduction(vectors)
    low = lowered(vectors, state)
    model, begun = _prepared(low, settings, dims, start, part(progress, 0.0, PREPARED))
    if watch:
        watch(0, centred(model.embedding_))
    total = _epochs(settings, len(low), 1.0 if start is None else CONTINUED)
    film = laid_out(low, model, settings, total, part(progress, PREPARED, 1.0))
    frames, steps = film.arrays()
    at = film.last
    if watch:
        watch(total, at)
    facts |= {
        "epochs": total,
        "initialisation": begun,
        "parts": _parts(model.graph_),
    }
    return Projection(at, frames, steps, state, facts)


def _prepared(
    low: np.ndarray, settings: Settings, dims: int, start: np.ndarray | None, progress: Progress
) -> tuple[Any, str]:
    """The graph, in a model of the library whose ``embedding_`` (n, dims) is where points begin, and what that is."""
    first, begun = start, "an earlier map"
    if (
        start is None or not np.ptp(start, axis=0).all()
    ):  # without extent there is nothing to go on from
        first = begun = "spectral" if len(low) >= SPECTRAL_FROM else "random"
    index = Index(low, settings.metric)
    others = index.neighbours.of_each(settings.n_neighbors - 1, part(progress, 0.0, 0.5))
    progress(0.5, "Joining neighbours to a graph")
    model, failed = joined(low, settings, dims, first, others, index)
    if failed or not np.isfinite(model.embedding_).all():
        begun = "random"
        model, _ = joined(low, settings, dims, begun, others, index)
    return model, begun


def _epochs(settings: Settings, n: int, share: float) -> int:
    automatic = EPOCHS_SMALL if n <= SMALL else EPOCHS_LARGE
    return max(1, round(share * (settings.epochs or automatic)))


def _parts(graph: Any) -> int:
    from scipy.sparse.csgraph import connected_components

    return int(connected_components(graph, directed=False)[0])


_placing: "WeakKeyDictionary[Projection, Any]" = WeakKeyDictionary()


def place(
    vectors: np.ndarray, projection: Projection, settings: Settings, new: np.ndarray
) -> np.ndarray:
    """Where ``new`` (m, d) go in the map: (m, dims) float32, drawn by their neighbours among ``vectors`` (n, d).

    The map is held still and new points do not see each other (the library's ``transform``). The graph is kept for as
    long as the ``projection`` is.
    """
    if check_new(vectors, new) == 0:
        return np.empty((0, projection.at.shape[1]), np.float32)
    if projection not in _placing:
        low = lowered(vectors, projection.state)
        dims = projection.at.shape[1]
        model, _ = _prepared(low, settings, dims, projection.at, part(None, 0, 1))
        _placing[projection] = model
    return placed(_placing[projection], projection.at, lowered(new, projection.state))


def warm_up(progress: Progress | None = None) -> None:
    """Have the library compiled, so that the next map is quick: about 5 s of a process that has made none."""
    tell = part(progress, 0.0, 1.0)
    tell(0.0, "Preparing UMAP")
    vectors = np.random.default_rng(0).normal(size=(2 * SPECTRAL_FROM, 3)).astype(np.float32)
    settings = Settings(epochs=11)
    projection = fit(vectors, settings, 2, progress=part(progress, 0.0, 0.8))
    tell(0.8, "Preparing to place points")
    place(vectors, projection, settings, vectors[:2])
    tell(1.0, "UMAP is ready")

"""umap-learn as the maps need it: neighbours given, nothing printed, the states on the way kept.

What is passed to the library are arguments it documents, with two exceptions, both for placing new points: a search
index need not be pynndescent's as long as it answers ``query``, and a fitted model's ``embedding_`` may be set.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from core.analysis.maps import near
from core.analysis.maps.base import Film, Progress

__all__ = ["Index", "centred", "joined", "laid_out", "placed"]

# What the library warns of that is meant here, or said in the facts; any other warning goes its way.
EXPECTED = (
    "Tensorflow not installed",
    "precomputed_knn[2] (knn_search_index) is not an NNDescent object",
    "Spectral initialisation failed",
    "Graph is not fully connected",  # a spectral layout of the pieces of a graph in pieces
)


@contextmanager
def silenced() -> Iterator[list[str]]:
    """Holds back the warnings that are ``EXPECTED``; yields the texts of those that came, once it is left."""
    texts: list[str] = []
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        yield texts
    for one in heard:
        if any(str(one.message).startswith(known) for known in EXPECTED):
            texts.append(str(one.message))
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


class Index:
    """Exact neighbours as umap-learn asks a search index for them (pynndescent's ``NNDescent``)."""

    _angular_trees = False

    def __init__(self, vectors: np.ndarray, metric: str):
        self.neighbours = near.Neighbours(vectors, metric)

    def query(self, new: np.ndarray, k: int, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
        return self.neighbours.of_new(new, k)


def joined(
    low: np.ndarray,
    settings: Any,
    dims: int,
    first: str | np.ndarray,
    others: tuple[np.ndarray, np.ndarray],
    index: Index,
) -> tuple[Any, bool]:
    """A model of the library that has its graph and has not moved a point, and whether no spectral start was found."""
    rows, apart = others
    own = np.arange(len(low), dtype=rows.dtype)[:, None]
    # A layout without extent along an axis is scaled to what is no number, which the caller looks for.
    with silenced() as heard, np.errstate(divide="ignore", invalid="ignore"):
        from umap import UMAP

        model = UMAP(
            n_neighbors=settings.n_neighbors,
            n_components=dims,
            metric=settings.metric,
            min_dist=settings.min_dist,
            n_epochs=0,
            init=first if isinstance(first, str) else first.astype(np.float32),
            random_state=settings.seed,
            n_jobs=1,
            # The library counts a point among its neighbours.
            precomputed_knn=(
                np.hstack([own, rows]),
                np.hstack([np.zeros_like(own, dtype=apart.dtype), apart]),
                index,
            ),
            # Points without a near one are laid out like all others, rather than nowhere.
            disconnection_distance=np.inf,
        ).fit(low)
    return model, any("Spectral initialisation failed" in text for text in heard)


def laid_out(low: np.ndarray, model: Any, settings: Any, total: int, progress: Progress) -> Film:
    """The states on the way from the model's first layout through ``total`` epochs, each centred."""
    film = Film(total)
    film.add(0, centred(model.embedding_))
    marks = [*range(film.stride, total, film.stride), total]
    with silenced():
        from umap.umap_ import find_ab_params, simplicial_set_embedding

        a, b = find_ab_params(1.0, settings.min_dist)
        _, found = simplicial_set_embedding(
            low,
            model.graph_,
            model.n_components,
            initial_alpha=1.0,
            a=a,
            b=b,
            gamma=1.0,
            negative_sample_rate=5,
            # It keeps the state after the epoch of each number, counted from 0, and the last.
            n_epochs=[*(mark - 1 for mark in marks[:-1]), total],
            init=model.embedding_,
            random_state=np.random.RandomState(settings.seed),
            metric=settings.metric,
            metric_kwds={},
            densmap=False,
            densmap_kwds={},
            output_dens=False,
            tqdm_kwds={
                "disable": False,
                "file": Bar(progress),
                "bar_format": "{n_fmt}/{total_fmt}",
                "mininterval": 0,
                "miniters": 1,
                "leave": False,
            },
        )
    for mark, at in zip(marks, found["embedding_list"], strict=True):
        film.add(mark, centred(at))
    return film


class Bar:
    """The file that the library's progress bar writes to: it passes the numbers on."""

    def __init__(self, progress: Progress):
        self.progress = progress

    def write(self, text: str) -> None:
        if found := re.search(r"(\d+)/(\d+)", text):
            done, total = map(int, found.groups())
            self.progress(done / total, f"Epoch {done:,} of {total:,}")

    def flush(self) -> None:
        """Nothing is held back."""


def placed(model: Any, at: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Where ``new`` (m, d) go in the map ``at`` (n, dims) of the points that the model joined: (m, dims) float32."""
    model.embedding_ = at
    model.n_epochs = None  # the library's own choice for new points: the map itself is not to move
    with silenced():
        return np.array(model.transform(new), np.float32)


def centred(at: np.ndarray) -> np.ndarray:
    """``at`` (n, dims) with its mean at 0: float32."""
    return (at - at.mean(axis=0, dtype=np.float64)).astype(np.float32)

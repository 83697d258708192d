"""What the points of a map can be coloured by: a value for each example, of the data, the model or the vectors."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from core.analysis.clusters import MOST_CLUSTERS, WIDEST, agreement, hdbscan, kmeans, reduced
from core.analysis.codes import encoded
from core.analysis.column import NONE, Column
from core.analysis.maps.sound import check_vectors
from core.analysis.passes import batches, device_of, quiet
from core.analysis.posteriors import posteriors, takes_class
from core.analysis.reconstruction import survey
from core.analysis.sampling import by_class
from core.datasets.base import Data
from core.errors import BadInput
from core.models.base import Model, abilities
from core.models.vae_parts import kl_to_unit_gaussian

__all__ = ["COLUMNS", "Asked", "Column", "available", "column"]

NEIGHBOURS = 20  # of the local outlier factor
VOTERS = 5
LEARNT_FROM = 10_000  # training examples whose codes vote


@dataclass(frozen=True, eq=False)
class Asked:
    """Which examples (``rows`` (n,) into ``data``), what was projected of them (``vectors`` (n, d)), and by whom.

    ``parameter`` is what stands behind the colon of a name; ``seed`` draws whatever chance there is.
    """

    model: Model
    data: Data
    rows: np.ndarray
    vectors: np.ndarray
    parameter: str = ""
    seed: int = 0

    def whole(self, what: str, low: int, high: int) -> int:
        """The parameter as a whole number; ``BadInput`` where it is none between ``low`` and ``high``."""
        if not self.parameter.isdecimal() or not low <= int(self.parameter) <= high:
            raise BadInput(f"{what}: a whole number from {low:,} to {high:,}.")
        return int(self.parameter)


def _class(asked: Asked) -> Column:
    if asked.data.y is None:
        raise BadInput("These data have no classes.")
    values = asked.data.y[asked.rows].astype(np.float32)
    return Column("Class", values, "category", "the labels of the data", asked.data.classes)


def _factor(asked: Asked) -> Column:
    name, data = asked.parameter, asked.data
    if name not in data.factors:
        known = ", ".join(data.factors) or "none"
        raise BadInput(f"These data have no factor {name!r}; they have {known}.")
    info, values = data.factor_info[name], data.factors[name][asked.rows].astype(np.float32)
    protocol = "a known factor of the data"
    if info.values is None:
        if not np.isfinite(values).all():
            protocol += "; no value where it means nothing"
        return Column(info.title, values, "number", protocol, unit=info.unit)
    names = tuple(f"{value} {info.unit}".strip() for value in info.values)
    return Column(info.title, values, "category", protocol, names)


def _error(asked: Asked) -> Column:
    _able(asked.model, "reconstruct")
    errors = survey(asked.model, asked.data, asked.rows, n=1, seed=asked.seed)["errors"]
    protocol = "squared error of the reconstruction against the input, summed per example"
    return Column(
        "Reconstruction error",
        errors.astype(np.float32),
        "number",
        protocol,
        unit="squared data units per example",
    )


def _kl(asked: Asked) -> Column:
    _able(asked.model, "encode")
    mean, log_var = posteriors(asked.model, asked.data, asked.rows)
    if log_var is None:
        raise BadInput(f"This model ({asked.model.title}) has no q(z|x) to set against a prior.")
    nats = kl_to_unit_gaussian(*(torch.from_numpy(part).double() for part in (mean, log_var)))
    return Column(
        "KL",
        nats.sum(1).float().numpy(),
        "number",
        "KL(q(z|x) || N(0, I)), summed over the units of the code",
        unit="nats per example",
    )


def _outlier(asked: Asked) -> Column:
    from sklearn.neighbors import LocalOutlierFactor

    points = reduced(asked.vectors)
    if len(points) < 3:
        raise BadInput("An outlier is one among at least three points.")
    k = min(NEIGHBOURS, len(points) - 1)
    with warnings.catch_warnings():
        # Many copies of one vector have an infinite density, which the score below says well enough.
        warnings.filterwarnings("ignore", message="Duplicate values", category=UserWarning)
        found = LocalOutlierFactor(k).fit(points)
    protocol = f"local outlier factor (Breunig et al. 2000) with {k} neighbours among the points of the map"
    if asked.vectors.shape[1] > WIDEST:
        protocol += f", by their first {WIDEST} principal components"
    return Column(
        "Outlier score",
        (-found.negative_outlier_factor_).astype(np.float32),
        "number",
        protocol,
        unit="times as sparse as around its neighbours",
    )


def _prediction(asked: Asked) -> Column:
    data, model = asked.data, asked.model
    if data.y is None:
        raise BadInput("These data have no classes to predict.")
    if hasattr(model, "predict"):
        with quiet(model, asked.seed):
            parts = [model.predict(b.x) for b in batches(data, asked.rows, device_of(model))]
        values, protocol = (
            torch.cat(parts).cpu().numpy(),
            "the class that the model itself predicts",
        )
    else:
        _able(model, "encode")
        values, protocol = _votes(asked)
    right = float((values == data.y[asked.rows]).mean())
    about = f"share of the {len(asked.rows):,} examples shown whose class this is: {protocol}"
    accuracy = {"value": right, "unit": "of the examples", "kind": "exact", "protocol": about}
    return Column(
        "Prediction",
        values.astype(np.float32),
        "category",
        protocol,
        data.classes,
        figures={"accuracy": accuracy},
    )


def _votes(asked: Asked) -> tuple[np.ndarray, str]:
    """The class (n,) that most of the nearest training codes have, and how that came about.

    An example of the training split has no vote on itself. Of equal votes the nearest decides.
    """
    from sklearn.neighbors import NearestNeighbors

    data, train = asked.data, by_class(asked.data, "train", LEARNT_FROM, asked.seed)
    known, codes = (encoded(asked.model, data, rows) for rows in (train, asked.rows))
    for part in (known, codes):
        check_vectors(part)
    most = min(VOTERS + 1, len(train))
    near = NearestNeighbors(n_neighbors=most).fit(known).kneighbors(codes, return_distance=False)
    own = train[near] == asked.rows[:, None]
    others = np.take_along_axis(near, np.argsort(own, axis=1, kind="stable"), 1)[:, :VOTERS]
    votes = np.zeros((len(codes), len(data.classes)))
    for place, voter in enumerate(others.T):
        there = train[voter] != asked.rows
        # Less than a vote in all, and of each more than of all behind it.
        votes[there, data.y[train[voter[there]]]] += 1 + 2.0 ** -(place + 3)
    protocol = (
        f"the commonest class of the {VOTERS} nearest codes, by Euclidean distance, among {len(train):,} of the "
        f"training split, the example itself left out"
    )
    if takes_class(asked.model):
        protocol += "; the model was told each example's class when it encoded it"
    return votes.argmax(axis=1), protocol


def _kmeans(asked: Asked) -> Column:
    k = asked.whole("k-means", 2, MOST_CLUSTERS)
    labels = kmeans(asked.vectors, k, asked.seed)
    return _clusters(asked, "k-means cluster", f"k-means, {k} clusters", labels)


def _hdbscan(asked: Asked) -> Column:
    least = asked.whole("HDBSCAN", 2, len(asked.rows))
    labels = hdbscan(asked.vectors, least)
    protocol = f"HDBSCAN, clusters of at least {least} points"
    return _clusters(asked, "HDBSCAN cluster", protocol, labels)


def _clusters(asked: Asked, title: str, protocol: str, labels: np.ndarray) -> Column:
    y = None if asked.data.y is None else asked.data.y[asked.rows]
    found = agreement(labels, y)
    if asked.vectors.shape[1] > WIDEST:
        protocol += f", by the first {WIDEST} principal components"
    return Column(
        title,
        labels.astype(np.float32),
        "category",
        ". ".join(filter(None, [protocol, found["sentence"]])),
        tuple(f"cluster {i + 1}" for i in range(labels.max() + 1)),
        none="noise" if NONE in labels else "",
        figures=found["figures"],
    )


COLUMNS: dict[str, Callable[[Asked], Column]] = {
    "class": _class,
    "prediction": _prediction,
    "factor": _factor,
    "error": _error,
    "kl": _kl,
    "outlier": _outlier,
    "kmeans": _kmeans,
    "hdbscan": _hdbscan,
}


def available(model: Model, data: Data) -> list[dict[str, Any]]:
    """What can be asked for, in the order of a menu: ``name``, ``title``, ``kind`` and ``help``, a sentence.

    Where a name ends in ":" a whole number is to follow, from ``low`` to ``high``, ``default`` where nobody chooses.
    """
    can, found = abilities(model), []
    if data.y is not None:
        found.append(_entry("class", "Class", "category", "The label of each example."))
        if "encode" in can or hasattr(model, "predict"):
            text = "The class that the model, or the codes of training examples nearby, would give."
            found.append(_entry("prediction", "Prediction", "category", text))
    for name, info in data.factor_info.items():
        kind = "number" if info.values is None else "category"
        text = "A known factor of the data."
        found.append(_entry(f"factor:{name}", info.title, kind, text))
    if "reconstruct" in can:
        text = "How far the reconstruction is from the input."
        found.append(_entry("error", "Reconstruction error", "number", text))
    if "encode" in can and _has_posterior(model, data):
        text = "How much the code says of each example, in nats."
        found.append(_entry("kl", "KL", "number", text))
    text = "How much lonelier a point is than its neighbours are."
    found.append(_entry("outlier", "Outlier score", "number", text))
    text = "So many clusters, each around its mean."
    k = {"low": 2, "high": MOST_CLUSTERS, "default": max(len(data.classes), 2)}
    found.append(_entry("kmeans:", "k-means clusters", "category", text) | k)
    text = "Clusters where points are dense, of at least so many; the rest is noise."
    least = {"low": 2, "high": 1000, "default": 50}
    found.append(_entry("hdbscan:", "HDBSCAN clusters", "category", text) | least)
    return found


def column(
    name: str, model: Model, data: Data, rows: np.ndarray, vectors: np.ndarray, seed: int = 0
) -> Column:
    """The column ``name``: class, prediction, factor:NAME, error, kl, outlier, kmeans:K or hdbscan:M.

    Raises ``BadInput`` for a name or a number that cannot work with this model, these data or these vectors.
    """
    stem, _, parameter = name.partition(":")
    takes = stem in ("factor", "kmeans", "hdbscan")
    if stem not in COLUMNS or bool(parameter) != takes:
        known = ", ".join(COLUMNS)
        raise BadInput(
            f"There is no column {name!r}; they are {known}, with factor:NAME, kmeans:K and hdbscan:M."
        )
    return COLUMNS[stem](Asked(model, data, rows, vectors, parameter, seed))


def _entry(name: str, title: str, kind: str, text: str) -> dict[str, Any]:
    return {"name": name, "title": title, "kind": kind, "help": text}


def _has_posterior(model: Model, data: Data) -> bool:
    with quiet(model, 0):
        batch = next(batches(data, data.splits["train"][:2], device_of(model)))
        return model.encode(batch.x, batch.y).log_var is not None


def _able(model: Model, ability: str) -> None:
    if ability not in abilities(model):
        raise BadInput(f"This model ({model.title}) cannot {ability}.")

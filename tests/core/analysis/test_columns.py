"""Columns of a map: known answers of models that are known, and a sentence where there is none."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import LocalOutlierFactor

from core.analysis.columns import available, column
from core.analysis.evaluation import evaluate
from core.analysis.vectors import vectors
from core.datasets.base import Data, Factor
from core.errors import BadInput
from core.models.base import Code
from tests.core.analysis.made_models import Mute, Shrinking

# Of a class each: three clouds along a line, the first two of which touch.
CENTRES = np.array([[0.0, 0], [2, 0], [40, 0]], np.float32)


def clouds() -> Data:
    random = np.random.default_rng(0)
    y = random.integers(0, 3, 900)
    x = (CENTRES[y] + random.normal(size=(900, 2))).astype(np.float32)
    turn = np.where(y == 1, np.nan, x[:, 1]).astype(np.float32)
    return Data(
        "clouds",
        "points",
        x,
        {"train": np.arange(500), "validation": np.arange(500, 600), "test": np.arange(600, 900)},
        np.arange(900),
        y,
        classes=("left", "middle", "right"),
        factors={"turn": turn, "side": (x[:, 0] > 20).astype(np.int64)},
        factor_info={
            "turn": Factor("Turn", "degrees", range=(-3, 3)),
            "side": Factor("Side", "m", values=("2", "40")),
        },
    )


DATA = clouds()
ROWS = DATA.splits["test"][::2]


class Gaussian(Shrinking):
    """q(z|x) = N(x, e^-2)."""

    def encode(self, x, y=None):
        return Code(x.flatten(1), torch.full_like(x.flatten(1), -2.0))


class Told(Shrinking):
    """Its code is the class, which it was told."""

    conditional = True

    def encode(self, x, y=None):
        return Code(y[:, None].float() + 0.01 * x)

    def decode(self, z, y=None):
        return z


class Telling(Shrinking):
    """Predicts by itself: all of the second class."""

    def predict(self, x):
        return torch.ones(len(x), dtype=torch.int64)


def asked(name: str, model=None, data: Data = DATA, rows: np.ndarray = ROWS, seed: int = 0):
    model = model or Shrinking(data)
    return column(name, model, data, rows, vectors(model, data, rows, "pixels"), seed)


def test_classes_and_factors_are_those_of_the_data():
    found = asked("class")
    assert (found.values == DATA.y[ROWS]).all()
    assert (found.kind, found.names) == ("category", DATA.classes)
    turn = asked("factor:turn")
    assert np.array_equal(turn.values, DATA.factors["turn"][ROWS], equal_nan=True)
    assert np.isnan(turn.values).any()
    assert (turn.kind, turn.unit, turn.title) == ("number", "degrees", "Turn")
    assert "no value" in turn.protocol
    side = asked("factor:side")
    assert (side.kind, side.names) == ("category", ("2 m", "40 m"))


def test_the_error_is_the_one_of_the_reconstruction():
    found = asked("error")
    by_hand = 0.25 * np.square(DATA.x[ROWS]).sum(axis=1)
    assert found.values == pytest.approx(by_hand, rel=1e-5)
    assert found.unit == "squared data units per example"
    whole = asked("error", rows=DATA.splits["test"])
    reported = evaluate(Shrinking(DATA), DATA)["test_sse"]["value"]
    assert whole.values.mean() == pytest.approx(reported, rel=1e-5)


def test_the_kl_is_that_of_two_gaussians():
    found = asked("kl", Gaussian(DATA))
    by_hand = 0.5 * (np.square(DATA.x[ROWS]) + np.exp(-2) + 2 - 1).sum(axis=1)
    assert found.values == pytest.approx(by_hand, rel=1e-5)
    assert found.unit == "nats per example"
    reported = evaluate(Gaussian(DATA), DATA)["test_kl"]["value"]
    whole = asked("kl", Gaussian(DATA), rows=DATA.splits["test"])
    assert whole.values.mean() == pytest.approx(reported, rel=1e-5)


def test_the_outlier_score_is_scikit_learns_and_finds_the_lonely_one():
    x = DATA.x.copy()
    x[ROWS[7]] = [20, 90]
    data = Data("lonely", "points", x, DATA.splits, DATA.index, DATA.y, classes=DATA.classes)
    found = asked("outlier", data=data)
    assert found.values.argmax() == 7
    by_hand = LocalOutlierFactor(20).fit(x[ROWS]).negative_outlier_factor_
    assert found.values == pytest.approx(-by_hand, rel=1e-5)
    assert np.median(found.values) == pytest.approx(1, abs=0.1)


def test_copies_are_no_outliers_and_give_no_warning():
    x = DATA.x.copy()
    x[ROWS[:60]] = [5, 5]
    data = Data("copies", "points", x, DATA.splits, DATA.index, DATA.y, classes=DATA.classes)
    found = asked("outlier", data=data)
    assert found.values[:60] == pytest.approx(1)
    assert np.isfinite(found.values).all()


def test_neighbours_vote_and_say_how_often_they_are_right():
    found = asked("prediction")
    train, votes = DATA.splits["train"], []
    for row in ROWS:
        apart = np.linalg.norm(DATA.x[train] - DATA.x[row], axis=1)
        votes.append(np.bincount(DATA.y[train[np.argsort(apart)[:5]]], minlength=3).max())
        mine = DATA.y[train[np.argsort(apart)[:5]]]
        assert (mine == found.values[len(votes) - 1]).sum() == votes[-1]
    accuracy = found.figures["accuracy"]
    assert accuracy["value"] == (found.values == DATA.y[ROWS]).mean()
    assert 0.6 < accuracy["value"] < 1
    assert (found.values == 2).sum() == (DATA.y[ROWS] == 2).sum()
    assert "500 of the training split" in found.protocol
    assert "150 examples" in accuracy["protocol"]


def test_an_example_has_no_vote_on_itself():
    """Of pairs that lie together and differ in class each is given the other's, and never its own."""
    x = np.repeat(10 * np.arange(6, dtype=np.float32), 2)[:, None] + np.tile([0, 0.1], 6)[:, None]
    splits = {"train": np.arange(12), "validation": np.arange(0), "test": np.arange(0)}
    y = np.tile([0, 1], 6)
    data = Data(
        "pairs", "points", x.astype(np.float32), splits, np.arange(12), y, classes=("a", "b")
    )
    small = Data(
        "two",
        "points",
        data.x[:2],
        {**splits, "train": np.arange(2)},
        np.arange(2),
        y[:2],
        classes=("a", "b"),
    )
    assert asked("prediction", data=small, rows=np.arange(2)).values.tolist() == [1, 0]
    # The four next ones are two of each class: the nearest decides.
    assert asked("prediction", data=data, rows=np.arange(4, 8)).figures["accuracy"]["value"] == 0


def test_a_class_that_was_told_is_no_prediction_of_it():
    found = asked("prediction", Told(DATA))
    assert found.figures["accuracy"]["value"] == 1
    assert "told" in found.protocol


def test_a_model_that_predicts_is_asked_itself():
    found = asked("prediction", Telling(DATA))
    assert (found.values == 1).all()
    assert found.figures["accuracy"]["value"] == (DATA.y[ROWS] == 1).mean()
    assert "itself" in found.protocol


def test_clusters_bring_their_agreement_with_the_classes():
    found = asked("kmeans:2", seed=3)
    assert found.names == ("cluster 1", "cluster 2")
    right = DATA.y[ROWS] == 2
    assert ((found.values == 1) == right).all()
    assert set(found.figures) == {"clusters", "noise_share", "purity", "nmi", "ari"}
    assert found.none == ""
    x = DATA.x.copy()
    x[ROWS[:3]] = [[0, 500], [0, -700], [900, 0]]
    far = Data("far", "points", x, DATA.splits, DATA.index, DATA.y, classes=DATA.classes)
    dense = asked("hdbscan:20", data=far)
    assert set(np.unique(dense.values)) == {-1, 0, 1}
    assert (dense.values[:3] == -1).all()
    assert dense.none == "noise"
    assert dense.figures["noise_share"]["value"] == (dense.values == -1).mean()
    bare = Data("bare", "points", DATA.x, DATA.splits, DATA.index)
    alone = asked("kmeans:2", data=bare)
    assert "no classes" in alone.protocol
    assert set(alone.figures) == {"clusters", "noise_share"}


def test_everything_that_is_offered_can_be_had():
    for model in (Shrinking(DATA), Gaussian(DATA), Telling(DATA)):
        offered = available(model, DATA)
        for entry in offered:
            name = entry["name"]
            if name.endswith(":"):
                name += str(min(entry["default"], 20))
                assert entry["low"] <= entry["default"] <= entry["high"]
            found = asked(name, model)
            assert (found.title.split()[0], found.kind) == (
                entry["title"].split()[0],
                entry["kind"],
            )
            assert found.values.shape == ROWS.shape
            assert found.values.dtype == np.float32
            assert found.protocol
            assert found.unit or found.kind == "category"
            assert entry["help"].endswith(".")
    names = [entry["name"] for entry in available(Shrinking(DATA), DATA)]
    assert "kl" not in names
    assert {"class", "prediction", "factor:turn", "factor:side", "error"} < set(names)
    bare = Data("bare", "points", DATA.x, DATA.splits, DATA.index)
    assert [e["name"] for e in available(Mute(bare), bare)] == ["outlier", "kmeans:", "hdbscan:"]


@pytest.mark.parametrize(
    ("name", "model", "says"),
    [
        ("colour", Shrinking, "no column 'colour'"),
        ("kmeans", Shrinking, "no column 'kmeans'"),
        ("class:2", Shrinking, "no column 'class:2'"),
        ("factor:size", Shrinking, "they have turn, side"),
        ("kmeans:one", Shrinking, "from 2 to 100"),
        ("kmeans:101", Shrinking, "from 2 to 100"),
        ("hdbscan:1", Shrinking, "from 2 to 150"),
        ("kl", Shrinking, "no q"),
        ("kl", Mute, "cannot encode"),
        ("error", Mute, "cannot reconstruct"),
        ("prediction", Mute, "cannot encode"),
    ],
)
def test_what_cannot_be_had_is_a_sentence(name, model, says):
    with pytest.raises(BadInput, match=says):
        asked(name, model(DATA))


def test_codes_that_are_no_numbers_predict_nothing():
    model = Shrinking(DATA)
    model.encode = lambda x, y=None: Code(x * float("nan"))
    with pytest.raises(BadInput, match="not numbers"):
        asked("prediction", model)

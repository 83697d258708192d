"""What exploring pages are told of a run: arrays that fit each other, the same twice, and sentences."""

import numpy as np
import pytest

from core import datasets, inference
from core.compute.messages import encode
from core.errors import BadInput, NoSuchRun
from core.inference import views

DENSE = {"steps": 40, "batch_size": 64, "encoder_sizes": [16], "latent_dim": 3}
POINTS = {"steps": 20, "n": 400, "encoder_sizes": [8]}
BLANK = [[0] * 8] * 8


@pytest.fixture
def dense(trained) -> str:
    """A small autoencoder of the digits."""
    return trained("autoencoder", "digits", DENSE)


def same(one: dict, other: dict) -> bool:
    """Whether two answers are the same to the bit; and that they can be sent at all."""
    return encode(one) == encode(other)


def test_reconstructions_are_those_of_the_arrays(dense):
    data = datasets.load("digits", {})
    plain = inference.reconstruct(dense)
    found = inference.reconstructions(dense, n=9)
    assert found["count"] == len(found["errors"]) == 359
    assert np.array_equal(found["x"], data.x[found["position"]])
    assert np.array_equal(found["index"], data.index[found["position"]])
    assert np.array_equal(found["y"], data.y[found["position"]])
    assert found["position"].tolist() == data.splits["test"][:9].tolist()
    assert np.array_equal(found["x_hat"], np.rint(plain["x_hat"][:9] * 255).astype(np.uint8))
    assert found["difference"] == pytest.approx(plain["x_hat"][:9] - plain["x"][:9], abs=1e-6)
    assert found["error"] == pytest.approx(np.square(found["difference"]).sum(axis=(1, 2, 3)))
    assert found["mean"] == pytest.approx(inference.evaluate(dense)["test_sse"]["value"])
    assert "corrupted" not in found


def test_best_and_worst_stand_at_the_ends(dense):
    best, worst = (
        inference.reconstructions(dense, order=order, n=5) for order in ("best", "worst")
    )
    errors = np.sort(best["errors"])
    assert best["error"].tolist() == errors[:5].tolist()
    assert worst["error"].tolist() == errors[:-6:-1].tolist()


def test_damage_is_shown_and_makes_it_harder(dense):
    how = {"corruption": "masking", "level": 0.8, "n": 6}
    found = inference.reconstructions(dense, seed=1, **how)
    assert same(found, inference.reconstructions(dense, seed=1, **how))
    other = inference.reconstructions(dense, seed=2, **how)
    assert not np.array_equal(found["corrupted"], other["corrupted"])
    untouched = found["corrupted"] == found["x"]
    assert (untouched | (found["corrupted"] == 0)).all()
    assert found["mean"] > inference.reconstructions(dense)["mean"]


def test_a_large_split_is_looked_at_in_part_and_evenly(dense, monkeypatch):
    monkeypatch.setattr(views, "SURVEYED", 100)
    rows = datasets.load("digits", {}).splits["train"]
    found = inference.reconstructions(dense, "train", order="best", n=100)
    assert found["count"] == 100
    assert found["position"].max() > rows[int(0.95 * len(rows))]
    first = inference.reconstructions(dense, "train", n=100)
    assert first["position"].tolist() == rows[:100].tolist()


def test_neighbours_are_those_of_brute_force(dense):
    data = datasets.load("digits", {})
    rows, z = data.splits["test"], inference.encode(dense)["z"]
    found = inference.neighbours(dense, int(rows[7]), k=5)
    pixels = data.x[rows].reshape(len(rows), -1) / 255
    for way, values in (("code", z), ("pixel", pixels)):
        apart = np.sqrt(np.square(values - values[7]).sum(1))
        apart[7] = np.inf
        chosen = np.argsort(apart)[:5]
        assert found[f"{way}_position"].tolist() == rows[chosen].tolist()
        assert found[f"{way}_index"].tolist() == data.index[rows[chosen]].tolist()
        assert found[f"{way}_distance"] == pytest.approx(apart[chosen], rel=1e-3)
        assert np.array_equal(found[f"{way}_x"], data.x[rows[chosen]])
        assert np.array_equal(found[f"{way}_y"], data.y[rows[chosen]])
    assert np.array_equal(found["query"][0], data.x[rows[7]])
    assert (found["query_index"], found["query_y"]) == (data.index[rows[7]], data.y[rows[7]])
    assert found["count"] == len(rows) - 1


def test_a_query_may_come_from_another_split(dense):
    data = datasets.load("digits", {})
    found = inference.neighbours(dense, int(data.splits["test"][0]), "train")
    assert found["count"] == len(data.splits["train"])
    assert set(found["code_position"]) <= set(data.splits["train"])


def test_neighbours_follow_the_weights(dense):
    position = int(datasets.load("digits", {}).splits["test"][3])
    early = inference.neighbours(dense, position, step=0)
    late = inference.neighbours(dense, position)
    assert not np.array_equal(early["code_distance"], late["code_distance"])
    assert np.array_equal(early["pixel_position"], late["pixel_position"])


def test_the_code_is_described_unit_by_unit(dense):
    found = inference.code_statistics(dense, bins=10)
    z = inference.encode(dense)["z"]
    assert found["mean"] == pytest.approx(z.mean(0), rel=1e-4)
    assert found["std"] == pytest.approx(z.std(0), rel=1e-4)
    assert found["counts"].shape == (3, 10)
    assert (found["units"], found["count"]) == (3, 359)
    assert inference.code_statistics(dense, limit=50)["count"] == 50
    assert "dead" in found["protocol"]


def test_of_a_wide_code_some_units_are_described(trained):
    run = trained("conv_autoencoder", "digits", {"steps": 2, "channels": [32]})
    found = inference.code_statistics(run)
    assert (found["units"], len(found["mean"])) == (512, 256)
    assert found["correlation"].shape == (256, 256)


def test_an_image_moves_through_the_layers(dense):
    data = datasets.load("digits", {})
    position = int(data.splits["test"][4])
    found = inference.activations(dense, position)
    assert found["index"] == data.index[position]
    assert found["y"] == data.y[position]
    assert np.array_equal(found["x"][0], data.x[position])
    assert [one["shape"] for one in found["layers"][:3]] == [[64], [16], [16]]
    for one in found["layers"]:
        assert one["values"].shape == tuple(one["shape"])
    assert found["layers"][0]["values"] == pytest.approx(data.x[position].ravel() / 255)
    assert np.array_equal(found["x_hat"][0], inference.reconstructions(dense, n=5)["x_hat"][4])
    assert same(found, inference.activations(dense, position))


def test_a_gan_has_layers_and_no_reconstruction(trained):
    run = trained("gan", "points", {"steps": 10, "n": 300})
    found = inference.activations(run, 0)
    assert {one["group"] for one in found["layers"]} == {"generator", "discriminator"}
    assert "x_hat" not in found


def test_one_image_is_damaged_many_times(dense):
    position = int(datasets.load("digits", {}).splits["test"][0])
    found = inference.corruptions(dense, "gaussian", 0.3, position, n=32, seed=4)
    assert found["x"].shape == found["mean"].shape == (1, 1, 8, 8)
    assert found["corrupted"].shape == found["restored"].shape == (32, 1, 8, 8)
    assert found["spread"][0] == pytest.approx(found["restored"].std(0) / 255, abs=0.01)
    assert found["mean"][0] == pytest.approx(found["restored"].mean(0), abs=1)
    restored = found["restored"] / 255 - found["x"] / 255
    assert found["errors"] == pytest.approx(np.square(restored).sum(axis=(1, 2, 3)), rel=0.05)
    assert same(found, inference.corruptions(dense, "gaussian", 0.3, position, n=32, seed=4))
    still = inference.corruptions(dense, "none", 0, position, n=32)
    assert still["spread"].max() < 1e-6
    assert (still["corrupted"] == still["x"]).all()


def test_a_chain_begins_as_one_damage_does(dense):
    found = inference.chain(dense, "masking", 0.4, x=BLANK, n=5, seed=2)
    once = inference.corruptions(dense, "masking", 0.4, x=BLANK, n=1, seed=2)
    assert found["restored"].shape == (5, 1, 8, 8)
    assert np.array_equal(found["restored"][:1], once["restored"])
    assert np.array_equal(found["corrupted"][:1], once["corrupted"])
    kept = found["corrupted"][1] == found["restored"][0]
    assert (kept | (found["corrupted"][1] == 0)).all()


def test_a_drawing_goes_into_every_channel(trained, tmp_path):
    mine = np.random.default_rng(0).integers(0, 256, (60, 4, 6, 3)).astype(np.uint8)
    np.save(tmp_path / "mine.npy", mine)
    report = inference.import_own(path=str(tmp_path / "mine.npy"), choices={"colour": True})
    run = trained("pca", "own", {"steps": 2, "content": report["hash"]})
    drawing = (10 * np.arange(24).reshape(4, 6)).tolist()
    found = inference.chain(run, "none", 0, x=drawing, n=1)
    assert found["x"].shape == found["restored"].shape == (1, 3, 4, 6)
    assert all(np.array_equal(channel, drawing) for channel in found["x"][0])


def test_points_are_damaged_too(trained):
    run = trained("autoencoder", "points", POINTS)
    found = inference.corruptions(run, "gaussian", 0.1, 3, n=6)
    assert found["corrupted"].shape == (6, 2)
    assert found["corrupted"].dtype == np.float32
    assert found["spread"].shape == (1, 2)
    with pytest.raises(BadInput, match="only an image can be drawn"):
        inference.chain(run, "gaussian", 0.1, x=BLANK)
    with pytest.raises(BadInput, match="Salt and pepper"):
        inference.chain(run, "salt_and_pepper", 0.1, 3)


BAD = {
    "no such run": (lambda run: inference.reconstructions("nobody"), "no run 'nobody'"),
    "no such split": (lambda run: inference.reconstructions(run, "all"), "no split 'all'"),
    "order": (lambda run: inference.reconstructions(run, order="odd"), "order: one of first"),
    "too many": (lambda run: inference.reconstructions(run, n=257), "n: between 1 and 256"),
    "seed": (lambda run: inference.reconstructions(run, seed=-1), "seed: between"),
    "damage": (lambda run: inference.reconstructions(run, corruption="rain"), "corruption: one of"),
    "all gone": (
        lambda run: inference.reconstructions(run, corruption="masking", level=1),
        "100 %",
    ),
    "position": (lambda run: inference.neighbours(run, 1797), "between 0 and 1,796"),
    "before all": (lambda run: inference.activations(run, -1), "position: between 0"),
    "k": (lambda run: inference.neighbours(run, 0, k=51), "k: between 1 and 50"),
    "bins": (lambda run: inference.code_statistics(run, bins=1), "bins: between"),
    "limit": (lambda run: inference.code_statistics(run, limit=0), "limit: between"),
    "level": (lambda run: inference.chain(run, "gaussian", float("nan"), 0), "level: between"),
    "negative": (lambda run: inference.chain(run, "gaussian", -1, 0), "level: between"),
    "kind": (lambda run: inference.corruptions(run, "rain", 0.1, 0), "kind: one of none"),
    "neither": (lambda run: inference.chain(run, "none", 0), "either"),
    "both": (lambda run: inference.chain(run, "none", 0, 0, BLANK), "either"),
    "size": (lambda run: inference.chain(run, "none", 0, x=[[0] * 8] * 9), "8 × 8.* 9 × 8"),
    "ragged": (lambda run: inference.chain(run, "none", 0, x=[[0], [0, 1]]), "rectangular"),
    "bright": (lambda run: inference.chain(run, "none", 0, x=[[256] * 8] * 8), "0 and 255"),
    "letters": (lambda run: inference.chain(run, "none", 0, x=[["a"] * 8] * 8), "rectangular"),
    "evaluate": (lambda run: inference.evaluate(run, corruption="rain"), "corruption: one of"),
    "share": (lambda run: inference.evaluate(run, corruption="masking", level=1.5), "level"),
}


def test_bad_questions_get_one_sentence(dense, subtests):
    for case, (question, sentence) in BAD.items():
        with subtests.test(case), pytest.raises((BadInput, NoSuchRun), match=sentence):
            question(dense)


def test_data_without_test_rows_or_a_model_without_the_ability_say_so(trained):
    run = trained("autoencoder", "digits", DENSE | {"validation": 0.0})
    for question in (inference.reconstructions, inference.code_statistics):
        with pytest.raises(BadInput, match="no validation rows"):
            question(run, "validation")
    gan = trained("gan", "points", {"steps": 10, "n": 300})
    for question in (
        lambda: inference.reconstructions(gan),
        lambda: inference.evaluate(gan, corruption="gaussian", level=0.1),
        lambda: inference.code_sizes([gan]),
    ):
        with pytest.raises(BadInput, match=r"\(GAN\) cannot reconstruct"):
            question()

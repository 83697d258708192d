"""Questions about a kept map, against what is asked of the model and the data directly."""

import io

import numpy as np
import pytest
from PIL import Image

from core import datasets
from core.errors import BadInput, NoSuchRun
from core.inference import (
    encode,
    map_choices,
    map_clusters,
    map_column,
    map_decode,
    map_images,
    map_near,
    map_place,
    map_sheet,
    project,
    reconstruct,
)
from core.inference.map_sheets import reduced
from tests.core.inference.test_maps import rewritten

POINTS = {"steps": 20, "batch_size": 64, "encoder_sizes": [16]}


@pytest.fixture
def made(trained):
    """``made(method="own", …)``: the run and key of a map of a VAE's 2-D codes of the digits."""
    runs = []

    def make(**request):
        runs[:] = runs or [trained()]
        answer = project({"run": runs[0], "method": "own", **request})
        return answer["run"], answer["key"]

    return make


def kept(store, name):
    return store.maps.read(*name)[0]


def test_the_nearest_are_those_nearest_among_all(made, store):
    name = made()
    values, codes = kept(store, name), encode(made()[0])["z"]
    position = int(values["position"][5])
    found = map_near(*name, position, k=7)
    apart = np.linalg.norm(codes - codes[5], axis=1)
    apart[5] = np.inf
    assert found["place"].tolist() == np.argsort(apart, kind="stable")[:7].tolist()
    assert np.allclose(found["distance"], np.sort(apart)[:7], atol=1e-5)
    assert np.array_equal(found["position"], values["position"][found["place"]])
    assert np.array_equal(found["y"], values["y"][found["place"]])
    turned = map_near(*name, position, k=7, metric="cosine")
    lengths = np.linalg.norm(codes, axis=1)
    angles = 1 - codes @ codes[5] / lengths / lengths[5]
    angles[5] = np.inf
    assert np.allclose(turned["distance"], np.sort(angles)[:7], atol=1e-5)


def test_an_example_that_is_not_on_the_map_has_no_neighbours_there(made):
    name = made()
    outside = int(datasets.load("digits", {}).splits["train"][0])
    with pytest.raises(BadInput, match="not on this map"):
        map_near(*name, outside)
    for wrong in ({"position": 10**6}, {"k": 0}, {"metric": "taxi"}):
        with pytest.raises(BadInput):
            map_near(*name, **{"position": 0, **wrong})


@pytest.mark.parametrize("method", ["own", "pca"])
def test_a_place_decodes_to_what_lies_there(made, store, method):
    name = made(method=method)
    values = kept(store, name)
    there = map_decode(*name, values["at"][:4])["x"]
    wanted = reconstruct(name[0])["x_hat"][:4]
    assert np.abs(there / 255 - wanted).max() < 0.01


def test_a_place_among_pixels_is_an_image(made):
    name = made(method="pca", of="pixels")
    middle = map_decode(*name, [[0.0, 0.0]])["x"]
    data = datasets.load("digits", {})
    assert np.abs(middle[0] - data.x[data.splits["test"]].mean(axis=0)).max() < 1


def test_places_that_cannot_be_decoded(made):
    bent = made(method="tsne", settings={"iterations": 10})
    with pytest.raises(BadInput, match="no way back"):
        map_decode(*bent, [[0.0, 0.0]])
    name = made()
    for at in ([[1.0]], [[1.0, np.nan]], "far", [[[1.0, 2.0]]], [[1.0, 2.0], [1.0]]):
        with pytest.raises(BadInput, match="at"):
            map_decode(*name, at)
    (layer, *_) = [one["name"] for one in map_choices(name[0])["layers"]]
    activations = made(method="pca", of=f"layer:{layer}")
    with pytest.raises(BadInput, match="decoded"):
        map_decode(*activations, [[0.0, 0.0]])


@pytest.mark.parametrize("request_", [{}, {"method": "pca"}, {"method": "pca", "of": "pixels"}])
def test_an_example_of_the_map_is_placed_where_it_is(made, store, request_):
    name = made(**request_)
    values = kept(store, name)
    data = datasets.load("digits", {})
    image = data.x[values["position"][3]]
    found = map_place(*name, pixels=image.tobytes())
    assert np.allclose(found["at"][0], values["at"][3], atol=1e-4)
    assert np.array_equal(found["x"][0], image)


def test_a_map_that_bends_takes_new_points_without_moving(made, store):
    name = made(method="tsne", settings={"iterations": 50})
    values = kept(store, name)
    data = datasets.load("digits", {})
    found = map_place(*name, pixels=data.x[values["position"][3]].tobytes())
    apart = np.linalg.norm(values["at"] - found["at"][0], axis=1)
    assert 3 in np.argsort(apart)[:20]
    assert np.array_equal(kept(store, name)["at"], values["at"])


def test_samples_are_placed_the_same_for_the_same_seed(made, store):
    name = made()
    before = kept(store, name)["at"]
    one, same, other = (map_place(*name, samples=5, seed=seed) for seed in (1, 1, 2))
    assert one["at"].shape == (5, 2)
    assert np.array_equal(one["at"], same["at"])
    assert not np.array_equal(one["at"], other["at"])
    assert np.array_equal(kept(store, name)["at"], before)
    for wrong in ({}, {"samples": 0}, {"pixels": b"1"}, {"pixels": b"1", "samples": 1}):
        with pytest.raises(BadInput):
            map_place(*name, **wrong)


def test_the_images_of_rows_and_their_reconstructions(made, store):
    name = made()
    values, data = kept(store, name), datasets.load("digits", {})
    found = map_images(*name, [4, 0])
    assert np.array_equal(found["x"], data.x[values["position"][[4, 0]]])
    assert found["x_hat"].shape == found["x"].shape
    assert np.array_equal(found["y"], values["y"][[4, 0]])
    for wrong in ([], [-1], [359], list(range(65)), [[1]], ["a"], 3):
        with pytest.raises(BadInput, match="places"):
            map_images(*name, wrong)


def test_a_sheet_holds_every_image_as_it_is(made, store):
    name = made()
    values, data = kept(store, name), datasets.load("digits", {})
    sheet = map_sheet(*name)
    picture = np.asarray(Image.open(io.BytesIO(sheet["png"])))
    assert (sheet["width"], sheet["height"], sheet["count"], sheet["sheets"]) == (8, 8, 359, 1)
    assert picture.shape == (8 * 8, 50 * 8)
    for row in (0, 49, 50, 358):
        y, x = 8 * (row // 50), 8 * (row % 50)
        assert np.array_equal(picture[y : y + 8, x : x + 8], data.x[values["position"][row], 0])
    with pytest.raises(BadInput, match="i:"):
        map_sheet(*name, 1)


def test_larger_images_are_reduced_and_colours_stay():
    x = np.zeros((2, 3, 64, 32), np.uint8)
    x[0, 0] = 200
    small = reduced(x)
    assert small.shape == (2, 28, 14, 3)
    assert (small[0] == [200, 0, 0]).all()


def test_points_have_no_sheet(trained):
    id = trained("autoencoder", "points", POINTS)
    answer = project({"run": id, "method": "own", "of": "pixels"})
    with pytest.raises(BadInput, match="no images"):
        map_sheet(answer["run"], answer["key"])
    with pytest.raises(BadInput, match="only an image"):
        map_place(answer["run"], answer["key"], pixels=b"12345678")


def test_columns_and_clusters_are_of_the_map_s_rows(made, store):
    name = made()
    values = kept(store, name)
    column = map_column(*name, "class")
    assert np.array_equal(column["values"], values["y"])
    assert "class" in [one["name"] for one in map_choices(name[0])["columns"]]
    found = map_clusters(*name, "kmeans", 10)
    assert len(np.unique(found["labels"])) == 10
    assert 0 < found["figures"]["purity"]["value"] <= 1
    for wrong in (("dream", 3), ("kmeans", 1), ("kmeans", "3")):
        with pytest.raises(BadInput):
            map_clusters(*name, *wrong)


def test_a_map_of_other_weights_answers_no_question_about_them(made, store):
    name = made()
    position = int(kept(store, name)["position"][0])
    rewritten(store, name[0], lambda array: array * 2)
    for ask in (
        lambda: map_near(*name, position),
        lambda: map_decode(*name, [[0.0, 0.0]]),
        lambda: map_place(*name, samples=2),
        lambda: map_column(*name, "error"),
    ):
        with pytest.raises(BadInput, match="trained anew"):
            ask()
    assert map_sheet(*name)["count"] == 359


def test_over_training_the_last_snapshot_answers(made, store):
    name = made(method="pca", over="training")
    values = kept(store, name)
    found = map_near(*name, int(values["position"][0]), k=3)
    apart = np.linalg.norm(
        values["state/vectors"].astype(np.float64) - values["state/vectors"][0], axis=1
    )
    assert np.allclose(found["distance"], np.sort(apart)[1:4], atol=1e-3)
    assert map_decode(*name, values["at"][:2])["x"].shape == (2, 1, 8, 8)


def test_a_map_that_is_gone(made, store):
    run, key = made()
    with pytest.raises(BadInput, match="not kept"):
        map_sheet(run, "0" * 20)
    store.purge(run)
    for ask in (map_sheet, map_choices):
        with pytest.raises(NoSuchRun):
            ask(run, *([key] if ask is map_sheet else []))

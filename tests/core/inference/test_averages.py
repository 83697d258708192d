"""Class means, directions between groups, sums of examples: as the codes themselves say."""

import numpy as np
import pytest

from core import datasets, inference
from core.compute.messages import encode
from core.errors import BadInput
from core.inference import asking
from core.inference.weights import load

DENSE = {"steps": 60, "batch_size": 64, "encoder_sizes": [16], "latent_dim": 4}
SHAPES = {"steps": 30, "batch_size": 64, "encoder_sizes": [16], "latent_dim": 3, "n": 300}


@pytest.fixture
def dense(trained) -> str:
    return trained("autoencoder", "digits", DENSE)


def decoded(run: str, z: np.ndarray) -> np.ndarray:
    x = inference.decode(run, np.asarray(z, np.float32))["x"]
    return asking.as_shown(load(run).data, x).astype(int)


def test_class_means_are_those_of_the_codes_and_of_the_images(dense):
    data = datasets.load("digits", {})
    rows = data.splits["test"]
    z, y = inference.encode(dense)["z"], data.y[rows]
    found = inference.class_means(dense)
    assert found["classes"].tolist() == list(range(10))
    assert found["counts"].tolist() == np.bincount(y).tolist()
    known = np.stack([z[y == k].mean(0) for k in range(10)])
    assert found["x"] == pytest.approx(decoded(dense, known), abs=1)
    assert found["pixels"][3] == pytest.approx(data.x[rows][y == 3].mean(0), abs=0.51)


def test_a_direction_leads_from_mean_to_mean(dense):
    data = datasets.load("digits", {})
    z, y = inference.encode(dense)["z"], data.y[data.splits["test"]]
    groups = {"a": {"by": "class", "value": 0}, "b": {"by": "class", "value": 7}}
    found = inference.attribute(dense, **groups, n=5)
    s = z[y == 7].mean(0) - z[y == 0].mean(0)
    assert found["k"].tolist() == [-2, -1, 0, 1, 2]
    assert found["counts"] == [(y == 0).sum(), (y == 7).sum()]
    assert found["length"] == pytest.approx(np.linalg.norm(s), rel=1e-4)
    known = decoded(dense, z.mean(0) + found["k"][:, None] * s)
    assert found["x"] == pytest.approx(known, abs=1)
    pairs = (z[y == 7] @ s)[:, None] > (z[y == 0] @ s)[None]
    assert found["separation"] == pytest.approx(pairs.mean(), abs=1e-6)
    assert found["spread"] == pytest.approx((z @ s).std() / (s @ s), rel=1e-3)
    back = inference.attribute(dense, groups["b"], groups["a"], n=5)
    assert back["x"][::-1] == pytest.approx(found["x"].astype(int), abs=1)


def test_a_direction_is_added_to_an_example(dense):
    data = datasets.load("digits", {})
    row = int(data.splits["test"][4])
    groups = ({"by": "all"}, {"by": "class", "value": 1})
    found = inference.attribute(dense, *groups, n=3, position=row)
    x_hat = asking.as_shown(data, inference.reconstruct(dense, limit=5)["x_hat"])
    assert found["x"][1] == pytest.approx(x_hat[4].astype(int), abs=1)
    assert found["counts"][0] == found["count"]


def test_factors_are_the_true_ones(trained):
    run = trained("vae", "shapes", SHAPES)
    data = load(run).data
    rows = data.splits["test"]
    z = inference.encode(run)["z"]
    scale = data.factors["scale"][rows]
    ends = [{"by": "factor", "name": "scale", "end": end} for end in ("low", "high")]
    found = inference.attribute(run, *ends, n=3)
    low, high = np.quantile(scale, [0.25, 0.75])
    s = z[scale >= high].mean(0) - z[scale <= low].mean(0)
    assert found["length"] == pytest.approx(np.linalg.norm(s), rel=1e-4)
    shape = [{"by": "factor", "name": "shape", "value": k} for k in (0, 2)]
    counts = np.bincount(data.factors["shape"][rows], minlength=4)
    assert inference.attribute(run, *shape, n=3)["counts"] == counts[[0, 2]].tolist()
    told = inference.code_cloud(run)["factors"]
    assert list(told) == ["shape", "scale", "rotation", "x", "y"]
    assert told["scale"]["unit"] == "pixels"
    assert told["scale"]["values"] is None
    assert list(told["shape"]["values"]) == list(data.classes)


def test_a_lasso_picks_examples(dense):
    cloud = inference.code_cloud(dense)
    order = np.argsort(cloud["at"][:, 0])
    groups = [
        {"by": "examples", "positions": cloud["position"][part].tolist()}
        for part in (order[:40], order[-30:])
    ]
    found = inference.attribute(dense, *groups, n=3)
    assert found["counts"] == [40, 30]
    assert found["separation"] > 0.95


def test_dots_are_units_axes_or_a_line(trained, dense):
    z = inference.encode(dense)["z"]
    cloud = inference.code_cloud(dense)
    assert cloud["axes"][0].startswith("principal axis 1 (")
    assert len(cloud["at"]) == len(z)
    assert cloud["at"][:, 0].var() == pytest.approx(np.linalg.eigvalsh(np.cov(z.T)).max(), rel=0.01)
    assert encode(cloud) == encode(inference.code_cloud(dense))
    two = trained("autoencoder", "digits", DENSE | {"latent_dim": 2})
    assert inference.code_cloud(two)["at"] == pytest.approx(inference.encode(two)["z"], abs=1e-5)
    one = trained("autoencoder", "digits", DENSE | {"latent_dim": 1})
    line = inference.code_cloud(one)
    assert line["at"][:, 0] == pytest.approx(inference.encode(one)["z"][:, 0], abs=1e-5)
    assert np.abs(line["at"][:, 1]).max() <= 1


def test_a_sum_of_examples(dense):
    data = datasets.load("digits", {})
    rows = data.splits["test"][:3]
    z = inference.encode(dense, limit=3)["z"]
    found = inference.arithmetic(dense, rows.tolist())
    assert found["made"] == pytest.approx(decoded(dense, (z[0] - z[1] + z[2])[None]), abs=1)
    known = asking.as_shown(data, inference.reconstruct(dense, limit=3)["x_hat"])
    assert found["x_hat"] == pytest.approx(known.astype(int), abs=1)
    a, b, c = data.x[rows].astype(int)
    assert np.array_equal(found["pixels"][0], np.clip(a - b + c, 0, 255))
    same = inference.arithmetic(dense, [int(rows[0]), int(rows[1]), int(rows[1])])
    assert same["made"] == pytest.approx(known[:1].astype(int), abs=1)


@pytest.mark.parametrize(
    ("group", "sentence"),
    [
        ("0", "described by a dictionary"),
        ({"by": "colour"}, "a.by: one of"),
        ({"by": "class", "value": 10}, "a.value: between 0 and 9"),
        ({"by": "factor", "name": "scale"}, "nothing is known of how"),
        ({"by": "examples", "positions": []}, "is in this group"),
        ({"by": "examples", "positions": 3}, "list of positions"),
    ],
)
def test_what_is_no_group_gets_a_sentence(dense, group, sentence):
    with pytest.raises(BadInput, match=sentence):
        inference.attribute(dense, group, {"by": "all"})


def test_data_without_classes_say_so(trained):
    run = trained("vae", "plane3d", {"steps": 10, "n": 300, "encoder_sizes": [8]})
    with pytest.raises(BadInput, match="no classes to average"):
        inference.class_means(run)
    with pytest.raises(BadInput, match="no classes to choose"):
        inference.attribute(run, {"by": "class", "value": 0}, {"by": "all"})

"""What could be trained, before anything is."""

import json

import numpy as np
import pytest

from core import datasets, inference, models, schemas
from core.errors import BadInput, DataUnavailable


def test_schemas_know_every_model_and_data_set_and_are_json(home):
    document = inference.schemas()
    assert list(document["models"]) == models.names()
    assert list(document["datasets"]) == datasets.names()
    assert json.loads(json.dumps(document)) == document
    vae = document["models"]["vae"]
    assert vae["schema"]["properties"]["beta"]["live"] is True
    assert vae["training"]["batch_size"] == 128
    assert {"encode", "decode", "sample"} <= set(vae["abilities"])
    assert document["models"]["gan"]["phases"] == ["D", "G"]


def test_schemas_are_kept_for_those_who_have_no_torch(home):
    assert schemas.read() is None
    document = inference.schemas()
    assert schemas.read() == document


def test_schemas_work_where_nothing_can_be_written(home):
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    assert inference.schemas()["models"]


def test_describe_counts_what_a_textbook_counts():
    found = inference.describe("autoencoder", "digits", {"encoder_sizes": [100, 30]})
    layers = [64 * 100 + 100, 100 * 30 + 30, 30 * 100 + 100, 100 * 64 + 64]
    assert found["parameters"] == sum(layers)
    assert [row["parameters"] for row in found["rows"] if row["parameters"]] == layers
    assert found["groups"] == {"encoder": sum(layers[:2]), "decoder": sum(layers[2:])}
    assert found["errors"] == {}


def test_describe_names_each_wrong_field():
    found = inference.describe("vae", "digits", {"beta": -1, "batch_size": 0})
    assert set(found["errors"]) == {"beta", "batch_size"}
    assert found["rows"] == []


def test_describe_names_what_does_not_fit_the_data():
    assert "dataset" in inference.describe("conv_autoencoder", "points")["errors"]


def test_describe_refuses_unknown_names():
    with pytest.raises(BadInput, match="no model 'nope'"):
        inference.describe("nope")
    with pytest.raises(BadInput, match="'nope'"):
        inference.describe("vae", "nope")


def test_prepare_and_preview_say_what_the_data_are():
    about = inference.prepare("digits")
    assert about["counts"] == {"train": 1294, "validation": 144, "test": 359}
    assert about["shape"] == [1, 8, 8]
    seen = inference.preview("digits", {"keep": [3, 5]}, n=12)
    assert seen["x"].shape == (12, 1, 8, 8)
    assert seen["classes"] == ["3", "5"]
    assert set(seen["y"]) <= {0, 1}
    with pytest.raises(BadInput, match="between 1 and"):
        inference.preview("digits", n=0)


def test_one_s_own_data_can_be_taken_in(tmp_path):
    np.save(tmp_path / "mine.npy", np.arange(200, dtype=np.uint8).reshape(50, 2, 2))
    report = inference.import_own(path=str(tmp_path / "mine.npy"))
    assert report["count"] == 50
    assert inference.prepare("own", {"content": report["hash"]})["shape"] == [1, 2, 2]
    same = inference.import_own((tmp_path / "mine.npy").read_bytes(), filename="mine.npy")
    assert same["hash"] == report["hash"]
    with pytest.raises(BadInput, match="either"):
        inference.import_own()


def test_data_that_are_nowhere_get_a_sentence(monkeypatch):
    from core.datasets import mnist_files

    def offline(*_):
        raise DataUnavailable("MNIST is not here.")

    monkeypatch.setattr(mnist_files, "fetch", offline)
    monkeypatch.delenv("EXPLORER_DATA", raising=False)
    with pytest.raises(DataUnavailable, match="not here"):
        inference.describe("vae", "mnist")


@pytest.mark.parametrize(
    ("model", "settings", "expected"),
    [
        ("autoencoder", {}, {"loss": "squared error per number"}),
        ("autoencoder", {"loss": "bce", "reduction": "sum"}, {"loss": "nats per example"}),
        ("pca", {"reduction": "sum"}, {"loss": "squared error per example"}),
        ("vae", {}, {"loss": "nats per example"}),
        ("gan", {}, {"D/loss": "nats", "G/loss": "nats"}),
        ("gan", {"discriminator_loss": "hinge"}, {"G/loss": "nats"}),
    ],
)
def test_a_loss_is_counted_in_what_the_settings_say(home, model, settings, expected):
    config = models.get(model).Config(**settings).model_dump(mode="json")
    found = schemas.units(inference.schemas(), model, config)
    assert {name: unit for name, unit in found.items() if name.endswith("loss")} == expected


def test_every_model_says_in_what_it_counts_its_losses(home):
    document = inference.schemas()
    for name, known in document["models"].items():
        losses = {"loss" if phase == "step" else f"{phase}/loss" for phase in known["phases"]}
        config = models.get(name).Config().model_dump(mode="json")
        assert losses <= set(schemas.units(document, name, config)), name
    config = models.get("vae").Config(reduction="mean").model_dump(mode="json")
    assert schemas.units(document, "vae", config) == {
        "loss": "nats per number",
        "reconstruction_mean": "nats per number",
        "reconstruction_sum": "nats per example",
        "kl": "nats per example",
    }
    assert schemas.units(None, "vae", {}) == schemas.units(document, "nobody", {}) == {}

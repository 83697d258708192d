"""The Train page before a run: every model and data set has a form, and mistakes are explained where they are."""

import io
import json

import numpy as np
import pytest

from core import datasets, models
from tests.pages.conftest import texts

TRAIN = "train/train.py"


@pytest.mark.parametrize("model", models.names())
def test_every_model_has_a_form(visit, model):
    app = visit(TRAIN, model=model)
    assert not app.exception
    assert app.selectbox(key="pick-model").value == model
    assert "parameters" in texts(app)
    assert not app.button(key="start").disabled


@pytest.mark.parametrize("dataset", ["digits", "points", "plane3d", "own"])
def test_every_kind_of_data_has_its_options(visit, dataset):
    assert dataset in datasets.names()
    app = visit(TRAIN, dataset=dataset)
    assert not app.exception
    assert app.number_input(key="set-validation").value == pytest.approx(0.1)


def test_every_field_has_help(visit):
    app = visit(TRAIN, model="vae")
    fields = [
        widget
        for kind in (app.number_input, app.text_input, app.toggle, app.selectbox)
        for widget in kind
        if str(widget.key).startswith("set-")
    ]
    assert len(fields) > 20
    assert all(widget.help for widget in fields), [w.key for w in fields if not w.help]


def test_the_address_fills_the_form_and_the_form_the_address(visit):
    app = visit(TRAIN, model="vae", dataset="digits", latent_dim="7", encoder_sizes="[64,32]")
    assert app.number_input(key="set-latent_dim").value == 7
    assert app.text_input(key="set-encoder_sizes").value == "64, 32"
    app.number_input(key="set-batch_size").set_value(64).run()
    assert app.query_params["batch_size"] == "64"
    assert app.query_params["latent_dim"] == "7"


@pytest.mark.parametrize(
    "query",
    [
        {"model": "nonsense"},
        {"dataset": "<script>"},
        {"preset": "nope"},
        {"latent_dim": "abc"},
        {"encoder_sizes": '{"a":1}'},
        {"unknown": "1"},
        {"learning_rate": "true"},
        {"activation": "7"},
        {"steps": "[" * 900},
    ],
)
def test_garbage_in_the_address_gets_a_sentence_and_a_form(visit, query):
    app = visit(TRAIN, **query)
    assert not app.exception
    assert "The address holds what this form does not know" in texts(app)
    assert not app.button(key="start").disabled


def test_a_wrong_value_is_explained_at_its_field_and_nothing_starts(visit, jobs):
    app = visit(TRAIN)
    app.number_input(key="set-batch_size").set_value(0).run()
    assert "Batch size must be at least 1 and at most 8,192, not 0." in texts(app)
    assert app.button(key="start").disabled
    app.text_input(key="set-encoder_sizes").set_value("wide").run()
    assert "Encoder sizes is a list of numbers such as 100, 30." in texts(app)
    assert not jobs.store.runs(shipped=False)


def test_out_of_range_in_the_address_is_explained_at_the_field(visit):
    app = visit(TRAIN, batch_size="999999")
    assert "at most 8,192, not 999,999" in texts(app)


def test_what_only_the_model_knows_is_explained_too(visit):
    app = visit(TRAIN, model="autoencoder", encoder_sizes="[100000]")
    assert app.button(key="start").disabled
    assert ":red[" in texts(app)


def test_a_preset_brings_its_data_and_its_note(visit, jobs):
    app = visit(TRAIN, model="gan")
    app.selectbox(key="pick-preset").select("ring").run()
    assert app.selectbox(key="pick-dataset").value == "points"
    assert "Eight clumps" in texts(app)
    app.button(key="start").click().run()
    assert not app.exception
    (run,) = jobs.store.runs(shipped=False)
    assert (run.model, run.dataset, run.spec.data["distribution"]) == ("gan", "points", "ring")
    assert app.query_params == {"run": run.id}


def test_the_form_is_what_is_trained(visit, jobs):
    app = visit(TRAIN, model="vae")
    app.number_input(key="set-latent_dim").set_value(5).run()
    app.number_input(key="set-seed").set_value(3).run()
    app.number_input(key="set-steps").set_value(77)
    app.button(key="start").click().run()
    (run,) = jobs.store.runs(shipped=False)
    assert run.spec.config["latent_dim"] == 5
    assert run.spec.training.steps == 77
    assert run.spec.seed == 3


def test_a_drawing_travels_in_the_address(visit, jobs):
    drawing = [[0.0, 0.5], [1.0, -1.0]]
    app = visit(
        TRAIN, model="gan", dataset="points", distribution="drawn", drawing=json.dumps(drawing)
    )
    assert not app.exception
    assert app.query_params["drawing"] == "[[0.0,0.5],[1.0,-1.0]]"
    app.button(key="start").click().run()
    (run,) = jobs.store.runs(shipped=False)
    assert run.spec.data["drawing"] == drawing


@pytest.mark.parametrize(
    ("name", "data"), [("rubbish.zip", b"PK\x03\x04 no"), ("words.txt", b"\x00\xff")]
)
def test_an_upload_of_rubbish_is_one_sentence(visit, name, data):
    app = visit(TRAIN, dataset="own")
    app.file_uploader(key="own-file").upload(name, data).run()
    assert not app.exception
    assert len(app.error) >= 1
    assert app.button(key="start").disabled


def test_an_upload_is_kept_reported_and_trained(visit, jobs):
    buffer = io.BytesIO()
    np.save(buffer, np.arange(40 * 64, dtype=np.uint8).reshape(40, 8, 8))
    app = visit(TRAIN, dataset="own")
    app.file_uploader(key="own-file").upload("mine.npy", buffer.getvalue()).run()
    assert not app.exception
    assert "40 pictures of 1 × 8 × 8 are kept." in texts(app)
    app.button(key="start").click().run()
    (run,) = jobs.store.runs(shipped=False)
    assert run.spec.data["content"]


def test_a_setting_that_does_not_apply_is_not_shown(visit):
    app = visit(TRAIN, dataset="points")
    assert app.number_input(key="set-modes")
    app.selectbox(key="set-distribution").select("moons").run()
    assert "set-modes" not in {widget.key for widget in app.number_input}


def test_side_by_side_from_the_same_seed_is_one_group(visit, jobs):
    app = visit(TRAIN, model="vae")
    app.selectbox(key="sweep-field").select("beta").run()
    app.text_input(key="sweep-values-beta").set_value("0, 1, 4").run()
    app.button(key="sweep-start").click().run()
    assert not app.exception
    runs = jobs.store.runs(shipped=False)
    assert sorted(run.spec.config["beta"] for run in runs) == [0, 1, 4]
    assert len({run.group for run in runs}) == 1
    assert None not in {run.group for run in runs}
    assert set(app.query_params["runs"].split(",")) == {run.id for run in runs}


@pytest.mark.parametrize(
    ("field", "values"), [("beta", "0"), ("beta", "0, x"), ("latent_dim", "2, 9999")]
)
def test_side_by_side_refuses_what_makes_no_sense(visit, jobs, field, values):
    app = visit(TRAIN, model="vae")
    app.selectbox(key="sweep-field").select(field).run()
    app.text_input(key=f"sweep-values-{field}").set_value(values).run()
    app.button(key="sweep-start").click().run()
    assert not app.exception
    assert app.error
    assert not jobs.store.runs(shipped=False)


def test_data_that_are_not_to_be_had_are_one_sentence(visit, monkeypatch):
    from core import inference
    from core.errors import DataUnavailable

    def offline(*_, **__):
        raise DataUnavailable("MNIST is not here and cannot be fetched: choose digits instead.")

    monkeypatch.setattr(inference, "describe", offline)
    monkeypatch.setattr(inference, "preview", offline)
    app = visit(TRAIN, dataset="mnist")
    assert not app.exception
    assert "MNIST is not here" in texts(app)
    assert app.button(key="start").disabled


def test_a_cold_server_says_that_it_warms_up(visit, jobs, monkeypatch):
    from concurrent.futures import Future

    monkeypatch.setattr(jobs.compute, "submit", lambda *_, **__: Future(), raising=False)
    monkeypatch.setattr("core.schemas.read", lambda: None)
    app = visit(TRAIN)
    assert not app.exception
    assert "Warming up" in texts(app)

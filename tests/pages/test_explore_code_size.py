"""Code size: a sweep from one click, its progress, the curve and the rows."""

import re

import pytest

from core import schemas as kept
from core.errors import BadInput
from pages.explore.sweeping import able, parsed, settings
from tests.pages.conftest import texts
from tests.pages.training import trained

PAGE = "explore/code_size.py"


def choose(app, **values):
    app.text_input(key="sizes-values").set_value(values.get("sizes", "2, 4"))
    app.number_input(key="sizes-steps").set_value(values.get("steps", 40))
    names = values.get("models", ["pca", "autoencoder"])
    app.pills(key="sizes-models-digits").set_value(names)
    return app.run()


def test_one_click_queues_a_group_a_family(visit, jobs):
    app = choose(visit(PAGE))
    app.button(key="sizes-start").click().run()
    assert not app.exception
    runs = jobs.store.runs(shipped=False)
    assert sorted((run.model, run.spec.config["latent_dim"]) for run in runs) == [
        *(("autoencoder", 2), ("autoencoder", 4), ("pca", 2), ("pca", 4)),
    ]
    groups = {
        run.model: {other.group for other in runs if other.model == run.model} for run in runs
    }
    assert all(len(found) == 1 and None not in found for found in groups.values())
    assert groups["pca"] != groups["autoencoder"]
    text = app.query_params["runs"]
    ids = (text if isinstance(text, str) else text[0]).split(",")
    assert set(ids) == {run.id for run in runs}
    assert any("of 4 runs done" in str(one.proto) for one in app.get("progress"))


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ("two", "whole numbers"),
        ("0", "between 1 and"),
        ("100", "PCA"),
        (", ".join(map(str, range(1, 20))), "at most 24"),
    ],
)
def test_what_cannot_be_swept_is_one_sentence_and_starts_nothing(visit, jobs, sizes, sentence):
    app = choose(visit(PAGE), sizes=sizes)
    app.button(key="sizes-start").click().run()
    assert not app.exception
    assert re.search(sentence, texts(app))
    assert not jobs.store.runs(shipped=False)


def test_the_curve_and_the_rows_once_all_have_ended(visit, jobs):
    ids = [
        trained(jobs, model, "digits", latent_dim=size, **rest)
        for model, rest in (("pca", {}), ("autoencoder", {"encoder_sizes": [40]}))
        for size in (2, 6)
    ]
    app = visit(PAGE, runs=",".join(ids))
    assert not app.exception
    assert "The same images through every model" in texts(app)
    assert app.select_slider(key="code-size-shown").options == ["2", "6"]
    app.toggle(key="code-size-log").set_value(False).run()
    assert not app.exception


def test_garbage_in_the_address_gets_one_sentence(visit):
    app = visit(PAGE, runs="x,,<b>")
    assert not app.exception
    assert "2 runs of this address cannot be found" in texts(app)


def test_runs_on_different_data_are_one_sentence(visit, jobs):
    ids = [trained(jobs, "pca", "digits"), trained(jobs, "pca", "plane3d")]
    app = visit(PAGE, runs=",".join(ids))
    assert not app.exception
    assert "same data set" in " ".join(element.value for element in app.warning)


def test_only_families_with_a_size_and_for_these_data_are_offered(visit):
    visit(PAGE)
    schemas = kept.read()
    assert {"pca", "autoencoder", "vae"} <= set(able(schemas, "digits"))
    assert "gan" not in able(schemas, "digits")
    images_only = [n for n, m in schemas["models"].items() if m["kinds"] == ["images"]]
    assert not set(images_only) & set(able(schemas, "points"))


def test_no_hidden_layer_is_narrower_than_the_widest_code():
    model = {"schema": {"properties": {"encoder_sizes": {"default": [100, 30]}}}}
    assert settings(model, 2, 32, 10)["encoder_sizes"] == [100]
    assert settings(model, 2, 200, 10)["encoder_sizes"] == [400]
    assert "encoder_sizes" not in settings({"schema": {"properties": {}}}, 2, 32, 10)


def test_sizes_are_read_once_each_and_rising():
    assert parsed("8, 2,, 2 ,4") == [2, 4, 8]
    with pytest.raises(BadInput):
        parsed("2.5")

"""Projections: what is asked, what begins by itself and what waits, what is said, what stands in the address."""

import numpy as np
import pytest

from core.errors import ExplorerError
from tests.pages.conftest import last, texts
from tests.pages.training import trained

PAGE = "explore/projections.py"
DIGITS = "vae-digits"
VIEWS = ("Map", "Side by side", "Over training", "What maps get wrong")


def metrics(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def buttons(app) -> list[str]:
    return [button.label for button in app.button]


def test_pca_is_there_at_once_with_its_trust(visit, shown, jobs):
    app = visit(PAGE, run=DIGITS)
    assert not app.exception
    drawn = shown.now("map")
    assert drawn["run"] == DIGITS
    assert not drawn["live"]
    values, meta = jobs.store.maps.read(DIGITS, drawn["key"])
    assert meta["request"]["method"] == "pca"
    assert values["at"].shape == (meta["count"], 2)
    assert f"All **{meta['total']:,} rows** of the test split" in texts(app)
    found = metrics(app)
    assert float(found["Trustworthiness"]) == pytest.approx(
        meta["trust"]["trustworthiness"]["value"], abs=5e-4
    )
    assert found["Variance explained"] == "100.0%"  # two numbers on two axes
    assert "exact over all" in texts(app)
    assert "Make the map" not in buttons(app)


def test_the_address_names_the_whole_map(visit, shown, asked):
    visit(
        PAGE,
        run=DIGITS,
        method="t-SNE",
        dims="3",
        of="pixels",
        split="train",
        points="500",
        **{"tsne-perplexity": "12", "tsne-seed": "3"},
    )
    request = last(asked, "project_estimate")["request"]
    assert {name: request[name] for name in ("method", "dims", "of", "split", "n", "step")} == {
        "method": "tsne",
        "dims": 3,
        "of": "pixels",
        "split": "train",
        "n": 500,
        "step": 6000,
    }
    assert request["settings"]["perplexity"] == 12
    assert request["settings"]["seed"] == 3


def test_a_fair_sample_says_how_many_of_how_many(visit, shown):
    app = visit(PAGE, run=DIGITS, split="train", points="500")
    assert "**500 of 1," in texts(app)
    assert "every class in its share" in texts(app)


def test_tsne_waits_for_a_click_and_shows_how_far_it_is(visit, shown, busy, jobs):
    app = visit(PAGE, run=DIGITS, method="t-SNE")
    assert not app.exception
    assert not shown
    assert not busy.calls
    assert "about **" in texts(app)
    app.button(key="map-make").click().run()
    (call,) = busy.calls
    assert call.task == "project"
    drawn = shown.now("map")
    assert drawn["live"]
    assert "map-stop" in [button.key for button in app.button]
    # Whoever comes back finds it going on.
    again = visit(PAGE, run=DIGITS, method="t-SNE")
    assert "map-stop" in [button.key for button in again.button]
    assert len(busy.calls) == 1
    from core import inference

    call.set_result(inference.project(**call.args))
    app.run()
    assert not shown.now("map")["live"]
    assert shown.now("map")["key"] == drawn["key"]
    assert "Trustworthiness" in metrics(app)
    assert jobs.store.maps.read(DIGITS, drawn["key"])[0]["frames"].ndim == 3


def test_a_stopped_map_can_be_begun_again(visit, shown, busy):
    app = visit(PAGE, run=DIGITS, method="t-SNE")
    app.button(key="map-make").click().run()
    app.button(key="map-stop").click().run()
    assert busy.cancelled == busy.calls
    app.run()
    assert "map-make" in [button.key for button in app.button]
    assert not app.exception


def test_a_kept_map_opens_without_a_click(visit, shown):
    from core import inference

    request = {"run": DIGITS, "step": 6000, "method": "tsne", "n": 500, "split": "train"}
    made = inference.project(request)
    app = visit(PAGE, run=DIGITS, method="t-SNE", points="500", split="train")
    assert shown.now("map")["key"] == made["key"]
    assert "Seed to seed" in texts(app)


def test_who_chooses_anew_does_not_wait_for_what_they_had_chosen(visit, shown, busy):
    app = visit(PAGE, run=DIGITS, method="t-SNE")
    app.button(key="map-make").click().run()
    app.number_input(key="tsne-perplexity").set_value(12.0).run()
    assert not busy.cancelled
    app.button(key="map-make").click().run()
    assert busy.cancelled == busy.calls[:1]
    assert busy.calls[1].args["request"]["settings"]["perplexity"] == 12


def test_what_a_click_failed_at_is_a_sentence(visit, shown, busy):
    app = visit(PAGE, run=DIGITS, method="t-SNE")
    app.button(key="map-make").click().run()
    busy.calls[0].set_exception(ExplorerError("The codes of this run are not numbers any more."))
    app.run()
    assert "not numbers any more" in texts(app)
    assert "map-make" in [button.key for button in app.button]
    assert "What one sees" in texts(app)


def test_umap_says_that_it_is_being_prepared(visit, shown, busy):
    busy.warm = False
    assert "still being prepared" in texts(visit(PAGE, run=DIGITS, method="UMAP"))
    busy.warm = True
    assert "still being prepared" not in texts(visit(PAGE, run=DIGITS, method="UMAP"))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"method": "t-SNE", "tsne-perplexity": "400"}, "erplexity"),
        ({"method": "t-SNE", "tsne-perplexity": "0"}, "Perplexity must be"),
        ({"dims": "3"}, "numbers"),
    ],
    ids=["too few points", "out of range", "2-D in 3-D"],
)
def test_what_cannot_be_is_said_and_the_page_goes_on(visit, shown, address, said):
    app = visit(PAGE, run=DIGITS, **address)
    assert not app.exception
    assert said in texts(app)
    assert not shown
    assert "What one sees" in texts(app)


@pytest.mark.parametrize(
    ("value", "said"), [(np.nan, "not numbers any more"), (0.5, "are the same")]
)
def test_codes_that_cannot_be_mapped(visit, shown, jobs, monkeypatch, value, said):
    from core.inference import map_making

    run = trained(jobs, "autoencoder", "digits", encoder_sizes=[8], latent_dim=4)
    monkeypatch.setattr(
        map_making, "vectors", lambda model, data, rows, *_: np.full((len(rows), 4), value, "f4")
    )
    app = visit(PAGE, run=run)
    assert not app.exception
    assert said in texts(app)
    assert "What one sees" in texts(app)


def test_points_without_classes(visit, shown, jobs):
    run = trained(jobs, "autoencoder", "plane3d", latent_dim=2, encoder_sizes=[8])
    app = visit(PAGE, run=run, clusters="k-means")
    assert not app.exception
    assert shown.now("map")["colour"].startswith("kmeans:")
    assert "no classes" in texts(app)


def test_a_run_deleted_while_its_map_is_open(visit, shown, jobs):
    run = trained(jobs, "autoencoder", "digits", encoder_sizes=[8], latent_dim=4)
    app = visit(PAGE, run=run)
    assert shown.now("map")["run"] == run
    jobs.delete(run, jobs.store.get(run).owner)
    jobs.clean_up(jobs.store.get(run).owner)
    app.run()
    assert not app.exception
    assert "There is no run at this address" in texts(app)


def test_models_without_a_code_show_their_data(visit, shown, jobs, asked):
    gan = trained(jobs, "gan", "points")
    app = visit(PAGE, run=gan)
    assert not app.exception
    assert last(asked, "project_estimate")["request"]["of"] == "pixels"
    assert shown.now("map")["run"] == gan


def test_every_layer_can_be_mapped(visit, shown, asked):
    app = visit(PAGE, run=DIGITS)
    (of,) = [box for box in app.selectbox if box.label == "What is mapped"]
    assert of.options[:2] == ["codes", "pixels"]
    layer = next(one for one in of.options if "Linear" in one)
    of.select(layer).run()
    assert last(asked, "project_estimate")["request"]["of"] == "layer:" + layer.split(":")[0]
    assert not app.exception


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_draws_something(visit, shown, view):
    app = visit(PAGE, run=DIGITS, view=view)
    assert not app.exception
    assert "What one sees" in texts(app)

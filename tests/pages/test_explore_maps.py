"""The views of the projections: clusters and files, maps side by side, over training, and the lesson."""

import pytest

from core.errors import ExplorerError
from tests.pages.conftest import texts
from tests.pages.training import trained

PAGE = "explore/projections.py"
DIGITS = "vae-digits"


def metrics(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def buttons(app) -> list[str]:
    return [button.label for button in app.button]


def test_clusters_have_figures_and_colour_the_map(visit, shown):
    app = visit(PAGE, run=DIGITS)
    assert shown.now("map")["colour"] == "class"
    app.segmented_control(key="clusters").set_value("k-means").run()
    assert shown.now("map")["colour"] == "kmeans:10"
    found = metrics(app)
    assert found["Clusters"] == "10"
    assert 0 < float(found["Purity"]) < 1
    app.toggle(key="colour-kmeans").set_value(False).run()
    assert shown.now("map")["colour"] == "class"


def test_hdbscan_of_many_points_waits_for_a_click(visit, shown, asked, monkeypatch):
    from pages.explore import map_clusters

    monkeypatch.setattr(map_clusters, "AT_ONCE", 100)
    app = visit(PAGE, run=DIGITS, clusters="HDBSCAN")
    assert "map_clusters" not in [task for task, _ in asked]
    assert shown.now("map")["colour"] == "class"
    app.button(key="clusters-find").click().run()
    assert shown.now("map")["colour"].startswith("hdbscan:")
    assert "Noise" in metrics(app)


def test_a_map_is_saved_as_a_table(visit, shown, jobs):
    from pages.explore.map_files import table

    visit(PAGE, run=DIGITS)
    key = shown.now("map")["key"]
    whole = table(jobs.store.get(DIGITS), key, "error")
    values, meta = jobs.store.maps.read(DIGITS, key)
    assert (whole.at == values["at"]).all()
    assert whole.columns["error"].kind == "number"
    assert len(whole.columns["error"].values) == meta["count"]
    with pytest.raises(ExplorerError, match="not kept"):
        table(jobs.store.get(DIGITS), "0" * 20)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"reduced_to": 50, "reduced_keeps": 0.826}, "50 principal components, which keep 83%"),
        ({"kl_divergence": 1.2345, "iterations": 350}, "KL divergence 1.234 nats after 350"),
        ({"parts": 3}, "falls into 3 parts"),
        ({"exact": False}, "random projections"),
    ],
)
def test_what_must_be_known_of_how_a_map_was_made_is_said(facts, said):
    from pages.explore.map_trust import remarks

    assert said in remarks(facts, 12.3)[0]
    assert remarks({}, 12.3) == ["Made in 12 s."]


def test_kept_maps_open_with_a_click(visit, shown):
    from core import inference

    request = {"run": DIGITS, "step": 6000, "method": "tsne", "n": 5000}
    made = inference.project(request | {"settings": {"perplexity": 12, "iterations": 20}})
    inference.project(request | {"method": "pca"})
    app = visit(PAGE, run=DIGITS)
    (other,) = [button for button in app.button if "perplexity 12 · iterations 20" in button.label]
    other.click().run()
    assert not app.exception
    assert shown.now("map")["key"] == made["key"]
    assert app.number_input(key="tsne-perplexity").value == 12


def test_seeds_are_tried_on_request(visit, shown, busy):
    from core import inference

    settings = {"iterations": 20, "exaggeration_iterations": 10}
    request = {"run": DIGITS, "step": 6000, "method": "tsne", "n": 5000, "settings": settings}
    inference.project(request)
    address = {f"tsne-{name}": str(value) for name, value in settings.items()}
    app = visit(PAGE, run=DIGITS, method="t-SNE", **address)
    assert "Seed to seed" not in metrics(app)
    app.button(key="stability-make").click().run()
    (call,) = busy.calls
    call.set_result(inference.map_stability(**call.args))
    app.run()
    assert "±" in metrics(app)["Seed to seed"]


def test_several_maps_lie_upon_the_first(visit, shown, busy):
    app = visit(PAGE, run=DIGITS, view="Side by side")
    assert not app.exception
    assert "the 3 maps" in "".join(buttons(app))
    app.button(key="several-make").click().run()
    asked = [call.args["request"]["settings"]["perplexity"] for call in busy.calls]
    assert asked == [5, 30, 100]
    from core import inference

    for call in busy.calls:
        call.set_result(inference.project(**call.args))
    app.run()
    maps = [shown.now(f"several-{place}") for place in range(3)]
    assert [one["align_to"] for one in maps] == ["", maps[0]["key"], maps[0]["key"]]
    assert {one["together"] for one in maps} == {"several-maps"}
    assert "perplexity 100" in texts(app)


def test_any_methods_side_by_side(visit, shown, asked):
    app = visit(PAGE, run=DIGITS, view="Side by side", compare="Methods", maps="2")
    assert not app.exception
    methods = {
        arguments["request"]["method"] for task, arguments in asked if task == "project_estimate"
    }
    assert methods == {"pca", "tsne"}
    assert shown.now("several-0")["live"] is False  # PCA is there at once


def test_over_training_begins_with_pca(visit, shown, jobs):
    run = trained(jobs, "autoencoder", "digits", encoder_sizes=[8], latent_dim=4)
    app = visit(PAGE, run=run, view="Over training")
    assert not app.exception
    values, meta = jobs.store.maps.read(run, shown.now("moving-map")["key"])
    assert meta["request"]["over"] == "training"
    assert len(values["frames"]) == len(jobs.store.snapshots(run))


def test_the_lesson_sets_what_one_reads_against_what_is_true(visit, shown, monkeypatch):
    from core.analysis import known_shapes
    from pages.explore import misleading

    two = {name: known_shapes.SHAPES[name] for name in ("spread", "square")}
    monkeypatch.setattr(known_shapes, "SHAPES", two)
    monkeypatch.setattr(misleading, "PERPLEXITIES", (5.0, 30.0))
    app = visit(PAGE, run=DIGITS, view="What maps get wrong")
    assert "Sizes mean nothing" in texts(app)
    app.button(key="lesson-make").click().run()
    assert not app.exception
    assert "Perplexity 30" in texts(app)
    assert "Widths **1 : 10**" in texts(app)
    assert ":red[**1 : 1" in texts(app)

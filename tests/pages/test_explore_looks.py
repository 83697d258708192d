"""The exploring pages of shipped runs: what stands on them, and what a click or a choice changes."""

import json

import numpy as np
import pytest

from core import arrays
from tests.pages.conftest import texts

DIGITS = "autoencoder-digits"
TEST_IMAGES = 360


@pytest.fixture
def galleries(monkeypatch) -> dict:
    """What each gallery was given, by its key; ``clicks`` are answered once."""
    from pages.ui import gallery

    seen: dict = {"clicks": {}}

    class Result:
        def __init__(self, chosen):
            self.chosen = chosen

    def component(*, key, data, **_):
        layers, meta = arrays.unpack(data)
        seen[key] = (layers, meta)
        return Result(seen["clicks"].pop(key, None))

    monkeypatch.setattr(gallery, "_component", lambda: component)
    return seen


@pytest.fixture
def figures(monkeypatch) -> dict:
    """The plotly figures drawn, by key, as JSON."""
    from pages.ui import figure

    seen = {}

    def component(*, key, data, **_):
        seen[key] = json.loads(data["figure"]) | {"alt": data["alt"]}

    monkeypatch.setattr(figure, "_component", lambda: component)
    return seen


def test_reconstructions_say_unit_split_and_count(visit, galleries, figures):
    app = visit("explore/reconstructions.py", run=DIGITS)
    assert not app.exception
    layers, meta = galleries[f"reconstructions-{DIGITS}"]
    assert meta["names"] == ["Original", "Reconstruction", "Difference"]
    assert [layers[k].shape for k in "012"] == [(24, 1, 8, 8), (24, 1, 8, 8), (24, 3, 8, 8)]
    text = texts(app)
    assert "sum of squared differences per image, test split" in text
    assert "images of 64 values each" in text
    assert figures["errors"]["layout"]["xaxis"]["title"]["text"]
    assert "Click an image" in text


def test_worst_are_worse_than_best_and_random_draws_others(visit, galleries, figures):
    key = f"reconstructions-{DIGITS}"

    def errors(app):
        assert not app.exception
        return [float(caption) for caption in galleries[key][1]["captions"]]

    app = visit("explore/reconstructions.py", run=DIGITS, order="worst")
    worst = errors(app)
    assert worst == sorted(worst, reverse=True)
    best = errors(app.segmented_control(key="order").set_value("best").run())
    assert max(best) < min(worst)
    app.segmented_control(key="order").set_value("random").run()
    first = galleries[key][0]["0"]
    app.button(key="next").click().run()
    assert not np.array_equal(first, galleries[key][0]["0"])


def test_a_click_shows_the_neighbours_and_stands_in_the_address(visit, galleries, figures):
    app = visit("explore/reconstructions.py", run=DIGITS)
    galleries["clicks"][f"reconstructions-{DIGITS}"] = 3
    app.run()
    assert not app.exception
    position = app.query_params["image"]
    assert galleries["query"][0]["0"].shape == (1, 1, 8, 8)
    shown = galleries[f"reconstructions-{DIGITS}"][0]["0"][3]
    assert np.array_equal(galleries["query"][0]["0"][0], shown)
    for way in ("code", "pixel"):
        layers, meta = galleries[f"near-{way}"]
        assert layers["0"].shape[0] == 9
        assert not (layers["0"] == shown).all(axis=(1, 2, 3)).any()
        far = [float(text.split(" · ")[-1]) for text in meta["captions"]]
        assert far == sorted(far)
    app.run()
    assert galleries[f"reconstructions-{DIGITS}"][1]["marked"] == 3
    galleries["clicks"]["near-code"] = 0
    app.run()
    assert app.query_params["image"] != position


@pytest.mark.parametrize("image", ["-1", "99999999", "x", "9" * 40])
def test_an_image_that_is_none_leaves_the_page_standing(visit, galleries, figures, image):
    app = visit("explore/reconstructions.py", run=DIGITS, image=image)
    assert not app.exception
    assert f"reconstructions-{DIGITS}" in galleries


def test_codes_of_two_units(visit, figures):
    app = visit("explore/codes.py", run="vae-digits")
    assert not app.exception
    assert "**2 units**" in texts(app)
    assert "**0 dead**" in texts(app)
    assert "correlation of" in texts(app)
    assert set(figures) == {"activity", "histograms"}
    assert len(figures["histograms"]["data"]) == 2
    for figure in figures.values():
        assert figure["alt"]
        assert figure["layout"]["xaxis"]["title"]["text"]
        assert figure["layout"]["yaxis"]["title"]["text"]


def statistics(d: int, dead: int = 0) -> dict:
    """An answer for a code of ``d`` units, the last ``dead`` of them silent."""
    counts = np.zeros((d, 40), np.int32)
    counts[:, 20] = 100
    return {
        "mean": np.zeros(d, np.float32),
        "std": np.r_[np.ones(d - dead), np.zeros(dead)].astype(np.float32),
        "share_active": np.full(d, 0.25, np.float32),
        "dead": np.arange(d) >= d - dead,
        "order": np.arange(d),
        "counts": counts,
        "edges": np.linspace(-1, 1, 41, dtype=np.float32),
        "correlation": np.eye(d, dtype=np.float32),
        "units": 4 * d,
        "count": 100,
        "protocol": "A unit is dead if it says the same of every example.",
    }


def test_codes_of_many_units_name_the_dead(visit, jobs, figures, monkeypatch):
    from core import inference

    monkeypatch.setattr(inference, "code_statistics", lambda **_: statistics(256, dead=30))
    app = visit("explore/codes.py", run="vae-digits")
    assert not app.exception
    text = texts(app)
    assert "**1,024 units**, of which the first 256 are shown · **30 dead**" in text
    assert "**25 %**" in text
    assert "and 10 more" in text
    assert "says the same of every example" in text
    assert set(figures) == {"activity", "correlation", "histograms", "values"}
    assert len(figures["histograms"]["data"]) == 3
    app.multiselect(key="units-256").set_value([7, 255]).run()
    assert [line["name"] for line in figures["histograms"]["data"]] == ["unit 7", "unit 255"]
    app.multiselect(key="units-256").set_value([]).run()
    assert "Choose one or more units" in texts(app)


def test_a_code_of_one_unit_has_no_correlation(visit, figures, monkeypatch):
    from core import inference

    monkeypatch.setattr(inference, "code_statistics", lambda **_: statistics(1) | {"units": 1})
    app = visit("explore/codes.py", run="vae-digits")
    assert not app.exception
    assert "**1 unit**" in texts(app)
    assert set(figures) == {"activity", "histograms"}


def test_layers_follow_the_image_that_is_clicked(visit, galleries):
    key = f"layers-{DIGITS}"
    app = visit("explore/layers.py", run=DIGITS)
    assert not app.exception
    assert galleries[key][1]["marked"] == 0
    first = galleries["layers-in"][0]["0"]
    assert np.array_equal(first[0], galleries[key][0]["0"][0])
    galleries["clicks"][key] = 5
    app.run()
    assert np.array_equal(galleries["layers-in"][0]["0"][0], galleries[key][0]["0"][5])
    assert galleries["layers-out"][0]["0"].shape == (1, 1, 8, 8)
    assert "image" in app.query_params


def test_every_step_shows_more_layers(visit, galleries):
    app = visit("explore/layers.py", run=DIGITS)
    few = {key for key in galleries if key.startswith("layer-")}
    app.toggle(key="every").set_value(True).run()
    assert not app.exception
    assert few < {key for key in galleries if key.startswith("layer-")}


def test_layers_that_only_rearrange_are_left_out():
    from pages.explore.layers import shown_layers, strip

    def layer(kind, group="encoder"):
        return {"name": kind, "kind": f"{kind}(1, 2)", "group": group, "shape": [4]}

    kinds = ("Flatten", "Linear", "BatchNorm1d", "ReLU", "Linear", "Dropout")
    layers = [*map(layer, kinds), layer("Sigmoid", "decoder")]
    labels = [one["label"] for one in shown_layers(layers)]
    assert labels == ["Linear → BatchNorm1d → ReLU", "Linear: the code", "Sigmoid"]
    every = [one["label"] for one in shown_layers(layers, every=True)]
    assert every == ["Linear", "BatchNorm1d", "ReLU", "Linear: the code", "Sigmoid"]
    assert strip(np.arange(100)).shape == (1, 2, 50)
    assert strip(np.arange(3)).tolist() == [[[0, 1, 2]]]
    assert strip(np.ones(65)).sum() == 65


def test_weights_say_what_they_need(visit, make_run, jobs, monkeypatch):
    from core import schemas

    document = schemas.read() or jobs.compute.call("schemas")
    document["models"]["autoencoder"]["abilities"].append("filters")
    monkeypatch.setattr(schemas, "read", lambda: document)
    app = visit("explore/weights.py", run=DIGITS)
    assert not app.exception
    assert "What to look for" in texts(app)

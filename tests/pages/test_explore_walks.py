"""The views of the latent space, each on its own: what they ask, what they say, what stands in the address."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import SECONDS, last, texts
from tests.pages.training import trained

VIEWS = ("traversals", "between", "averages", "sampling")
MNIST, DIGITS, AUTO = "vae-mnist", "vae-digits", "autoencoder-digits"


def script(view: str, run: str) -> None:
    """One view of one run, as the page of the latent space calls it."""
    from importlib import import_module

    from pages.ui.backend import schemas, store
    from pages.ui.pick import Chosen

    import_module(f"pages.explore.{view}").body(Chosen(store().get(run), None), schemas(wait=20))


@pytest.fixture
def look(jobs, sender) -> Callable[..., AppTest]:
    """``look(view, run, **address)`` draws it."""

    def draw(view: str, run: str, **address: str) -> AppTest:
        app = AppTest.from_function(script, args=(view, run), default_timeout=SECONDS)
        app.query_params = dict(address)
        app.run()
        assert not app.exception, app.exception
        return app

    return draw


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    ("model", "dataset", "settings"),
    [
        ("vae", "digits", {"latent_dim": 1}),
        ("autoencoder", "digits", {"latent_dim": 64}),
        ("vae", "digits", {"latent_dim": 4, "beta": 50.0}),
        ("vae", "points", {"distribution": "moons"}),
        ("vae", "plane3d", {}),
        ("conv_autoencoder", "digits", {}),
    ],
    ids=["one number", "64 numbers", "dead units", "points", "no classes", "convolutions"],
)
def test_every_view_shows_something_sensible(look, jobs, view, model, dataset, settings):
    run = trained(jobs, model, dataset, **settings)
    app = look(view, run)
    assert not app.warning, texts(app)


def test_the_grid_begins_with_the_units_that_say_most(look, jobs, asked):
    from core import inference

    run = trained(jobs, "vae", "digits", latent_dim=5, encoder_sizes=[16])
    app = look("traversals", run)
    interest = inference.traversals(run)["interest"]
    assert sorted(last(asked, "latent_grid")["units"]) == sorted((-interest).argsort()[:2].tolist())
    assert "Units in use" in texts(app)
    app.selectbox(key="grid-unit-0-5").select(last(asked, "latent_grid")["units"][1]).run()
    assert "Choose two different units" in texts(app)


def test_only_a_model_with_a_prior_offers_its_quantiles(look, asked):
    app = look("traversals", DIGITS)
    app.segmented_control(key="grid-spacing").set_value("prior").run()
    assert last(asked, "latent_grid")["spacing"] == "prior"
    assert "equal share" in texts(app)
    plain = look("traversals", AUTO)
    assert not [control for control in plain.segmented_control if control.label == "Spread as"]
    assert "variance" in texts(plain)


def test_rows_pass_through_an_image_that_stands_in_the_address(look, asked):
    from core import inference

    position = int(inference.walk_examples(DIGITS, n=12)["position"][5])
    app = look("traversals", DIGITS, image=str(position))
    assert last(asked, "traversals")["position"] is None
    app.segmented_control(key="traverse-from").set_value("an image").run()
    assert last(asked, "traversals")["position"] == position


def test_a_random_pair_again_and_again(look, asked):
    app = look("between", DIGITS)
    pairs = [last(asked, "walk")["positions"]]
    for _ in range(3):
        app.button(key="between-random").click().run()
        pairs.append(last(asked, "walk")["positions"])
    assert len({tuple(pair) for pair in pairs}) == 4
    assert not app.exception


def test_the_stops_stand_in_the_address(look, asked):
    look("between", DIGITS, images="3,5", between="Two ends")
    assert last(asked, "walk")["positions"] == [3, 5]
    look("between", DIGITS, images="3,5,8,9,11", between="A path")
    assert last(asked, "walk")["positions"] == [3, 5, 8, 9, 11]
    look("between", DIGITS, images="3,5", between="Four corners")
    four = last(asked, "square_walk")["positions"]
    assert four[:2] == [3, 5]
    assert len(set(four)) == 4


@pytest.mark.parametrize("images", ["", "x,y", "999999999,1", "-4,2", "7"])
def test_nonsense_in_the_address_becomes_a_pair(look, asked, images):
    app = look("between", DIGITS, images=images)
    assert len(last(asked, "walk")["positions"]) == 2
    assert not app.warning


def test_the_spherical_way_says_where_it_is_straight(look, asked):
    app = look("between", DIGITS, images="7,7")
    assert "no angle" not in texts(app)
    app.segmented_control(key="between-way").set_value("spherical").run()
    assert last(asked, "walk")["way"] == "spherical"
    assert "no angle to turn through on part 1" in texts(app)


def test_a_direction_between_classes_factors_and_images(look, jobs, asked):
    app = look("averages", DIGITS, average="A direction")
    assert last(asked, "attribute")["a"] == {"by": "class", "value": 0}
    app.selectbox(key="group-class-A-10").select(-1).run()
    assert last(asked, "attribute")["a"] == {"by": "all"}
    app.segmented_control(key="average-from").set_value("an image").run()
    assert last(asked, "attribute")["position"] is not None
    assert "further along s" in texts(app)
    run = trained(jobs, "vae", "shapes", encoder_sizes=[16])
    app = look("averages", run, average="A direction")
    app.segmented_control(key="group-by-3").set_value("factor").run()
    assert last(asked, "attribute")["b"] == {"by": "factor", "name": "shape", "value": 1}
    app.selectbox(key="group-factor-shape-scale-rotation-x-y").select("x").run()
    assert last(asked, "attribute")["a"] == {"by": "factor", "name": "x", "end": "low"}
    assert not app.exception


def test_a_lasso_is_invited_and_what_it_marks_is_asked(look, asked):
    from core import inference

    app = look("averages", DIGITS, average="A direction")
    app.segmented_control(key="group-by-2").set_value("lasso").run()
    assert "Draw around some dots for A" in texts(app)
    position = inference.code_cloud(DIGITS)["position"]
    app.session_state["group-picked"] = {
        "A": position[:9].tolist(),
        "B": [*position[9:30].tolist(), 10**7],
    }
    app.run()
    assert last(asked, "attribute")["b"] == {"by": "examples", "positions": position[9:30].tolist()}
    assert "Group **A**: 9 of" in texts(app)
    assert not app.exception


def test_a_sum_of_three_in_the_address(look, asked):
    look("averages", DIGITS, average="a − b + c", terms="4,5,6")
    assert last(asked, "arithmetic")["positions"] == [4, 5, 6]
    app = look("averages", DIGITS, average="a − b + c", terms="4,5,99999999")
    before = last(asked, "arithmetic")["positions"]
    app.button(key="average-random").click().run()
    assert last(asked, "arithmetic")["positions"] != before


def test_class_means_need_classes(look, jobs):
    run = trained(jobs, "vae", "plane3d")
    app = look("averages", run)
    assert "have no classes" in texts(app)


def test_sampling_begins_with_the_prior_where_there_is_one(look, asked):
    app = look("sampling", DIGITS)
    assert last(asked, "density_samples")["source"] == "prior"
    assert "nats** per example" in texts(app)
    app.button(key="sampling-again").click().run()
    assert last(asked, "density_samples")["seed"] == 1
    app = look("sampling", AUTO)
    assert last(asked, "density_samples")["source"] == "full"
    app.segmented_control(key="sampling-source-3").set_value("mixture").run()
    assert last(asked, "density_samples")["components"] == 10
    assert "fitted by EM to the codes of 1,294 training examples" in texts(app)
    app.segmented_control(key="sampling-beside").set_value("real images").run()
    assert not app.exception


def test_a_code_is_typed_or_explained_in_one_sentence(look):
    app = look("sampling", DIGITS)
    app.text_input(key="sampling-typed").input("[-1, 5]").run()
    assert "The nearest training code is" in texts(app)
    assert not app.warning
    for text, sentence in (("[1]", "and 1 is typed here"), ("a b", "“a” is not a number")):
        app.text_input(key="sampling-typed").input(text).run()
        (warning,) = app.warning
        assert sentence in warning.value
        assert not app.exception


def test_a_code_that_says_nothing_is_called_so(look, jobs):
    run = trained(jobs, "vae", "digits", latent_dim=4, beta=100.0, steps=800, learning_rate=0.003)
    text = texts(look("traversals", run))
    assert "Units in use: **0 of 4**; collapsed: **4**" in text
    assert "Every unit is collapsed" in text


def test_values_on_an_axis_can_be_told_apart():
    from pages.explore.traversals import _values

    assert _values([-2.0, -1.0, 0.0, 1.0]) == ["-2.0", "-1.0", "0.0", "1.0"]
    assert _values([0.0012, 0.0005, -0.0001]) == ["0.00120", "0.00050", "-0.00010"]
    assert _values([-1e-9, 0.25]) == ["0.00", "0.25"]
    assert _values([3.0, 3.0]) == ["3.00", "3.00"]
    assert _values([300.0, 100.0]) == ["300", "100"]

"""Denoising: the damage in the address, the three rows, one image many times, a drawing, the field."""

import numpy as np
import pytest

from tests.pages.conftest import last, texts
from tests.pages.training import trained

PAGE = "explore/denoising.py"
SHIPPED = "autoencoder-digits"


def test_rows_tries_and_the_chain_are_there_for_images(visit, asked):
    app = visit(PAGE, run=SHIPPED)
    assert not app.exception
    assert last(asked, "reconstructions")["corruption"] == "masking"
    assert last(asked, "corruptions")["n"] == 64
    assert last(asked, "chain")["level"] == 0.3
    text = texts(app)
    assert "One image, damaged 64 times" in text
    assert "Damage, restore, damage again" in text


def test_the_address_sets_the_damage_and_a_change_is_written_into_it(visit, asked):
    app = visit(PAGE, run=SHIPPED, damage="gaussian", level="0.5")
    assert app.slider(key="denoise-level").value == 0.5
    assert last(asked, "reconstructions")["corruption"] == "gaussian"
    app.slider(key="denoise-level").set_value(0.1).run()
    assert app.query_params["level"] == ["0.1"] or app.query_params["level"] == "0.1"
    assert last(asked, "chain")["level"] == 0.1


@pytest.mark.parametrize("level", ["nan", "-3", "1e99", "much"])
def test_nonsense_in_the_address_becomes_a_level_that_can_be(visit, level):
    app = visit(PAGE, run=SHIPPED, damage="fire", level=level)
    assert not app.exception
    assert 0 <= app.slider(key="denoise-level").value <= 0.95


def test_a_run_begins_with_the_damage_that_it_was_trained_against(visit, jobs):
    run = trained(jobs, "autoencoder", "digits", corruption="salt_and_pepper", noise_level=0.2)
    app = visit(PAGE, run=run)
    assert not app.exception
    assert app.segmented_control(key="denoise-kind").value == "salt_and_pepper"
    assert app.slider(key="denoise-level").value == 0.2
    assert "damage" not in app.query_params


def test_no_damage_at_all_is_a_level_too(visit):
    app = visit(PAGE, run=SHIPPED, damage="masking", level="0")
    assert not app.exception
    assert not app.warning


def test_the_clicked_image_is_the_one_that_is_damaged_many_times(visit, asked):
    visit(PAGE, run=SHIPPED)
    rows = last(asked, "reconstructions")
    from core import inference

    position = int(inference.reconstructions(**rows)["position"][3])
    visit(PAGE, run=SHIPPED, image=str(position))
    assert last(asked, "corruptions")["position"] == position
    visit(PAGE, run=SHIPPED, image="no such")
    assert last(asked, "corruptions")["position"] != position


def test_other_noise_is_another_seed(visit, asked):
    app = visit(PAGE, run=SHIPPED)
    before = last(asked, "corruptions")["seed"]
    app.button(key="denoise-again").click().run()
    assert last(asked, "corruptions")["seed"] == before + 1


def test_an_empty_sheet_invites_and_a_drawing_is_asked_about(visit, asked):
    app = visit(PAGE, run=SHIPPED)
    app.segmented_control(key="denoise-source").set_value("My own drawing").run()
    assert "Draw a digit" in texts(app)
    drawn = [[0] * 8 for _ in range(8)]
    drawn[3] = [255] * 8
    app.session_state["denoise-sketch-drawing"] = {
        "pixels": drawn,
        "strokes": [[[0, 0.4], [1, 0.4]]],
    }
    app.run()
    assert not app.exception
    assert last(asked, "corruptions")["x"] == drawn
    assert last(asked, "chain")["x"] == drawn


def test_a_drawing_of_another_size_is_not_handed_on(visit, asked):
    app = visit(PAGE, run=SHIPPED)
    app.session_state["denoise-sketch-drawing"] = {"pixels": [[0] * 28] * 28, "strokes": []}
    app.segmented_control(key="denoise-source").set_value("My own drawing").run()
    assert not app.exception
    assert "Draw a digit" in texts(app)


def test_points_show_the_field_and_where_damaged_ones_go(visit, jobs, asked):
    run = trained(jobs, "autoencoder", "points", distribution="moons")
    app = visit(PAGE, run=run)
    assert not app.exception
    assert last(asked, "reconstructions")["corruption"] == "gaussian"
    assert "salt_and_pepper" not in app.segmented_control(key="denoise-kind").options
    assert any(r"\nabla_x \log p(x)" in element.value for element in app.latex)
    # The film of the field lies in the run's snapshots: no need to ask for it.
    assert "vector_field" not in [task for task, _ in asked]


def test_a_run_from_before_there_were_fields_is_asked_for_one(visit, jobs, asked):
    run = trained(jobs, "autoencoder", "points", distribution="moons")
    store = jobs.store
    first = store.snapshots(run)[0]
    store.write_snapshot(run, first, {"x": np.zeros((4, 2), np.float32)}, {"step": first})
    app = visit(PAGE, run=run)
    assert not app.exception
    assert last(asked, "vector_field")["run"] == run


def test_points_in_space_have_no_field(visit, jobs, asked):
    app = visit(PAGE, run=trained(jobs, "pca", "plane3d"))
    assert not app.exception
    assert not app.latex
    assert last(asked, "reconstructions")


def test_without_a_run_a_click_trains_one_and_the_page_waits_for_it(visit, jobs):
    app = visit(PAGE)
    app.button(key="start-denoise-digits").click().run()
    assert not app.exception
    (run,) = jobs.store.runs(shipped=False)
    assert run.spec.config["corruption"] == "masking"
    assert app.query_params == {"run": [run.id]} or app.query_params == {"run": run.id}
    assert "as soon as the first weights are kept" in texts(app)


def test_the_spiral_can_be_trained_as_it_is_offered(visit, jobs):
    app = visit(PAGE)
    app.button(key="start-denoise-spiral").click().run()
    assert not app.exception
    assert [run.dataset for run in jobs.store.runs(shipped=False)] == ["points"]

"""A person trains on digits: everything they do to a run, and everything that must not disturb it."""

import pytest

from tests.browser import steps
from tests.browser.harness import until


@pytest.fixture
def trainer(visit, server):
    """Somebody in front of a run that is training."""
    visitor = visit(server)
    steps.start_run(visitor)
    yield visitor
    for page in visitor.context.pages:
        button = page.locator(".st-key-control-stop").get_by_role("button")
        if button.count() and button.is_enabled():
            button.click()
            steps.await_state(page, "stopped")
            break


def test_one_click_on_home_shows_digits_within_seconds(visit, server):
    visitor = visit(server)
    visitor.open("/")
    visitor.key("watch-autoencoder").get_by_role("button").click()
    visitor.key("control-bar").wait_for()
    until(lambda: steps.picture_step(visitor.page) > 0, 10, "the first picture")
    until(lambda: min(steps.points(visitor.page), default=0) > 1, 10, "the first curve")
    steps.control(visitor, "stop")
    steps.await_state(visitor.page, "stopped")


def test_curves_and_pictures_grow(trainer):
    page = trainer.page
    until(lambda: steps.points(page), 10, "a chart")
    first, pictured = max(steps.points(page)), steps.picture_step(page)
    until(lambda: max(steps.points(page)) > first, 10, "a longer curve")
    until(lambda: steps.picture_step(page) > pictured, 10, "a newer picture")
    trainer.look()


def test_pause_step_and_resume(trainer):
    page = trainer.page
    steps.await_step(page, 1)
    steps.control(trainer, "pause")
    steps.await_state(page, "paused")
    page.wait_for_timeout(700)
    at = steps.step(page)
    page.wait_for_timeout(1200)
    assert steps.step(page) == at

    steps.control(trainer, "step")
    until(lambda: steps.step(page) == at + 1, 10, "one step more")
    assert steps.state(page) == "paused"

    steps.control(trainer, "play")
    steps.await_state(page, "training")
    steps.await_step(page, at + 2)


def test_the_keyboard_pauses_and_plays(trainer):
    page = trainer.page
    steps.await_step(page, 1)
    page.keyboard.press("p")
    steps.await_state(page, "paused")
    page.keyboard.press("p")
    steps.await_state(page, "training")


def test_a_reload_finds_the_run_still_training(trainer):
    page = trainer.page
    run, before = steps.run_of(page), steps.await_step(page, 1)
    page.reload()
    trainer.settle()
    assert steps.run_of(page) == run
    assert steps.state(page) == "training"
    steps.await_step(page, before + 1)


def test_a_second_tab_sees_and_commands_the_same_run(trainer):
    first, second = trainer.page, trainer.tab()
    trainer.open(f"/train?run={steps.run_of(first)}", page=second)
    steps.await_step(second, 1)
    steps.control(trainer, "pause", page=second)
    steps.await_state(second, "paused")
    steps.await_state(first, "paused")
    until(lambda: steps.step(first) == steps.step(second), 5, "the same step in both")


def test_closing_the_page_stops_nothing(trainer):
    address = trainer.page.url.removeprefix(trainer.server.url)
    before = steps.await_step(trainer.page, 1)
    trainer.page.close()
    trainer.page = trainer.tab()
    trainer.page.wait_for_timeout(500)
    trainer.open(address)
    steps.await_step(trainer.page, before + 1)


def test_somebody_else_may_look_but_not_command(trainer, visit):
    other = visit(trainer.server)
    other.context.set_extra_http_headers({"X-Forwarded-For": "192.0.2.1"})
    other.open(f"/train?run={steps.run_of(trainer.page)}")
    steps.await_step(other.page, 1)
    assert other.key("control-pause").get_by_role("button").is_disabled()
    assert other.key("control-fork").get_by_role("button").is_enabled()


def test_a_live_change_is_logged_and_can_be_undone(trainer):
    page = trainer.page
    steps.await_step(page, 1)
    rate = trainer.key("live-learning_rate").get_by_role("spinbutton")
    rate.fill("0.002")
    rate.press("Enter")
    trainer.key("changes").get_by_text("0.001 → 0.002").wait_for()
    trainer.key("changes").get_by_role("button", name="Undo").click()
    trainer.key("changes").get_by_text("0.002 → 0.001").wait_for()


def test_a_live_change_out_of_range_is_explained_at_the_field(trainer):
    rate = trainer.key("live-learning_rate").get_by_role("spinbutton")
    rate.fill("-1")
    rate.press("Enter")
    trainer.page.get_by_text("Learning rate must be above 0").wait_for()
    assert steps.state(trainer.page) == "training"


def test_the_page_neither_jumps_nor_loses_the_zoom(trainer):
    page = trainer.page
    until(lambda: max(steps.points(page), default=0) > 5, 10, "a curve")
    page.wait_for_timeout(1500)
    box = page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    left, top = box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + box["width"] * 0.3, top + box["height"] * 0.4, steps=5)
    page.mouse.up()
    zoom = "() => document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range.map(Math.round)"
    page.wait_for_timeout(600)
    zoomed, count = page.evaluate(zoom), steps.step(page)

    scroll = "() => document.querySelector('[data-testid=\"stMain\"]').scrollTop"
    page.set_viewport_size({"width": 1280, "height": 500})
    page.evaluate(f"({scroll.replace('scrollTop', 'scrollTo(0, 150)')})()")
    page.wait_for_timeout(300)
    scrolled = page.evaluate(scroll)
    assert scrolled > 0
    steps.await_step(page, count + 50)
    page.wait_for_timeout(1500)
    assert page.evaluate(scroll) == scrolled
    assert page.evaluate(zoom) == zoomed

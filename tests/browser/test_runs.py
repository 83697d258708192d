"""What becomes of trained runs: fork, compare, find, name, remove."""

import pytest

from tests.browser import steps
from tests.browser.harness import until


@pytest.fixture
def ended(visit, server):
    """Somebody in front of a run that is done."""
    visitor = visit(server)
    steps.start_run(visitor, steps=300)
    steps.await_state(visitor.page, "done")
    return visitor


def fork(visitor, **changes) -> str:
    """Fork the run on the page with changed settings; the new run's id."""
    parent = steps.run_of(visitor.page)
    steps.control(visitor, "fork")
    dialog = visitor.page.get_by_role("dialog")
    for name, value in changes.items():
        field = dialog.locator(f".st-key-fork-{name}").get_by_role("spinbutton")
        field.fill(str(value))
        field.press("Enter")
        dialog.get_by_text(f"{name} = {value}").wait_for()
    visitor.key("fork-start").get_by_role("button").click()
    return another_run(visitor, parent)


def another_run(visitor, old: str) -> str:
    """Wait for the page of a run other than ``old``, and load it afresh; the new run's id."""
    until(lambda: steps.run_of(visitor.page) != old, 20, "another run's page")
    run = steps.run_of(visitor.page)
    visitor.open(f"/train?run={run}")
    visitor.key("control-bar").wait_for()
    return run


def test_fork_with_another_rate_and_compare(ended):
    page = ended.page
    parent = steps.run_of(page)
    child = fork(ended, learning_rate=0.005)
    steps.await_state(page, "done")
    ended.key("about-run").get_by_text("This run").click()
    ended.page.get_by_text("Forked from").wait_for()

    ended.open(f"/compare?runs={parent},{child}")
    until(lambda: len(steps.points(page, "compare-chart")) == 2, 10, "two curves")
    differs = page.locator("table").first.inner_text()
    assert "learning rate" in differs
    assert "0.005" in differs
    assert page.locator(".picture").count() == 2


def test_the_table_opens_deletes_and_brings_back(ended):
    page, run = ended.page, steps.run_of(ended.page)
    ended.open("/runs")
    table = ended.key("runs-table").locator(".dvn-scroller")

    def tick() -> None:
        table.click(position={"x": 18, "y": 54})  # a canvas: the box before the first row

    tick()
    until(ended.key("runs-open").get_by_role("button").is_enabled, 10, "a ticked run")
    ended.key("runs-delete").get_by_role("button").click()
    ended.key("runs-undo").get_by_role("button").click()
    page.get_by_text("deleted.").wait_for(state="detached")

    tick()
    until(ended.key("runs-open").get_by_role("button").is_enabled, 10, "a ticked run")
    ended.key("runs-open").get_by_role("button").click()
    ended.key("control-bar").wait_for()
    assert steps.run_of(page) == run


def test_restart_is_a_new_run_with_the_same_numbers(ended):
    page, run = ended.page, steps.run_of(ended.page)
    steps.control(ended, "restart")
    again = another_run(ended, run)
    steps.await_state(page, "done")
    ended.open(f"/compare?runs={run},{again}")
    until(lambda: len(steps.points(page, "compare-chart")) == 2, 10, "two curves")
    first, second = page.evaluate(
        "() => document.querySelector('.js-plotly-plot')._fullData.map(line => Array.from(line.y))"
    )
    assert first == second


def test_time_goes_back(ended):
    page = ended.page
    until(lambda: steps.picture_step(page) == 300, 10, "the last picture")
    slider = page.locator(".picture input[type=range]")
    slider.focus()
    slider.press("Home")
    until(lambda: steps.picture_step(page) < 10, 10, "the first picture")


def test_a_sweep_trains_side_by_side(visit, server):
    visitor = visit(server)
    visitor.open("/train?model=autoencoder&dataset=digits&steps=200")
    visitor.key("sweep").get_by_text("Side by side: vary").click()
    values = visitor.key("sweep-values-seed").get_by_role("textbox")
    values.fill("1, 2")
    values.press("Enter")
    visitor.key("sweep-start").get_by_role("button").click()
    visitor.page.wait_for_url("**/compare?**")
    until(lambda: visitor.page.locator(".picture").count() == 2, 20, "two pictures")

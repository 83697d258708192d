"""The GAN playground: draw what is real and train on it turn by turn; see a collapse, its alarm, and its replay."""

import math
import re

from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.harness import until

# Collapse takes a few thousand steps; on a machine that is shared they may take a while.
COLLAPSE_SECONDS = 150


def picture(page):
    return page.locator(".ground canvas.scene")


def pixels(page) -> str:
    return picture(page).evaluate("canvas => canvas.toDataURL()")


def settled(page) -> str:
    """The picture once its points have come to rest."""
    seen = [""]

    def rests() -> bool:
        page.wait_for_timeout(250)
        seen.append(pixels(page))
        return seen[-1] == seen[-2]

    until(rests, 10, "a picture at rest")
    return seen[-1]


def shown(page) -> int:
    return int(page.locator(".ground").get_attribute("data-step") or -1)


def draw_an_arc(page) -> None:
    box = page.locator(".pad canvas").bounding_box()

    def go(turn: float) -> None:
        x, y = 0.5 + 0.3 * math.cos(turn), 0.5 - 0.3 * math.sin(turn)
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])

    go(0)
    page.mouse.down()
    for k in range(1, 31):
        go(0.15 * k)
    page.mouse.up()


def test_a_drawing_is_learnt_turn_by_turn(visit, server):
    visitor = visit(server)
    page = visitor.page
    visitor.open("/playground")
    page.get_by_text("draw your own").click()
    page.locator(".pad canvas").wait_for()
    expect(visitor.key("begin-good-day").get_by_role("button")).to_be_disabled()
    draw_an_arc(page)
    a_clearing_is_undone(page)
    start = visitor.key("begin-good-day").get_by_role("button")
    expect(start).to_be_enabled()
    until(lambda: "drawing=" in address_of(page), 10, "the drawing in the address")
    start.click()
    until(lambda: shown(page) > 0, 20, "the first picture")
    steps.control(visitor, "pause")
    steps.await_state(page, "paused")
    until(lambda: shown(page) == steps.step(page), 10, "the picture of the last step")
    one_network_at_a_time(visitor)
    an_undo_turns_the_knob_back(visitor)
    slow_motion_names_what_happens(visitor)
    steps.control(visitor, "stop")
    steps.await_state(page, "stopped")


def a_clearing_is_undone(page) -> None:
    """Back come the very points, and before them there was nothing to take back."""
    bar = page.locator(".padbar")
    count = bar.locator("span").inner_text()
    bar.get_by_role("button", name="Clear").click()
    expect(bar.locator("span")).to_have_text("Drag in the square to draw")
    bar.get_by_role("button", name="Undo").click()
    expect(bar.locator("span")).to_have_text(count)
    expect(bar.get_by_role("button", name="Undo")).to_be_enabled()
    bar.get_by_role("button", name="Undo").click()
    expect(bar.get_by_role("button", name="Undo")).to_be_disabled()
    draw_an_arc(page)


def one_network_at_a_time(visitor) -> None:
    """D's turn leaves the points where they are, G's moves them; neither is a step."""
    page = visitor.page
    for layer in ("surface", "push", "manifold"):
        chip = page.locator(f".chip[data-layer={layer}]")
        chip.click()
        expect(chip).to_have_attribute("aria-pressed", "false")  # at once, though nothing moves
    at, points = steps.step(page), settled(page)
    steps.control(visitor, "phase-D")
    page.wait_for_timeout(1000)
    assert settled(page) == points
    steps.control(visitor, "phase-G")
    until(lambda: settled(page) != points, 10, "points that moved")
    assert steps.step(page) == at
    page.locator(".chip[data-layer=surface]").click()
    until(lambda: "layers=real,generated,surface" in address_of(page), 10, "layers in the address")


def an_undo_turns_the_knob_back(visitor) -> None:
    knob = visitor.page.get_by_role("spinbutton", name="Learning rate")
    before = knob.input_value()
    knob.fill("0.0005")
    knob.press("Enter")
    visitor.page.get_by_role("button", name="Undo").click()
    expect(knob).to_have_value(before)


def address_of(page) -> str:
    return page.evaluate("() => decodeURIComponent(location.href)")


def slow_motion_names_what_happens(visitor) -> None:
    page = visitor.page
    page.get_by_text("Slow motion").click()
    steps.control(visitor, "step")
    for event in ("judge", "update D", "generate", "update G"):
        page.locator(f'.networks[data-stage="{event}"]').wait_for()
    expect(page.locator(".said")).to_contain_text("G's turn")
    page.reload()
    visitor.settle()
    expect(page.locator('[class*="st-key-slow-"] input')).to_be_checked()


def data_flow_unless_motion_is_unwelcome(page) -> None:
    def diagram() -> str:
        return page.locator(".networks canvas").evaluate("canvas => canvas.toDataURL()")

    page.emulate_media(reduced_motion="reduce")
    page.wait_for_timeout(200)
    still = diagram()
    page.wait_for_timeout(500)
    assert diagram() == still
    page.emulate_media(reduced_motion="no-preference")
    until(lambda: diagram() != still, 10, "data that flow through the networks")


def test_a_collapse_raises_the_alarm_and_can_be_replayed(visit, server):
    visitor = visit(server, size="laptop")
    page = visitor.page
    visitor.open("/playground")
    visitor.key("begin-collapse").get_by_role("button").click()
    alarm = page.locator(".ground .alarm")
    expect(alarm).to_be_visible(timeout=1000 * COLLAPSE_SECONDS)
    # Whoever teaches has all of it before them: the small projector's first screen holds what one acts with.
    for shown_at_once in (visitor.key("control-bar"), page.locator(".ground .time"), alarm):
        expect(shown_at_once).to_be_in_viewport(ratio=1)
    data_flow_unless_motion_is_unwelcome(page)
    steps.control(visitor, "pause")
    steps.await_state(page, "paused")
    text = alarm.locator(".happened").inner_text()
    last = int(re.search(r"dropped out at step ([\d,]+)", text)[1].replace(",", ""))
    expect(page.locator(".ground .mark").first).to_be_visible()
    alarm.get_by_role("button", name="Jump to it").click()
    until(lambda: shown(page) == last, 10, f"step {last}")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Picture").click()
    assert saved.value.suggested_filename == f"collapse-in-20-seconds-step-{last}.png"
    first = page.locator(".ground .mark").first.get_attribute("aria-label")
    first = int(re.search(r"step ([\d,]+)", first)[1].replace(",", ""))
    page.locator(".ground .replay").click()
    play = page.locator(".ground .play")
    expect(play).to_have_attribute("aria-label", "Pause")
    until(lambda: shown(page) < first, 10, "a moment before the alarm")
    until(lambda: shown(page) >= first, 20, "the alarm itself")
    page.get_by_role("button", name="Newest").click()
    steps.control(visitor, "stop")
    steps.await_state(page, "stopped")

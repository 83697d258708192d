"""The time slider: two runs that share it and one latent cursor, its keys, and the way on from a moment."""

from playwright.sync_api import expect

from core.bench import timeline
from core.runs import Store
from tests.browser import steps
from tests.browser.harness import until

END = 4 * (timeline.SNAPSHOTS - 1)  # steps

# In the page itself: the whole training may play in less time than the test takes to say the next thing.
PLAY_AND_PAUSE = """button => new Promise(done => {
    const slider = button.parentElement.querySelector("input");
    const look = () => slider.value > 0 ? done(button.click()) : requestAnimationFrame(look);
    button.click();
    look();
})"""


def shown(page) -> list[int]:
    """The steps of the pictures on the page."""
    found = page.locator(".picture").all()
    return [int(one.get_attribute("data-step") or -1) for one in found]


def canvas(page, picture: int, panel: str):
    figure = page.locator(".picture").nth(picture).locator("figure:visible")
    return figure.filter(has_text=panel).locator("canvas")


def picture_of(canvas) -> str:
    return canvas.evaluate("canvas => canvas.toDataURL()")


def test_two_runs_on_one_slider_and_on_from_a_moment(visit, server, monkeypatch):
    visitor = visit(server)
    page = visitor.page
    monkeypatch.setattr(timeline, "EVERY", 4)
    store = Store(server.home)
    ids = [timeline.filmed(store, "digits", seed=seed) for seed in (0, 1)]
    store.database.close()
    visitor.open(f"/time?run={ids[0]}&beside={ids[1]}")
    page.locator(".picture[data-loaded=true]").nth(1).wait_for()
    assert shown(page) == [END, END]
    # Once everything is here, nothing more is asked of the server.
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    keys_move_both(page)
    both_play_and_pause(page)
    a_place_is_marked_in_both(page)
    assert not [url for url in asked if "/api/" in url]
    the_fork_begins_at_the_moment(visitor)
    assert steps.run_of(page) not in ids
    steps.await_state(page, "done")


def keys_move_both(page) -> None:
    slider = page.locator(".timeline input[type=range]")
    slider.focus()
    slider.press("Home")
    until(lambda: shown(page) == [0, 0], 5, "the beginning of both")
    slider.press("ArrowRight")
    until(lambda: max(shown(page)) > 0, 5, "the second moment")
    slider.press("ArrowLeft")
    until(lambda: shown(page) == [0, 0], 5, "the beginning again")
    # After a click beside everything the arrows still move the time.
    page.get_by_role("heading", name="Time").click()
    page.keyboard.press("ArrowRight")
    until(lambda: max(shown(page)) > 0, 5, "the second moment")
    page.keyboard.press("ArrowLeft")
    until(lambda: shown(page) == [0, 0], 5, "the beginning once more")


def both_play_and_pause(page) -> None:
    play, slider = page.locator(".timeline .play"), page.locator(".timeline input[type=range]")
    page.get_by_label("Speed of playing").select_option("0.5")
    play.evaluate(PLAY_AND_PAUSE)
    expect(play).to_have_attribute("aria-label", "Play the training")
    place, held = slider.input_value(), shown(page)
    page.wait_for_timeout(600)
    assert (slider.input_value(), shown(page)) == (place, held)
    assert held != [END, END]
    page.get_by_label("Speed of playing").select_option("4")
    slider.press(" ")
    until(lambda: shown(page) == [END, END], 10, "the end of both")


def a_place_is_marked_in_both(page) -> None:
    """Pointed at in one run's square, it is marked in the other's codes; a click pins it."""
    others, square = canvas(page, 1, "codes of"), canvas(page, 0, "Decoded")
    before = picture_of(others)
    square.hover()
    until(lambda: picture_of(others) != before, 5, "the cursor in the other run")
    square.click()
    page.mouse.move(2, 2)
    page.wait_for_timeout(200)
    assert picture_of(others) != before


def the_fork_begins_at_the_moment(visitor) -> None:
    page = visitor.page
    slider = page.locator(".timeline input[type=range]")
    slider.focus()
    slider.press("Home")
    for _ in range(3):
        slider.press("ArrowRight")
    moment = 3 * timeline.EVERY
    until(lambda: shown(page)[0] == moment, 5, "an early moment")
    page.get_by_role("button", name="Continue from here").first.click()
    begin = page.get_by_role("dialog").get_by_role("slider")
    expect(begin).to_have_attribute("aria-valuetext", str(moment))
    visitor.key("fork-start").get_by_role("button").click()
    visitor.key("control-bar").wait_for()
    until(lambda: "/train" in page.url, 10, "the page of the new run")


def test_a_finger_moves_the_slider(visit, server):
    visitor = visit(server, has_touch=True)
    visitor.open("/time?run=vae-digits")
    page = visitor.page
    until(lambda: shown(page)[:1] == [6000], 20, "the last moment")
    slider = page.locator(".timeline input[type=range]").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.touchscreen.tap(box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2)
    until(lambda: 0 < shown(page)[0] < 6000, 10, "an earlier moment")

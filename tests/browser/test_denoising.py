"""Denoising, the field and the view into space as a person uses them: with the mouse, sliders and the keyboard."""

import pytest

from tests.browser import steps
from tests.browser.harness import until

SMALL = {"steps": 300, "n": 500}
INK = """element => {
    const image = element.getContext("2d").getImageData(0, 0, element.width, element.height);
    return image.data.reduce((sum, value, i) => sum + (i % 4 === 0 ? value : 0), 0);
}"""


@pytest.fixture
def person(visit, server):
    return visit(server)


def picture(person, key: str) -> str:
    """What the second canvas shows, the first one being the undamaged image; empty before it is drawn."""
    canvas = person.key(key).locator("canvas").nth(1)
    canvas.wait_for()
    return canvas.evaluate("canvas => canvas.width > 1 ? canvas.toDataURL() : ''")


def drag(person, canvas, places: list[tuple[float, float]]) -> None:
    """Along these places, as shares of the canvas."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    person.page.mouse.move(*at[0])
    person.page.mouse.down()
    for place in at[1:]:
        person.page.mouse.move(*place, steps=6)
    person.page.mouse.up()


def test_the_slider_changes_the_rows_and_a_drawing_is_restored(person):
    person.open("/denoising?run=autoencoder-digits")
    page = person.page
    before = until(lambda: picture(person, "denoise-rows"), 20, "the rows")
    slider = person.key("denoise-level").get_by_role("slider")
    slider.focus()
    for _ in range(4):
        slider.press("ArrowRight")
    page.wait_for_url("**level=0.5**")
    until(lambda: picture(person, "denoise-rows") != before, 20, "other rows")

    page.get_by_role("radio", name="My own drawing").or_(
        page.get_by_role("button", name="My own drawing")
    ).first.click()
    sheet = page.locator("canvas.sheet")
    sheet.wait_for()
    drag(person, sheet, [(0.5, 0.15), (0.5, 0.85)])
    until(lambda: page.locator("canvas.small").evaluate(INK) > 500, 10, "ink in the small image")
    until(lambda: picture(person, "denoise-chain"), 20, "the chain of the drawing")
    page.get_by_role("button", name="Undo", exact=True).click()
    until(lambda: page.locator("canvas.small").evaluate(INK) == 0, 10, "an empty sheet")
    page.get_by_text("Draw a digit").wait_for()
    person.look()


def test_the_field_of_a_run_on_points_stands_on_its_time_slider(person):
    run = steps.start_run(person, dataset="points", distribution="moons", **SMALL)
    steps.await_state(person.page, "done", 60)
    person.open(f"/denoising?run={run}")
    root = person.page.locator(".picture")
    figure = root.locator("figure:visible")
    until(lambda: figure.count() == 1, 20, "one panel")
    assert "sends each place" in figure.inner_text()
    canvas = figure.locator("canvas")
    image = "canvas => canvas.toDataURL()"
    last = canvas.evaluate(image)
    root.get_by_role("slider").evaluate(
        "slider => { slider.value = 0; slider.dispatchEvent(new Event('input')); }"
    )
    until(lambda: root.get_attribute("data-step") == "0", 10, "the first step")
    until(lambda: canvas.evaluate(image) != last, 10, "the field before training")


def test_the_view_into_space_turns_and_zooms_by_keyboard_and_mouse(person):
    run = steps.start_run(person, dataset="plane3d", encoder_sizes="[16]", latent_dim=2, **SMALL)
    steps.await_state(person.page, "done", 60)
    person.open(f"/manifold?run={run}")
    space = person.page.locator(".space")
    space.wait_for()
    read = lambda name: float(space.get_attribute(f"data-{name}") or "nan")  # noqa: E731
    until(lambda: read("yaw") == read("yaw"), 20, "the first drawing")
    yaw = read("yaw")
    space.locator("canvas").focus()
    person.page.keyboard.press("ArrowLeft")
    until(lambda: read("yaw") > yaw, 10, "a turn by keyboard")
    person.page.keyboard.press("+")
    until(lambda: read("zoom") > 1, 10, "a closer look")
    yaw = read("yaw")
    drag(person, space.locator("canvas"), [(0.4, 0.5), (0.6, 0.5)])
    until(lambda: read("yaw") != yaw, 10, "a turn by mouse")
    person.page.keyboard.press("0")
    until(lambda: read("zoom") == 1, 10, "the first view")

    canvas = "canvas => canvas.toDataURL()"
    shown = space.locator("canvas").evaluate(canvas)
    sheet = space.get_by_role("button", name="Autoencoder", exact=True)
    assert sheet.get_attribute("aria-pressed") == "true"
    sheet.click()
    until(lambda: space.locator("canvas").evaluate(canvas) != shown, 10, "a view without it")
    assert sheet.get_attribute("aria-pressed") == "false"

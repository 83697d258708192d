"""Ways through the code as a person walks them: chosen images, a film by keyboard, a file to take along, a lasso."""

import io
import math

import pytest
from PIL import Image

from tests.browser.harness import until

PAINTED = "canvas => canvas.width > 1 ? canvas.toDataURL() : ''"


@pytest.fixture
def person(visit, server):
    return visit(server)


def stops(page) -> list[str]:
    """The examples that the address names."""
    address = page.evaluate("() => new URL(location.href).searchParams.get('images') ?? ''")
    return [part for part in address.split(",") if part]


def saved(page, key: str) -> Image.Image:
    """What a click on a button saves, as a picture."""
    with page.expect_download() as download:
        page.locator(f".st-key-{key}").get_by_role("button").click()
    return Image.open(io.BytesIO(download.value.path().read_bytes()))


def test_images_are_chosen_and_the_film_between_them_plays(person):
    person.open("/latent?run=vae-digits&view=Between")
    page = person.page
    film = page.locator(".film")
    film.wait_for()
    screen = film.locator("canvas").first
    first = until(lambda: screen.evaluate(PAINTED), 20, "the first frame")
    choices = person.key("between-choose").locator("button.item")
    choices.nth(3).click()
    until(lambda: len(stops(page)) == 2, 20, "a stop in the address")
    before = stops(page)
    choices.nth(8).click()
    until(lambda: stops(page)[:1] == before[1:], 20, "the oldest stop to leave")
    until(lambda: screen.evaluate(PAINTED) != first, 20, "another way")

    frame = lambda: int(film.get_attribute("data-frame"))  # noqa: E731
    slider = film.get_by_role("slider")
    slider.focus()
    page.keyboard.press("End")
    assert frame() == 12
    end = screen.evaluate(PAINTED)
    page.keyboard.press("ArrowLeft")
    assert frame() == 11
    assert screen.evaluate(PAINTED) != end
    assert slider.get_attribute("aria-valuetext") == "92% of the way"
    page.keyboard.press("Home")
    film.get_by_label("Speed").select_option("4")
    slider.focus()
    page.keyboard.press("Space")
    until(lambda: frame() > 3, 5, "the film to run")
    page.keyboard.press("Space")
    assert film.get_attribute("data-playing") == "false"
    stood = frame()
    page.wait_for_timeout(300)
    assert frame() == stood

    assert 4 < saved(page, "between-gif").n_frames <= 24  # equal neighbours are one frame
    page.locator(".st-key-between-random").get_by_role("button").click()
    until(lambda: not stops(page), 20, "a random pair")
    person.look()


def test_two_lassos_make_a_direction(person):
    person.open("/latent?run=vae-digits&view=Averages&average=A+direction")
    page = person.page
    page.get_by_text("lasso", exact=True).click()
    for group, (across, down) in {"A": (0.3, 0.4), "B": (0.65, 0.6)}.items():
        page.locator(".st-key-group-marking").get_by_text(group, exact=True).click()
        area = page.locator(f".st-key-group-chart-{group} .nsewdrag").first
        area.wait_for()
        page.wait_for_timeout(1000)  # plotly listens a moment after it has drawn
        box = area.bounding_box()
        ring = [
            (
                box["x"] + box["width"] * (across + 0.2 * math.cos(k / 2)),
                box["y"] + box["height"] * (down + 0.2 * math.sin(k / 2)),
            )
            for k in range(13)
        ]
        page.mouse.move(*ring[0])
        page.mouse.down()
        for place in ring[1:]:
            page.mouse.move(*place, steps=3)
        page.mouse.up()
        page.get_by_text(f"Group {group}:").wait_for()
        until(
            lambda name=group: f"Group {name}: 0 of" not in page.inner_text("body"), 20, "some dots"
        )
    page.get_by_text("An example of B lies further along").wait_for()
    film = page.locator(".film")
    film.wait_for()
    until(lambda: film.get_attribute("data-frame") == "8", 10, "the mean code in the middle")
    assert "k = 0" in film.inner_text()
    person.look()

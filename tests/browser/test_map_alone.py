"""What the hand, the keys and the eyes find on a map of points: the component alone, with made-up data."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser

from tests.browser.maps import MapPage, clusters

N = 3000


@pytest.fixture
def shown(browser: Browser) -> Iterator[Callable[..., MapPage]]:
    """``shown(kept, …)`` is a page with that map; all must leave without an error."""
    pages = []

    def new(kept=None, **options) -> MapPage:
        pages.append(MapPage(browser, clusters(N) if kept is None else kept, **options))
        return pages[-1]

    yield new
    for page in pages:
        page.close()


def drag(page: MapPage, corners: list[tuple[float, float]]) -> None:
    """Press at the first place of the window, and go along the others before letting go."""
    mouse = page.page.mouse
    mouse.move(*corners[0])
    mouse.down()
    for corner in corners[1:]:
        mouse.move(*corner, steps=4)
    mouse.up()


def inside(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Whether points (n, 2) lie in a convex polygon (k, 2) whose corners go round one way."""
    sides = np.roll(corners, -1, axis=0) - corners
    apart = points[:, None] - corners[None]
    turns = sides[None, :, 0] * apart[..., 1] - sides[None, :, 1] * apart[..., 0]
    return (turns > 0).all(1) | (turns < 0).all(1)


def places(page: MapPage) -> np.ndarray:
    """Where all rows stand on the canvas, (n, 2)."""
    return np.array(
        page.value("Array.from({length: map.count}, (_, i) => map.placeOf(i).slice(0, 2))")
    )


def test_pointing_at_a_dot_shows_its_image_and_asks_nobody(shown):
    page = shown()
    page.open()
    page.sheets_here()
    asked = len(page.asked)
    for row in (2, N - 1):
        x, y = page.place(row)
        page.page.mouse.move(x + 1, y)
        page.page.wait_for_function("map.hovered !== null && !map.tip.hidden")
        # Where dots lie on each other another may be as near: it is that one's image that is shown.
        found = page.value("map.hovered")
        middle = (
            "map.tip.querySelector('canvas').getContext('2d').getImageData(14, 14, 1, 1).data[0]"
        )
        assert page.value(middle) == found % 251
        apart = places(page) - places(page)[row]
        assert np.hypot(*apart[found]) <= 9
        words = page.page.locator(".tip p").inner_text()
        assert words == f"{page.kept['y'][found]} · index {found + 7} of test"
        page.page.mouse.move(5, 5)
        page.page.wait_for_function("map.tip.hidden")
    assert len(page.asked) == asked


@pytest.mark.parametrize("dims", [2, 3])
def test_a_lasso_selects_exactly_what_lies_within_it(shown, dims):
    page = shown(clusters(N, dims))
    page.open()
    page.page.get_by_role("button", name="Lasso (L)").click()
    box = page.page.locator(".marked").bounding_box()
    corners = np.array([(0.3, 0.2), (0.7, 0.25), (0.65, 0.7), (0.35, 0.6)]) * [
        box["width"],
        box["height"],
    ]
    drag(page, [tuple(corner + [box["x"], box["y"]]) for corner in [*corners, corners[0]]])
    wanted = np.flatnonzero(inside(places(page), corners))
    assert 0 < len(wanted) < N
    assert page.value("[...map.selected]") == wanted.tolist()
    assert page.page.locator(".chip").inner_text().startswith(f"{len(wanted):,} selected")
    page.page.wait_for_function("told.selected")
    assert page.value("told.selected") == {"count": len(wanted), "positions": (2 * wanted).tolist()}
    # A second one with Shift adds to it, and the button takes all back.
    more = np.array([(0.1, 0.1), (0.4, 0.1), (0.4, 0.5), (0.1, 0.5)]) * [
        box["width"],
        box["height"],
    ]
    page.page.keyboard.down("Shift")
    drag(page, [tuple(corner + [box["x"], box["y"]]) for corner in [*more, more[0]]])
    page.page.keyboard.up("Shift")
    both = np.flatnonzero(inside(places(page), corners) | inside(places(page), more))
    assert page.value("[...map.selected]") == both.tolist()
    page.page.get_by_role("button", name="Clear").click()
    assert page.value("map.selected.length") == 0


def test_zooming_keeps_what_is_under_the_pointer(shown):
    page = shown()
    page.open()
    box = page.page.locator(".marked").bounding_box()
    under = f"map.camera.under({300 - box['x']}, {250 - box['y']})"
    page.page.mouse.move(300, 250)
    before = page.value(under)
    for _ in range(3):
        page.page.mouse.wheel(0, -300)
    page.page.wait_for_function("map.camera.zoom > 2")
    assert page.value(under) == pytest.approx(before, abs=1e-6)
    x, y = page.place(11)
    drag(page, [(500, 300), (560, 340)])
    assert page.place(11) == pytest.approx((x + 60, y + 40), abs=0.01)
    page.page.locator(".marked").focus()
    page.page.keyboard.press("0")
    assert page.value("[map.camera.zoom, map.camera.x, map.camera.y]") == [1, 0, 0]


def test_two_fingers_zoom_about_what_lies_between_them(shown):
    page = shown()
    page.open()
    box = page.page.locator(".marked").bounding_box()
    session = page.context.new_cdp_session(page.page)

    def touch(kind: str, *across: float) -> None:
        points = [{"x": box["x"] + x, "y": box["y"] + 200, "id": k} for k, x in enumerate(across)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    before = page.value("map.camera.under(300, 200)")
    touch("touchStart", 250, 350)
    for k in range(1, 11):
        touch("touchMove", 250 - 5 * k, 350 + 5 * k)
    touch("touchEnd")
    assert page.value("map.camera.zoom") == pytest.approx(2)
    assert page.value("map.camera.under(300, 200)") == pytest.approx(before)
    assert page.value("map.focused") is None


@pytest.mark.parametrize("dims", [2, 3])
def test_fifty_thousand_points_are_drawn_within_a_frame(shown, dims):
    page = shown(clusters(50_000, dims))
    page.open()
    cost = """async () => {
      const costs = [];
      for (let k = 0; k < 9; k++) {
        map.camera.zoomAbout(300, 200, k % 2 ? 1.1 : 1 / 1.1);
        map.draw();
        costs.push(Number(map.root.dataset.cost));
      }
      return costs.sort((a, b) => a - b)[4];
    }"""
    assert page.page.evaluate(cost) < 50


def test_a_selection_is_seen_on_every_map_of_the_same_data_and_stays(shown):
    page = shown()
    page.open()
    other = page.tab()
    page.open(other)
    page.page.evaluate("window.second = open_(map.data, document.createElement('div'))")
    page.page.wait_for_function("second.root.dataset.state === 'open'")
    page.page.evaluate("map.select([3, 5, 8])")
    for tab, name in ((page.page, "map"), (page.page, "second"), (other, "map")):
        tab.wait_for_function(f"[...{name}.selected].join() === '3,5,8'")
    # The next page of the tab, and a tab that is opened later.
    page.page.reload()
    page.page.wait_for_function("window.ready")
    page.open()
    page.page.wait_for_function("map.selected.length === 3")
    third = page.tab()
    page.open(third)
    third.wait_for_function("map.selected.length === 3")
    # Other data have other rows at the same positions.
    page.meta["data"] = "others"
    page.page.evaluate("map.name = null")
    page.open()
    assert page.value("map.selected.length") == 0


def test_the_legend_isolates_and_numbers_come_with_their_scale(shown):
    page = shown()
    page.open()
    legend = page.page.locator(".legend button")
    full = "[...map.level].map((level, i) => (level === 2 ? i : -1)).filter((i) => i >= 0)"
    legend.nth(3).click()
    assert page.value(full) == np.flatnonzero(page.kept["y"] == 3).tolist()
    legend.nth(5).click(modifiers=["Shift"])
    assert page.value(full) == np.flatnonzero(np.isin(page.kept["y"], (3, 5))).tolist()
    assert page.page.locator(".legend button[aria-pressed=true]").all_inner_texts() == ["3", "5"]
    page.page.get_by_label("Colour the points by").select_option("error")
    page.page.wait_for_function("map.column.name === 'error'")
    assert page.value("told.colour") == "error"
    assert page.page.locator(".scale").inner_text().split("\n") == [
        "≤ 30",
        "≥ 2,969 squared, summed",
    ]
    assert page.page.locator(".protocol").inner_text() == "Computed on the test split, exact."
    tints = np.array(page.value("[...map.tint]"))
    assert (np.diff(tints) >= 0).all()
    assert (tints[0], tints[-1]) == (1, 254)
    assert "coloured by reconstruction error" in page.page.locator(".marked").get_attribute(
        "aria-label"
    )


def test_keys_go_from_point_to_point_and_say_it(shown):
    page = shown()
    page.open()
    page.value("void map.on('click', (row) => { window.clicked = row; })")
    page.page.locator(".marked").focus()
    for key, row in (("n", 0), ("n", 1), ("p", 0)):
        page.page.keyboard.press(key)
        said = f"Point {row + 1} of 3,000: {page.kept['y'][row]} · index {row + 7} of test"
        assert page.page.get_by_role("status").filter(has_text="Point").inner_text() == said
    page.page.keyboard.press("Enter")
    assert page.value("clicked") == 0
    before = page.place(0)
    page.page.keyboard.press("ArrowRight")
    assert page.place(0) == pytest.approx((before[0] - 40, before[1]))


def test_frames_glide_and_maps_that_are_together_move_together(shown):
    kept = clusters(N)
    kept["frames"] = np.stack([0.25 * kept["at"], 0.5 * kept["at"], kept["at"]]).astype(np.float16)
    kept["steps"] = np.array([0, 50, 100], np.int32)
    page = shown(kept, step_unit="step")
    page.open(together="pair")
    page.page.evaluate("window.second = open_(map.data, document.createElement('div'))")
    page.page.wait_for_function("second.root.dataset.state === 'open'")
    assert page.page.locator(".when").first.inner_text() == "step 100"
    page.page.get_by_label("Time: drag to see earlier steps").first.focus()
    page.page.keyboard.press("Home")
    for name in ("map", "second"):
        page.page.wait_for_function(f"{name}.root.dataset.frame === '0' && !{name}.time.from")
        found = np.array(page.value(f"[...{name}.at.data]")).reshape(-1, 2)
        assert found == pytest.approx(0.25 * kept["at"], abs=0.02)
    assert page.page.locator(".when").first.inner_text() == "step 0"
    page.page.get_by_role("button", name="Play the training").first.click()
    page.page.wait_for_function("map.root.dataset.frame === 'newest' && !map.time.from")
    assert page.value("second.root.dataset.frame") == "newest"
    assert page.value("[...second.at.data]") == pytest.approx(kept["at"].ravel().tolist())


def test_a_map_that_is_being_made_moves_and_is_loaded_in_the_same_view(shown):
    page = shown()
    kept, page.kept = page.kept, None
    rows = {name: kept[name] for name in ("position", "index", "y")}
    page.live = (rows | {"at": 0.01 * kept["at"]}, page.meta | {"step": 10})
    page.page.evaluate("window.ready = true")
    page.value(
        """window.map = open_({run: 'r', key: 'k', colour: 'class', align_to: '', together: '', live: true,
        panel: false, height: null, colours: ['#3f90da', '#ffa90e']})""".replace(
            "window.map =", "void (window.map ="
        )
        + ")"
    )
    page.page.wait_for_function("map.root.dataset.state === 'live' && map.count === 3000")
    page.page.evaluate("map.camera.zoomAbout(100, 100, 2)")
    page.live = (rows | {"at": 0.5 * kept["at"]}, page.meta | {"step": 60})
    page.page.wait_for_function("map.word.textContent.startsWith('iteration 60')")
    page.live, page.kept = None, kept
    page.page.wait_for_function("map.root.dataset.state === 'open' && !map.time.from")
    assert page.value("map.camera.zoom") == 2
    assert page.value("[...map.at.data.slice(0, 4)]") == pytest.approx(
        kept["at"].ravel()[:4].tolist()
    )


def test_the_bar_is_one_row_on_the_narrowest_screen(shown):
    page = shown(size=(320, 640))
    page.open()
    assert page.page.locator(".bar").bounding_box()["height"] < 40
    assert page.value("document.documentElement.scrollWidth") <= 320

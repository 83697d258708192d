"""What stands beside a map: the point that was clicked, an empty place, a selection, search, new points."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, Route, expect

from core import arrays
from tests.browser.maps import ADDRESS, MapPage, clusters

N = 400
REFUSED = "This method places no new points."


class PanelPage(MapPage):
    """A map whose server also answers the panel. ``questions`` are (what, query, body) in their order."""

    def __init__(self, browser: Browser):
        self.held: list[Route] | None = None  # decodings that wait for their answer, where they do
        self.questions: list[tuple[str, dict[str, str], np.ndarray]] = []
        offers = ("can_decode", "can_place", "can_sample", "can_reconstruct")
        super().__init__(browser, clusters(N, classes=4), **dict.fromkeys(offers, True))
        self.meta["request"] |= {"of": "codes", "method": "pca"}

    def near(self, row: int, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows nearest to a row on the map itself, and their distances."""
        apart = np.linalg.norm(self.kept["at"] - self.kept["at"][row], axis=1)
        apart[row] = np.inf
        rows = apart.argsort()[:k].astype(np.int32)
        return rows, apart[rows].astype(np.float32)

    def _answer(self, route: Route) -> None:
        address = urlsplit(route.request.url.removeprefix(ADDRESS))
        what, _, which = address.path.removeprefix("/api/maps/r/k").strip("/").partition("/")
        if what not in ("near", "images", "decode", "place"):
            super()._answer(route)
            return
        body = route.request.post_data_buffer or b""
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        numbers = np.frombuffer(body, {"images": "<i4", "decode": "<f4"}.get(what, "u1"))
        self.questions.append((what, query | {"which": which}, numbers))
        if what == "near":
            place, distance = self.near(int(which) // 2, int(query["k"]))
            route.fulfill(body=arrays.pack({"place": place, "distance": distance}))
        elif what == "place":
            route.fulfill(status=409, body=REFUSED, content_type="text/plain")
        elif what == "decode" and self.held is not None:
            self.held.append(route)
        else:
            n = len(numbers) if what == "images" else 1
            x = np.full((n, 1, 28, 28), 200, np.uint8)
            route.fulfill(body=arrays.pack({"x": x, "x_hat": x // 2}))

    def click(self, row: int) -> None:
        self.page.mouse.click(*self.place(row))

    def asked_of(self, what: str) -> list[tuple[dict[str, str], np.ndarray]]:
        return [(query, body) for name, query, body in self.questions if name == what]


@pytest.fixture(scope="module")
def panel(browser: Browser) -> Iterator[PanelPage]:
    """One page for all: each test leaves the map as it found it."""
    page = PanelPage(browser)
    page.open(panel=True)
    page.sheets_here()
    yield page
    page.close()


@pytest.fixture(autouse=True)
def afresh(panel: PanelPage) -> None:
    panel.page.mouse.move(1, 1)
    panel.value(
        "map.select([]); map.isolate(null); map.whole(); Object.values(map.parts[0].cards).map((c) => c.close())"
    )
    panel.page.wait_for_function("!map.moving && !map.due && map.parts[0].root.dataset.card === ''")
    panel.questions.clear()


def lonely(panel: PanelPage) -> int:
    """A row that no other lies over, so that a click finds just it."""
    at = panel.kept["at"]
    apart = np.linalg.norm(at[:, None] - at, axis=2) + np.eye(N) * 1e9
    return int(apart.min(axis=1).argmax())


def test_a_point_and_its_neighbours_by_mouse_and_keys(panel):
    page, row = panel.page, lonely(panel)
    panel.click(row)
    rows, distances = panel.near(row, 10)
    page.wait_for_function("map.marks.near.length === 10")
    assert panel.value("map.marks.focus") == row
    assert panel.value("map.marks.near") == rows.tolist()
    captions = [float(text) for text in page.locator(".point .caption").all_inner_texts()]
    assert captions == pytest.approx(distances, rel=0.01)
    y = panel.kept["y"]
    same = int((y[rows] == y[row]).sum())
    expect(page.locator(".point")).to_contain_text(f"{same} of 10 share its class")
    expect(page.locator(".point .head")).to_contain_text(f"Index {row + 7} of the test split")

    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Cosine").click()
    page.wait_for_function("map.marks.near.length === 11")
    query, _ = panel.asked_of("near")[-1]
    assert (query["which"], query["k"], query["metric"]) == (str(2 * row), "11", "cosine")

    page.locator(".point .item").nth(2).click()
    page.wait_for_function(f"map.marks.focus === {rows[2]}")
    page.keyboard.press("Escape")
    expect(page.locator(".mappanel")).to_have_attribute("data-card", "")
    assert panel.value("[map.marks.focus, map.marks.near.length]") == [None, 0]


def test_an_empty_place_is_decoded_and_its_mark_dragged_with_one_question_at_a_time(panel):
    page = panel.page
    box = page.locator(".marked").bounding_box()
    panel.held = []
    panel.value("map.tell('empty', map.camera.under(60, 60))")
    mark = page.locator(".placemark")
    expect(mark).to_be_visible()
    at = mark.bounding_box()
    page.mouse.move(at["x"] + 11, at["y"] + 11)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 260, steps=20)
    page.mouse.up()
    assert len(panel.asked_of("decode")) == 1
    (first,), panel.held = panel.held, None
    panel._answer(first)
    page.wait_for_function("!map.parts[0].cards.place.decoded.busy")
    decoded = panel.asked_of("decode")
    assert decoded[-1][1] == pytest.approx(panel.value("map.camera.under(300, 260)"), rel=1e-4)
    assert len(decoded) == 3  # the held one was noted again when it was answered
    # The mark stays on its place while the map moves under it.
    panel.value("map.camera.pan(50, -20); map.move()")
    page.wait_for_function("!map.moving && !map.due")
    moved = mark.bounding_box()
    assert (moved["x"] + 11 - box["x"], moved["y"] + 11 - box["y"]) == pytest.approx(
        (350, 240), abs=1.5
    )


def test_a_selection_is_counted_and_its_images_are_in_the_page_already(panel):
    page, y = panel.page, panel.kept["y"]
    chosen = np.flatnonzero(panel.kept["at"][:, 0] > np.median(panel.kept["at"][:, 0]))
    panel.value("map.colourBy('error')")
    panel.value(f"map.select({chosen.tolist()})")
    expect(page.locator(".chosen .head")).to_contain_text(
        f"{len(chosen)} selected, 50 % of the map"
    )
    counts = [int(text) for text in page.locator(".bars output").all_inner_texts()]
    assert counts == np.bincount(y[chosen], minlength=4).tolist()
    # The colour column of this page is the row's own number.
    mean = float(page.locator(".chosen .mean").inner_text().split("mean ")[1].split(",")[0])
    assert mean == pytest.approx(chosen.mean(), abs=0.06)
    assert page.locator(".many .item").count() == 60
    assert not panel.asked_of("images")
    page.get_by_role("button", name="Another 60").click()
    page.get_by_role("button", name="Reconstructions").click()
    page.wait_for_function("!map.parts[0].cards.chosen.images.busy")
    assert [body.tolist() for _, body in panel.asked_of("images")] == [chosen[60:120].tolist()]
    page.get_by_role("button", name="Images", exact=True).last.click()
    panel.value("map.colourBy('class')")
    page.locator(".chosen").get_by_role("button", name="Clear").click()
    assert panel.value("map.selected.length") == 0


def test_classes_and_points_are_found_by_name_and_number(panel):
    page = panel.page
    field = page.get_by_role("combobox", name="Find")
    field.fill("2")
    expect(page.locator(".offer").first).to_contain_text("class 2")
    field.press("Enter")
    assert panel.value("[...map.legend.isolated]") == [2]
    field.fill("index 31")
    field.press("Enter")
    page.wait_for_function("map.marks.focus === 24")
    assert panel.value("map.placeOf(24).slice(0, 2)") == pytest.approx(
        panel.value("[map.camera.width / 2, map.camera.height / 2]"), abs=0.5
    )
    field.fill(str(10**6))
    expect(page.locator(".offers")).to_contain_text(f"None of the {N} points")


def test_what_cannot_be_placed_is_said_and_the_map_goes_on(panel):
    page = panel.page
    page.get_by_role("button", name="64 samples").click()
    expect(page.locator(".mappanel .note")).to_have_text(REFUSED)
    assert panel.asked_of("place")[0][0] == {"samples": "64", "seed": "0", "which": ""}
    assert panel.value("map.root.dataset.state") == "open"

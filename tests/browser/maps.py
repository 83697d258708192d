"""A map of points alone in a page, with made-up data: no server, so that what the hand sees can be told exactly."""

import io
import json
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, Route

from core import arrays
from core.figures.palette import CLASSES, GENERATED, REAL
from pages.ui import map as code_map

ADDRESS = "http://maps.test"
THEMES = {
    "light": ("#ffffff", "#31333f", "#f0f2f6", "#d9dbe0"),
    "dark": ("#0e1117", "#fafafa", "#262730", "#3d4044"),
}
HOST = """<!doctype html><meta charset="utf-8"><title>map</title>
<style>body {{ margin: 16px; background: {0}; }} #host {{ --st-background-color: {0}; --st-text-color: {1};
--st-secondary-background-color: {2}; --st-border-color: {3}; --st-primary-color: #3f90da; --st-base-radius: 8px;
--st-font: sans-serif; }} {4}</style>
<div id="host"></div>
<script type="module">
import show from "/map.mjs";
window.told = {{}};
window.host = document.querySelector("#host");
const setStateValue = (name, value) => {{ told[name] = value; }};
window.open_ = (data, at = host) => {{
  if (!at.isConnected) document.body.append(at);
  show({{ parentElement: at, data, setStateValue }});
  return at.codeMap;
}};
window.ready = true;
</script>"""


def clusters(n: int, dims: int = 2, classes: int = 10, seed: int = 0) -> dict[str, np.ndarray]:
    """What a kept map holds: ``n`` points in as many clouds as classes, at places that a seed decides."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, n).astype(np.int32)
    middles = rng.normal(size=(classes, dims)) * 12
    at = (middles[y] + rng.normal(size=(n, dims)) * rng.uniform(1, 3, (classes, 1))[y]).astype(
        np.float32
    )
    return {
        "at": at,
        "y": y,
        "position": np.arange(n, dtype=np.int32) * 2,
        "index": np.arange(n, dtype=np.int32) + 7,
    }


def sheet(first: int, count: int, side: int) -> bytes:
    """The thumbnails of rows from ``first`` on, 50 in a row: row i is grey, i mod 251, with a black rim. A PNG."""
    rows = -(-count // 50)
    pixels = np.zeros((rows * side, 50 * side), np.uint8)
    inner = slice(2, side - 2)
    for k in range(count):
        top, left = k // 50 * side, k % 50 * side
        pixels[top : top + side, left : left + side][inner, inner] = (first + k) % 251
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "png")
    return out.getvalue()


class MapPage:
    """A page with one map. ``asked`` are the addresses that it has fetched."""

    def __init__(
        self,
        browser: Browser,
        kept: dict[str, np.ndarray],
        size=(1000, 800),
        theme="light",
        **meta: Any,
    ):
        self.asked: list[str] = []
        self.faults: list[str] = []
        self.kept: dict[str, np.ndarray] | None = kept
        self.live: tuple[dict[str, np.ndarray], dict] | None = None
        self.theme = theme
        n, dims = kept["at"].shape
        self.meta = {
            "request": {"run": "r", "split": "test", "method": "tsne"},
            "title": "t-SNE of codes",
            "axes": [f"t-SNE {k + 1}" for k in range(dims)],
            "classes": [str(k) for k in range(int(kept["y"].max()) + 1)],
            "total": n,
            "shape": [1, 28, 28],
            "data": "made-up",
            "kind": "images",
            "step_unit": "iteration",
            "columns": [
                {"name": "class", "title": "class"},
                {"name": "error", "title": "reconstruction error"},
            ],
        } | meta
        self.columns = {"error": np.arange(n, dtype=np.float32)}
        self.sheet = lambda first, count: sheet(first, count, 28)
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, accept_downloads=True
        )
        self.page = self.tab()

    def tab(self) -> Page:
        """A further tab of the same browser, with a map of the same data."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.route(f"{ADDRESS}/**", self._answer)
        page.goto(f"{ADDRESS}/")
        page.wait_for_function("window.ready", timeout=10_000)
        return page

    def _answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(ADDRESS).split("?")[0]
        if path == "/":
            page = HOST.format(*THEMES[self.theme], code_map.style())
            route.fulfill(body=page, content_type="text/html")
            return
        if path == "/map.mjs":
            route.fulfill(body=code_map.script(), content_type="text/javascript")
            return
        self.asked.append(path)
        what = path.removeprefix("/api/maps/r/k").strip("/")
        if not what and self.kept is None:
            route.fulfill(status=204)
        elif not what:
            route.fulfill(body=arrays.pack(self.kept, self.meta))
        elif what == "live" and self.live is not None:
            route.fulfill(body=arrays.pack(*self.live))
        elif what.startswith("sheet/"):
            first = 2500 * int(what.split("/")[1])
            count = min(2500, len(self.kept["at"]) - first)
            route.fulfill(body=self.sheet(first, count), content_type="image/png")
        elif what.startswith("column/"):
            values = self.columns[what.split("/")[1]]
            meta = {
                "kind": "number",
                "unit": "squared, summed",
                "protocol": "Computed on the test split, exact.",
            }
            route.fulfill(body=arrays.pack({"values": values}, meta))
        else:
            route.fulfill(status=204)

    def open(self, page: Page | None = None, **data: Any) -> None:
        """Show the map, and wait until it is drawn."""
        page = page or self.page
        given = {
            "run": "r",
            "key": "k",
            "colour": "class",
            "align_to": "",
            "together": "",
            "live": False,
        }
        given |= {"panel": False, "height": None, "colours": list(CLASSES), "accent": REAL}
        given |= {"generated": GENERATED} | data
        page.evaluate(f"window.map = open_({json.dumps(given)})")
        page.wait_for_function(
            "map.root.dataset.state === 'open' && map.root.dataset.cost && map.column"
        )

    def sheets_here(self) -> None:
        """Wait until all thumbnails are in the page."""
        self.page.wait_for_function("map.sheets.complete", timeout=60_000)

    def value(self, expression: str) -> Any:
        """A value of the page."""
        return self.page.evaluate(expression)

    def place(self, row: int) -> tuple[float, float]:
        """Where a row stands in the window."""
        x, y = self.value(f"map.placeOf({row}).slice(0, 2)")
        box = self.page.locator(".marked").bounding_box()
        return box["x"] + x, box["y"] + y

    def close(self) -> None:
        """Leave; fails if the page had an error."""
        self.context.close()
        assert not self.faults, "\n".join(self.faults)

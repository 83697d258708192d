"""Maps in Chromium without a GPU: frames a second, how soon a result can be handled, what thumbnails ask for.

The component stands alone on a page of Streamlit, with the program's own routes and workers behind it. The maps are
clouds of made-up places; their images are MNIST's.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from core.analysis.maps.request import requested
from core.bench.browser import PATIENCE, Server, chromium
from core.bench.latent import FIND
from core.runs.maps import KeptMaps

__all__ = ["GOALS", "bench_maps_in_browser"]

GOALS = {"frames": 20.0, "interactive": 1.0, "requests": 0}
RUN = "vae-mnist"
MANY, USUAL = 50_000, 10_000
CLASSES = 10
SETTLE_MS = 1500
HOVERS = 200
SCRIPT = """import streamlit as st
from pages.ui.map import code_map

asked = st.query_params
code_map(asked["run"], asked["key"], widget_key="map", live="live" in asked, panel=False)
"""
APP = """import streamlit as st
from explorer import lifespan
from pages.routes import ROUTES

app = st.App({script!r}, lifespan=lifespan, routes=ROUTES)
"""
# One event a frame, as fast as frames come; the map must have been drawn for each that counts.
FRAMES = f"""
([kind, seconds]) => new Promise((resolve) => {{
  {FIND}
  const root = find(document, ".map");
  const canvas = root.querySelector(".marked");
  const box = canvas.getBoundingClientRect();
  const middle = {{ clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 }};
  const drawn = () => Number(root.dataset.drawn);
  const [times, costs] = [[], []];
  let [began, before, had, k] = [null, null, drawn(), 0];
  const turn = (now) => {{
    began ??= now;
    if (before !== null && drawn() > had) {{
      times.push(now - before);
      costs.push(Number(root.dataset.cost));
    }}
    had = drawn();
    before = now;
    if (now - began > 1000 * seconds) return resolve({{ times, costs }});
    const back = Math.floor(k++ / 4) % 2;
    const event = kind === "pan"
      ? new KeyboardEvent("keydown", {{ key: back ? "ArrowLeft" : "ArrowRight", cancelable: true }})
      : new WheelEvent("wheel", {{ ...middle, deltaY: back ? 60 : -60, cancelable: true }});
    canvas.dispatchEvent(event);
    requestAnimationFrame(turn);
  }};
  requestAnimationFrame(turn);
}})
"""
# The moment, in milliseconds since 1970, at which the map is drawn, knows its colours and has taken a key.
USABLE = f"""
() => new Promise((resolve) => {{
  {FIND}
  const look = () => {{
    const root = find(document, ".map");
    if (root?.dataset.state !== "open" || !root.querySelector(".legend button")) return requestAnimationFrame(look);
    const drawn = root.dataset.drawn;
    root.querySelector(".marked").dispatchEvent(new KeyboardEvent("keydown", {{ key: "+", cancelable: true }}));
    const moved = () => (root.dataset.drawn !== drawn ? resolve(Date.now()) : requestAnimationFrame(moved));
    moved();
  }};
  look();
}})
"""
# Milliseconds from the browser's event to the thumbnail, at so many places of the canvas where points are.
HOVER = f"""
(count) => new Promise((resolve) => {{
  {FIND}
  const map = find(document, ".map");
  const canvas = map.querySelector(".marked");
  const tip = map.querySelector(".tip");
  const box = canvas.getBoundingClientRect();
  const found = [];
  let k = 0;
  const next = () => {{
    if (k++ >= count) return resolve(found);
    const [x, y] = [0.3 + 0.4 * ((k * 0.754877) % 1), 0.3 + 0.4 * ((k * 0.569840) % 1)];
    const before = map.dataset.hovered;
    const began = performance.now();
    const place = {{ clientX: box.left + x * box.width, clientY: box.top + y * box.height }};
    canvas.dispatchEvent(new PointerEvent("pointermove", {{ ...place, pointerType: "mouse" }}));
    let frames = 0;
    const look = () => {{
      if (map.dataset.hovered !== before && !tip.hidden) {{
        found.push(performance.now() - began);
        return next();
      }}
      if (frames++ > 3) return next(); // there is no point at this place
      requestAnimationFrame(look);
    }};
    look();
  }};
  next();
}})
"""


def bench_maps_in_browser(seconds: float = 4.0, rounds: int = 3) -> list[dict[str, Any]]:
    """One row a figure: ``bench``, ``value``, ``unit``, ``goal``, ``protocol`` and ``parts``.

    Each pan and zoom is watched for so many ``seconds``; the time from a result to a map that can be handled is the
    median of ``rounds``. Raises ``ExplorerError`` without Chromium.
    """
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        home = Path(folder) / "home"
        with Server(home, _app(Path(folder))) as server:
            server.wait_warm()
            maps = KeptMaps(home)
            frames = {
                f"{kind}, {dims}-D": _frames(browser, server, maps, kind, dims, seconds)
                for dims in (2, 3)
                for kind in ("pan", "zoom")
            }
            waits = [_wait(browser, server, maps, k) for k in range(rounds)]
            hovers, requests = _hovers(browser, server, maps)
    return [_frames_row(frames), _wait_row(waits), _hover_row(hovers, requests)]


def _app(folder: Path) -> Path:
    script, app = folder / "page.py", folder / "app.py"
    script.write_text(SCRIPT, encoding="utf-8")
    app.write_text(APP.format(script=str(script)), encoding="utf-8")
    return app


def _keep(maps: KeptMaps, n: int, dims: int, key: str) -> None:
    """A map of ``n`` places in ten clouds, as the program keeps one of its own."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, CLASSES, n).astype(np.int32)
    at = 9 * rng.normal(size=(CLASSES, dims))[y] + rng.normal(size=(n, dims))
    rows = np.arange(n, dtype=np.int32)
    request = requested(
        {"run": RUN, "step": 0, "of": "pixels", "method": "pca", "dims": dims, "n": n}
    )
    meta = {
        "request": request.model_dump(mode="json"),
        "title": "Made-up places",
        "axes": [f"x{k}" for k in range(1, dims + 1)],
        "classes": [str(k) for k in range(CLASSES)],
        "total": n,
        "kind": "images",
        "shape": [1, 28, 28],
        "data": f"bench {dims}",
        "columns": [{"name": "class", "title": "Class"}],
        "step_unit": "iteration",
        "facts": {},
    }
    maps.write(
        RUN, key, {"at": at.astype(np.float32), "y": y, "position": rows, "index": rows}, meta
    )


@contextmanager
def _page(browser: Any, server: Server, key: str, live: bool = False) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(f"{server.url}/?run={RUN}&key={key}{'&live=1' if live else ''}")
    try:
        yield page
    finally:
        context.close()


def _frames(
    browser: Any, server: Server, maps: KeptMaps, kind: str, dims: int, seconds: float
) -> dict[str, float]:
    """Frames a second while the view moves with each, and milliseconds that our drawing takes of one."""
    key = f"{dims:020d}"
    _keep(maps, MANY, dims, key)
    with _page(browser, server, key) as page:
        page.wait_for_selector('.map[data-state="open"]')
        page.wait_for_timeout(SETTLE_MS)
        found = page.evaluate(FRAMES, [kind, seconds])
    return {
        "frames": 1000 * len(found["times"]) / sum(found["times"]),
        "drawing": statistics.median(found["costs"]),
    }


def _wait(browser: Any, server: Server, maps: KeptMaps, k: int) -> float:
    """Seconds from the moment at which a map is kept until a page that waits for it can be used."""
    key = f"{100 + k:020d}"
    with _page(browser, server, key, live=True) as page:
        page.wait_for_selector('.map[data-state="waiting"]', state="attached")
        page.wait_for_timeout(SETTLE_MS)
        _keep(maps, USUAL, 2, key)
        kept = time.time()
        return page.evaluate(USABLE) / 1000 - kept


def _hovers(browser: Any, server: Server, maps: KeptMaps) -> tuple[list[float], int]:
    """Milliseconds until each thumbnail, and how many requests the page made for all of them."""
    key = "9" * 20
    _keep(maps, USUAL, 2, key)
    with _page(browser, server, key) as page:
        page.wait_for_selector(f'.map[data-sheets="{USUAL // 2500}"]')
        page.wait_for_timeout(SETTLE_MS)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        found = page.evaluate(HOVER, HOVERS)
    return found, len(asked)


def _frames_row(found: dict[str, dict[str, float]]) -> dict[str, Any]:
    return {
        "bench": f"pan and zoom of {MANY:,} points",
        "value": min(one["frames"] for one in found.values()),
        "unit": "frames/s",
        "goal": GOALS["frames"],
        "protocol": "the slowest of pan and zoom, flat and in space; an event with every frame, 1440 × 900, no GPU",
        "parts": {
            f"{name} {part}": value for name, one in found.items() for part, value in one.items()
        },
    }


def _wait_row(seconds: list[float]) -> dict[str, Any]:
    return {
        "bench": f"from the result to a map of {USUAL:,} points that can be handled",
        "value": statistics.median(seconds),
        "unit": "s",
        "goal": GOALS["interactive"],
        "protocol": "from the map being kept to the answer to a key, in a page that waits for it; "
        f"median of {len(seconds)}",
        "parts": {"slowest": max(seconds)},
    }


def _hover_row(milliseconds: list[float], requests: int) -> dict[str, Any]:
    return {
        "bench": f"requests for {len(milliseconds)} thumbnails under the pointer",
        "value": requests,
        "unit": "requests",
        "goal": GOALS["requests"],
        "protocol": f"{USUAL:,} points of MNIST, once the page has its sheets",
        "parts": {"milliseconds to a thumbnail, median": statistics.median(milliseconds)},
    }

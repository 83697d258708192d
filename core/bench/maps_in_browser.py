"""Maps in Chromium without a GPU: frames a second, how soon a result can be handled, what thumbnails ask for.

The explorer's own page shows maps of the codes that the shipped stacked autoencoder gives to MNIST.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.bench.browser import PATIENCE, Server, chromium, environment
from core.bench.latent import FIND
from core.errors import ExplorerError
from core.settings import ROOT

__all__ = ["GOALS", "bench_maps_in_browser"]

GOALS = {"frames": 20.0, "interactive": 1.0, "requests": 0}
RUN = "stacked-mnist"
MANY, USUAL, SHEET = 50_000, 10_000, 2_500
SETTLE_MS = 1500
LOOK_SECONDS = 0.002
HOVERS = 200
# Few iterations: what is measured begins where a map ends.
QUICK = "&tsne-iterations=50&tsne-exaggeration_iterations=20"
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


def bench_maps_in_browser(
    data_dir: str | None = None, seconds: float = 4.0, rounds: int = 3
) -> list[dict[str, Any]]:
    """One row a figure: ``bench``, ``value``, ``unit``, ``goal``, ``protocol`` and ``parts``.

    Each pan and zoom is watched for so many ``seconds``; the time from a result to a map that can be handled is the
    median of ``rounds``. Raises ``ExplorerError`` without Chromium or MNIST.
    """
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        home = Path(folder) / "home"
        for dims in (2, 3):
            _make(home, data_dir, "train", MANY, dims)
        _make(home, data_dir, "test", USUAL, 2)
        with Server(home, data_dir=data_dir) as server:
            server.wait_warm()
            frames = {
                f"{kind}, {dims}-D": _frames(browser, server, kind, dims, seconds)
                for dims in (2, 3)
                for kind in ("pan", "zoom")
            }
            waits = [_wait(browser, server, seed) for seed in range(rounds)]
            hovers, requests = _hovers(browser, server)
    return [_frames_row(frames), _wait_row(waits), _hover_row(hovers, requests)]


def _make(home: Path, data_dir: str | None, split: str, n: int, dims: int) -> None:
    """Have the command line make and keep a map by PCA, which the page then finds."""
    choices = {"method": "pca", "split": split, "n": n, "dims": dims}
    options = [part for name, value in choices.items() for part in (f"--{name}", str(value))]
    made = subprocess.run(
        [sys.executable, "-m", "core", "project", RUN, *options],
        cwd=ROOT,
        check=False,
        env=environment(home, data_dir),
        capture_output=True,
        text=True,
    )
    if made.returncode:
        raise ExplorerError(made.stderr.strip().splitlines()[-1])


@contextmanager
def _page(browser: Any, server: Server, choices: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(f"{server.url}/projections?run={RUN}&{choices}")
    try:
        yield page
    finally:
        context.close()


def _frames(browser: Any, server: Server, kind: str, dims: int, seconds: float) -> dict[str, float]:
    """Frames a second while the view moves with each, and milliseconds that our drawing takes of one."""
    choices = f"method=PCA&split=train&points={MANY}&dims={dims}"
    with _page(browser, server, choices) as page:
        page.wait_for_selector(f'.map[data-state="open"][data-sheets="{MANY // SHEET}"]')
        page.wait_for_timeout(SETTLE_MS)
        found = page.evaluate(FRAMES, [kind, seconds])
    return {
        "frames": 1000 * len(found["times"]) / sum(found["times"]),
        "drawing": statistics.median(found["costs"]),
    }


def _wait(browser: Any, server: Server, seed: int) -> float:
    """Seconds from the moment at which a t-SNE map is kept until the page that waits for it can be used."""
    choices = f"method=t-SNE&points={USUAL}&tsne-seed={seed}{QUICK}"
    with _page(browser, server, choices) as page:
        page.get_by_role("button", name="Make the map").click()
        page.wait_for_selector('.map[data-state="live"]', state="attached")
        page.evaluate(f"() => {{ window.usable = ({USABLE})(); }}")
        folder = server.home / "maps" / RUN
        before = set(folder.glob("*.safetensors"))
        end = time.monotonic() + PATIENCE
        while set(folder.glob("*.safetensors")) <= before:
            if time.monotonic() > end:
                raise ExplorerError("The map of this bench was not made in time.")
            time.sleep(LOOK_SECONDS)
        kept = time.time()
        return page.evaluate("() => window.usable") / 1000 - kept


def _hovers(browser: Any, server: Server) -> tuple[list[float], int]:
    """Milliseconds until each thumbnail, and how many requests the page made for all of them."""
    with _page(browser, server, f"method=PCA&points={USUAL}") as page:
        page.wait_for_selector(f'.map[data-sheets="{USUAL // SHEET}"]')
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
        "protocol": "PCA of codes, the slowest of pan and zoom, flat and in space; an event with every frame, "
        "1440 × 900, no GPU",
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
        "protocol": "t-SNE, from the map being kept to the answer to a key, in the page that waits for it; "
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

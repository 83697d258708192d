"""What a visitor waits for: the first page of a cold server, and the first point of a loss curve after a click."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from core.bench.browser import PATIENCE, Server, chromium, with_bytecode
from core.settings import ROOT

__all__ = ["GOALS", "bench_start"]

GOALS = {"page": 1.3, "warm_click": 0.5, "cold_click": 5.0}
START = ".st-key-watch-autoencoder button"
POINT = ".st-key-curves-chart .scatterlayer .trace"
EMPTY = "[data-testid=stButton] button"
FORBIDDEN = ("torch", "sklearn", "umap")

STANDS = "(button) => document.querySelector(button)?.getClientRects().length"
# Clicks, then looks at every animation frame: what the visitor sees, without the bench's own delays. Components draw
# in shadow roots, which querySelector does not enter.
CLICK = """
([button, point]) => new Promise((resolve) => {
  const find = (root, selector) => root.querySelector(selector) ||
    [...root.querySelectorAll("*")].filter((e) => e.shadowRoot)
      .map((e) => find(e.shadowRoot, selector)).find(Boolean);
  const clicked = performance.now();
  find(document, button).click();
  const look = () => find(document, point)
    ? resolve((performance.now() - clicked) / 1000) : requestAnimationFrame(look);
  look();
})
"""


def bench_start(rounds: int = 5) -> dict[str, Any]:
    """Medians of ``rounds``, in seconds: first pages (ours and an empty app's in turn), clicks, and imports.

    ``page`` counts from the first request of a fresh browser to a server that has just begun to answer, ``launch``
    from the start of the server's process; both end when the page's button stands there.
    """
    found: dict[str, list[float]] = {}
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        _visit(
            browser, Server.empty(Path(folder)), EMPTY
        )  # the browser's own first steps count for nobody
        for i in range(rounds):
            page, launch = _visit(browser, Server.empty(Path(folder)), EMPTY)
            ours, ours_launch, cold = _visit_ours(browser, Path(folder) / str(i))
            warm = _click_warm(browser, Path(folder) / f"warm{i}")
            for name, value in {
                "empty_page": page,
                "empty_launch": launch,
                "page": ours,
                "launch": ours_launch,
                "cold_click": cold,
                "warm_click": warm,
            }.items():
                found.setdefault(name, []).append(value)
    pairs = zip(found["page"], found["empty_page"], strict=True)
    launches = zip(found["launch"], found["empty_launch"], strict=True)
    return {
        **{name: statistics.median(values) for name, values in found.items()},
        "unit": "seconds",
        "rounds": rounds,
        "ratio": statistics.median(a / b for a, b in pairs),
        "ratio_launch": statistics.median(a / b for a, b in launches),
        "goals": GOALS,
        "imports": {what: _import(what) for what in ("core", "core.cli", "streamlit", "torch")},
        "forbidden_imports": _forbidden(),
    }


def _visit(browser: Any, server: Server, button: str) -> tuple[float, float]:
    """Seconds to the first page, since the request and since the server's launch."""
    with server:
        page, asked = _open(browser, server, button)
        now = time.perf_counter()
        page.context.close()
        return now - asked, now - server.started


def _visit_ours(browser: Any, home: Path) -> tuple[float, float, float]:
    """The same of the explorer, and the seconds to the first loss point after a click at the first moment."""
    with Server(home) as server:
        page, asked = _open(browser, server, START)
        now = time.perf_counter()
        clicked = page.evaluate(CLICK, [START, POINT])
        page.context.close()
        return now - asked, now - server.started, clicked


def _click_warm(browser: Any, home: Path) -> float:
    """Seconds from a click to the first loss point, with the workers warm and the page open."""
    with Server(home) as server:
        server.wait_warm()
        page, _ = _open(browser, server, START)
        page.wait_for_timeout(2000)  # a person looks before clicking, and the page settles
        clicked = page.evaluate(CLICK, [START, POINT])
        page.context.close()
        return clicked


def _open(browser: Any, server: Server, button: str) -> tuple[Any, float]:
    """A page in a fresh profile, once its button stands there, and when it was asked for."""
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.set_default_timeout(PATIENCE * 1000)
    asked = time.perf_counter()
    page.goto(server.url, wait_until="commit")
    # Looked for at every animation frame: playwright's own waiting for an element that is drawn anew pauses for up to
    # half a second between two looks.
    page.wait_for_function(STANDS, arg=button, polling="raf")
    return page, asked


def _import(module: str) -> float:
    """Seconds that ``import module`` takes in a fresh process, the median of three."""
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    return statistics.median(float(_python(code)) for _ in range(3))


def _forbidden() -> list[str]:
    """Which slow modules ``import core`` brings along: none should be."""
    code = f"import sys, core; print(*[m for m in {FORBIDDEN} if m in sys.modules])"
    return _python(code).split()


def _python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=with_bytecode(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout

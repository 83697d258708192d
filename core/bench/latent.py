"""The latent pad in Chromium: how soon the image follows the hand, how soon a pad is open, what its sheet weighs."""

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.bench.browser import PATIENCE, Server, chromium
from core.bench.rates import wait_for
from core.inference.pad import pad_sprite
from core.runs import LOCAL, Store
from core.training.specs import resolve

__all__ = ["GOALS", "bench_latent"]

GOALS = {"move": 16.0, "open_dense": 0.5, "open_convolutional": 1.5, "sprite": 400_000}
CONVOLUTIONAL = {"channels": [16, 32], "latent_dim": 2, "steps": 60}
MOVES = 400
SETTLE_MS = 2000

# Components draw in shadow roots, which querySelector does not enter.
FIND = """
const find = (root, selector) => root.querySelector(selector) ||
  [...root.querySelectorAll("*")].filter((e) => e.shadowRoot)
    .map((e) => find(e.shadowRoot, selector)).find(Boolean);
"""
# From a click in the page to the codes drawn and an image painted, looked for at every frame.
OPEN = f"""
(link) => new Promise((resolve) => {{
  {FIND}
  const clicked = performance.now();
  document.querySelector(link).click();
  const look = () => {{
    const pad = find(document, ".latent");
    return pad?.dataset.state === "open" && pad.dataset.painted
      ? resolve((performance.now() - clicked) / 1000) : requestAnimationFrame(look);
  }};
  look();
}})
"""
# What the pad says of its last painting, once it has painted more often than before.
LAG = f"""
(before) => new Promise((resolve) => {{
  {FIND}
  const pad = find(document, ".latent");
  const look = () => Number(pad.dataset.painted) > before
    ? resolve([Number(pad.dataset.painted), Number(pad.dataset.lag)]) : setTimeout(look, 1);
  look();
}})
"""


def bench_latent(
    moves: int = MOVES, rounds: int = 5, data_dir: str | None = None
) -> list[dict[str, Any]]:
    """One row a figure: ``bench``, ``value``, ``unit``, ``goal``, ``protocol``, and ``parts`` by model.

    Openings are medians of ``rounds``, each of a fresh, warm server, and count from a click on the page of the run,
    which has the compute worker read ahead; the sheet is that of the shipped VAE of MNIST.
    """
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        home = Path(folder) / "home"
        with Server(home) as server:
            server.wait_warm()
            store = Store(home)
            convolutional = _trained(store, data_dir)
            lags = {
                "vae-mnist": _lags(browser, server, "vae-mnist", moves),
                "convolutional": _lags(browser, server, convolutional, moves),
            }
            store.database.close()
        opened: dict[str, list[float]] = {"vae-mnist": [], convolutional: []}
        for _ in range(rounds):
            for run, seconds in opened.items():
                with Server(home) as server:
                    server.wait_warm()
                    seconds.append(_opening(browser, server, run))
        sprite = pad_sprite("vae-mnist")
    return _rows(lags, *opened.values(), sprite)


def _rows(lags: dict, dense: list[float], convolutional: list[float], sprite: dict) -> list:
    return [
        {
            "bench": "pointer move to painted image, p99",
            "value": max(_p99(one) for one in lags.values()),
            "unit": "ms",
            "goal": GOALS["move"],
            "protocol": f"{sum(map(len, lags.values()))} moves; from the browser's event to the pixels on the canvas; "
            "the slower of two",
            "parts": {
                **{f"{name} p99": _p99(one) for name, one in lags.items()},
                **{f"{name} median": statistics.median(one) for name, one in lags.items()},
            },
        },
        _opening_row("dense", dense),
        _opening_row("convolutional", convolutional),
        {
            "bench": f"sheet of {sprite['n']} × {sprite['m']} images",
            "value": len(sprite["sprite"]) / 1000,
            "unit": "kB",
            "goal": GOALS["sprite"] / 1000,
            "protocol": "WebP of quality 80, 28 × 28 grey, the shipped VAE of MNIST",
            "parts": {},
        },
    ]


def _opening_row(kind: str, seconds: list[float]) -> dict:
    return {
        "bench": f"opening the pad, {kind} decoder",
        "value": statistics.median(seconds),
        "unit": "s",
        "goal": GOALS[f"open_{kind}"],
        "protocol": "fresh, warm server; from a click on the run's page, which reads ahead and has been open for "
        f"{SETTLE_MS / 1000:g} s, to the codes and an image; median",
        "parts": {"slowest": max(seconds)},
    }


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


def _trained(store: Store, data_dir: str | None) -> str:
    """A convolutional autoencoder of MNIST with a code of two numbers, its weights hardly trained: they are as slow."""
    run = store.create(
        resolve("conv_autoencoder", "mnist", CONVOLUTIONAL, data_dir=data_dir), LOCAL
    )
    wait_for(store, run.id, "done")
    return run.id


@contextmanager
def _page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    try:
        yield page
    finally:
        context.close()


def _opening(browser: Any, server: Server, run: str) -> float:
    """Seconds from a click on the run's way to the pad until one can scrub."""
    with _page(browser) as page:
        page.goto(f"{server.url}/train?run={run}")
        link = '.st-key-look-inside a[href*="latent"]'
        page.wait_for_selector(link)
        page.wait_for_timeout(SETTLE_MS)  # a person looks before clicking, and the page settles
        return page.evaluate(OPEN, link)


def _lags(browser: Any, server: Server, run: str, moves: int) -> list[float]:
    """Milliseconds from each move of a pointer that walks over the pad to its image."""
    with _page(browser) as page:
        page.goto(f"{server.url}/latent?run={run}")
        page.wait_for_selector('.latent[data-state="open"]')
        page.wait_for_timeout(SETTLE_MS)
        box = page.locator(".marks").bounding_box()
        lags: list[float] = []
        painted = int(page.locator(".latent").get_attribute("data-painted"))
        for k in range(moves + 1):
            # Two slow sweeps of unlike length: the path comes everywhere and is nowhere twice.
            across, up = (0.05 + 0.9 * ((k * share) % 1) for share in (0.0131, 0.0077))
            x, y = box["x"] + across * box["width"], box["y"] + up * box["height"]
            page.mouse.move(x, y)
            painted, lag = page.evaluate(LAG, painted)
            lags.append(lag)
        return lags[1:]  # the first one also brings the pointer to the pad

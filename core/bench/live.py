"""What a watcher costs: one training with its page open in Chromium, and with nobody watching, in turn."""

import statistics
import tempfile
from pathlib import Path
from typing import Any

from core.bench.browser import PATIENCE, Server, chromium
from core.bench.pair import long_run
from core.bench.rates import rates, wait_for
from core.runs import LOCAL, Store

__all__ = ["GOAL", "bench_live"]

GOAL = 0.95
SETTLE_MS = 3000  # until the page is drawn, or the last watcher forgotten
POINT = ".st-key-curves-chart .scatterlayer .trace"


def bench_live(
    model: str = "vae",
    dataset: str = "digits",
    seconds: float = 15.0,
    rounds: int = 5,
    data_dir: str | None = None,
) -> dict[str, Any]:
    """Examples per second watched and unwatched, medians of ``rounds``; the ratio is the median of the rounds' own."""
    watched, alone = [], []
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        home = Path(folder) / "home"
        with Server(home) as server:
            server.wait_warm()
            store = Store(home)
            run = store.create(long_run(model, dataset, data_dir), LOCAL)
            wait_for(store, run.id, "running")
            page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            page.set_default_timeout(PATIENCE * 1000)
            for _ in range(rounds):
                page.goto("about:blank")
                page.wait_for_timeout(SETTLE_MS)
                alone += rates(store, [run.id], seconds)
                page.goto(f"{server.url}/train?run={run.id}")
                page.wait_for_selector(POINT)
                page.wait_for_timeout(SETTLE_MS)
                watched += rates(store, [run.id], seconds)
            store.database.close()
    return {
        "model": model,
        "dataset": dataset,
        "watched": statistics.median(watched),
        "alone": statistics.median(alone),
        "unit": "examples per second",
        "ratio": statistics.median(a / b for a, b in zip(watched, alone, strict=True)),
        "goal": GOAL,
    }

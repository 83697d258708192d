"""What the GAN playground costs and shows: a training watched in Chromium with every layer on, against a bare loop."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from core import datasets
from core.bench.browser import PATIENCE, Server, chromium
from core.bench.gan import GOAL, bare_steps
from core.bench.pair import long_run
from core.bench.rates import rates, wait_for
from core.bench.turns import median_ratio
from core.runs import LOCAL, Store

__all__ = ["FRAMES_GOAL", "UPDATES_GOAL", "bench_playground"]

FRAMES_GOAL = 40  # of the screen a second
UPDATES_GOAL = 5  # of the picture a second
SETTLE_MS = 3000  # until the page is drawn, or has caught up with a run that goes on
# In the page: frames of the screen and new pictures, from now until they are asked for.
COUNT = """ground => {
    const counted = window.counted = { frames: 0, updates: 0, begun: performance.now() };
    const frame = () => { counted.frames++; if (window.counted === counted) requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
    new MutationObserver(() => counted.updates++).observe(ground, { attributeFilter: ["data-step"] });
}"""
COUNTED = """() => {
    const { frames, updates, begun } = window.counted;
    window.counted = null;
    const seconds = (performance.now() - begun) / 1000;
    return [frames / seconds, updates / seconds];
}"""


def bench_playground(seconds: float = 15.0, rounds: int = 3) -> dict[str, Any]:
    """Steps per second of the watched run and, while it is paused, of the bare loop; frames and pictures per second.

    Medians of ``rounds``; the ratio is the median of the rounds' own. All are of wall time, one after another, and the
    watched run shares its cores with the browser: only an otherwise idle machine gives figures that mean something.
    """
    watched, bare, seen = [], [], []
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        home = Path(folder) / "home"
        with Server(home) as server:
            server.wait_warm()
            store = Store(home)
            run = store.create(long_run("gan", "points", None), LOCAL)
            wait_for(store, run.id, "running")
            page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            page.set_default_timeout(PATIENCE * 1000)
            page.goto(f"{server.url}/playground?run={run.id}")
            ground = page.locator(".ground[data-step]")
            ground.wait_for()
            for _ in range(rounds):
                page.wait_for_timeout(SETTLE_MS)
                ground.evaluate(COUNT)
                watched.append(rates(store, [run.id], seconds)[0] / run.spec.training.batch_size)
                seen.append(page.evaluate(COUNTED))
                _tell(store, run.id, "pause", "paused")
                bare.append(_bare(seconds))
                _tell(store, run.id, "resume", "running")
            store.database.close()
    frames, updates = (statistics.median(column) for column in zip(*seen, strict=True))
    return {
        "watched": statistics.median(watched),
        "bare_loop": statistics.median(bare),
        "unit": "steps per second",
        "ratio": median_ratio(watched, bare),
        "goal": GOAL,
        "frames_per_second": frames,
        "frames_goal": FRAMES_GOAL,
        "updates_per_second": updates,
        "updates_goal": UPDATES_GOAL,
    }


def _tell(store: Store, id: str, command: str, state: str) -> None:
    store.command(id, command, {})
    wait_for(store, id, state)


def _bare(seconds: float) -> float:
    """Steps per second of wall time of the bare loop, on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        data = datasets.load("points", {})
        loop = bare_steps(torch.from_numpy(data.x[data.splits["train"]]))
        next(loop)
        steps, begun = 0, time.perf_counter()
        while time.perf_counter() < begun + seconds:
            next(loop)
            steps += 1
        return steps / (time.perf_counter() - begun)
    finally:
        torch.set_num_threads(threads)

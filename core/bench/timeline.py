"""The time slider as a visitor sees it: how many snapshots a second are painted, played and dragged."""

import statistics
import tempfile
from pathlib import Path
from typing import Any

from core import arrays, datasets
from core.bench.browser import PATIENCE, Server, chromium
from core.runs import LOCAL, Store
from core.training.recorder import Recorder
from core.training.specs import resolve
from core.training.trainer import Trainer

__all__ = ["GOAL", "bench_timeline", "filmed", "rates_of"]

GOAL = 30
SNAPSHOTS, EVERY = 60, 10  # that many, so many training steps apart
SPEED = 4
SWEEPS, MOVES = 3, 40  # the pointer goes over the whole slider there and back, in so many moves
PICTURE = ".picture"

# Looks at every animation frame which snapshot is painted, until ``end``. Components draw in shadow roots, which
# querySelector does not enter.
LOOK = """
(picture) => {
  const find = (root, selector) => root.querySelector(selector) ||
    [...root.querySelectorAll("*")].filter((e) => e.shadowRoot)
      .map((e) => find(e.shadowRoot, selector)).find(Boolean);
  const shown = find(document, picture);
  window.latentLooks = [];
  window.latentLooking = true;
  const look = (now) => {
    window.latentLooks.push([now, Number(shown.dataset.step)]);
    if (window.latentLooking) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""
END = "() => { window.latentLooking = false; return window.latentLooks; }"


def bench_timeline(
    dataset: str = "mnist", rounds: int = 3, data_dir: str | None = None
) -> dict[str, Any]:
    """New snapshots painted per second of a VAE's run with 60 snapshots: medians of ``rounds``.

    ``played`` at the highest speed, ``dragged`` with the mouse from end to end; ``frames_*`` are all animation frames
    per second meanwhile, whether they painted a new snapshot or the same one.
    """
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        home = Path(folder) / "home"
        store = Store(home)
        run = filmed(store, dataset, data_dir)
        shapes = arrays.read(store.snapshot_path(run, EVERY))[0]
        store.database.close()
        with Server(home) as server:
            server.wait_warm()
            page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            page.set_default_timeout(PATIENCE * 1000)
            page.goto(f"{server.url}/time?run={run}")
            page.wait_for_selector(f"{PICTURE}[data-loaded=true]")
            page.wait_for_timeout(2000)  # a person looks first, and the page settles
            played = [_played(page) for _ in range(rounds)]
            dragged = [_dragged(page) for _ in range(rounds)]
    side = round(len(shapes["square"]) ** 0.5)
    return {
        "dataset": dataset,
        "snapshots": SNAPSHOTS,
        "codes": len(shapes["codes"]),
        "square": f"{side}×{side}",
        "speed": SPEED,
        "played": statistics.median(new for new, _ in played),
        "dragged": statistics.median(new for new, _ in dragged),
        "frames_played": statistics.median(frames for _, frames in played),
        "frames_dragged": statistics.median(frames for _, frames in dragged),
        "unit": "snapshots and frames per second",
        "goal": GOAL,
    }


def filmed(store: Store, dataset: str, data_dir: str | None = None, seed: int = 0) -> str:
    """A run whose recorder has kept every snapshot, whatever its allowance; its id."""
    last = EVERY * (SNAPSHOTS - 1)
    spec = resolve("vae", dataset, {"latent_dim": 2, "steps": last}, seed=seed, data_dir=data_dir)
    data = datasets.load(spec.dataset, spec.data, data_dir=spec.data_dir)
    run = store.create(spec, LOCAL, state="running")
    trainer = Trainer(spec, data)
    recorder = Recorder(store, run.id, trainer, data)
    recorder.snapshot(0.0)
    for event in trainer.events():
        if event.kind == "step" and event.step % EVERY == 0:
            recorder.snapshot(0.0)
        if event.kind in ("done", "failed"):
            break
    recorder.save_state([])
    store.record(run.id, [], steps=last, total_steps=last)
    store.transition(run.id, "done")
    return run.id


def _played(page: Any) -> tuple[float, float]:
    """New snapshots and frames per second from the first snapshot to the last."""
    page.locator(".timeline select[aria-label='Speed of playing']").select_option(str(SPEED))
    page.evaluate(LOOK, PICTURE)
    page.locator(".timeline .play").click()
    page.wait_for_selector(".timeline .play[aria-label=Pause]")
    page.wait_for_selector(".timeline .play:not([aria-label=Pause])")
    return rates_of(page.evaluate(END))


def _dragged(page: Any) -> tuple[float, float]:
    """The same while the mouse drags the slider there and back."""
    box = page.locator(".timeline input[type=range]").bounding_box()
    left, right, y = box["x"] + 8, box["x"] + box["width"] - 8, box["y"] + box["height"] / 2
    page.mouse.move(left, y)
    page.mouse.down()
    page.evaluate(LOOK, PICTURE)
    for _ in range(SWEEPS):
        page.mouse.move(right, y, steps=MOVES)
        page.mouse.move(left, y, steps=MOVES)
    looks = page.evaluate(END)
    page.mouse.up()
    return rates_of(looks)


def rates_of(looks: list[tuple[float, float]]) -> tuple[float, float]:
    """Changes and frames per second between the first and the last change."""
    new = [i for i in range(1, len(looks)) if looks[i][1] != looks[i - 1][1]]
    first, last = new[0], new[-1]
    seconds = (looks[last][0] - looks[first][0]) / 1000
    return (len(new) - 1) / seconds, (last - first) / seconds

"""How runs and numbers are written, the same on every page."""

import time
from typing import Any

from core.runs import Run

STATES = {
    "queued": ("gray", "waiting", ":material/hourglass_top:"),
    "running": ("green", "training", ":material/play_arrow:"),
    "paused": ("orange", "paused", ":material/pause:"),
    "done": ("blue", "done", ":material/check:"),
    "stopped": ("gray", "stopped", ":material/stop:"),
    "failed": ("red", "failed", ":material/error:"),
    "interrupted": ("orange", "interrupted", ":material/power_off:"),
}
ACTIVE = ("queued", "running", "paused")


def badge(state: str) -> str:
    """A state as a coloured badge, in Markdown; its word stands beside the colour."""
    colour, word, icon = STATES[state]
    return f":{colour}-badge[{icon} {word}]"


def model_title(schemas: dict[str, Any] | None, name: str) -> str:
    """A model's title, or its name while the schemas are not known."""
    return _title(schemas, "models", name)


def dataset_title(schemas: dict[str, Any] | None, name: str) -> str:
    """A data set's title, or its name while the schemas are not known."""
    return _title(schemas, "datasets", name)


def _title(schemas: dict[str, Any] | None, kind: str, name: str) -> str:
    return ((schemas or {}).get(kind, {}).get(name) or {}).get("title") or name


def run_title(run: Run, schemas: dict[str, Any] | None = None) -> str:
    """The title that somebody gave a run, else what it trains on what."""
    model, dataset = model_title(schemas, run.model), dataset_title(schemas, run.dataset)
    return run.title or f"{model} on {dataset}"


def run_name(run: Run, schemas: dict[str, Any] | None = None) -> str:
    """A run among others: those alike differ by seed and id; a shipped one is known by its title."""
    title = run_title(run, schemas)
    return title if run.shipped else f"{title} · seed {run.spec.seed} · {run.id[:6]}"


def class_names(run: Run) -> list[str]:
    """The names of a run's classes, as far as they were written down; the picture numbers others."""
    return [str(name) for name in run.environment.get("classes", [])]


def duration(seconds: float) -> str:
    """``8 s``, ``3 min 20 s``, ``2 h 05 min``."""
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"


def ago(moment: float) -> str:
    """How long ago, in words."""
    seconds = max(0, time.time() - moment)
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = round(seconds / size)  # as the table of runs does
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


def size(count: float) -> str:
    """Bytes as ``3.2 MB``."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def number(value: float) -> str:
    """A loss or a metric: four digits that mean something."""
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"

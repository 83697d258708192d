"""What can be trained and set, as JSON: the forms' source, kept in a file so that no page waits for torch.

The compute worker writes the document (``core.inference.schemas``), everybody else reads it::

    {"models": {name: {title, doc, schema, training, presets, abilities, kinds, phases}},
     "training": schema, "datasets": {name: {title, doc, kind, schema}}}
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from core import arrays
from core.settings import ROOT, settings

SOURCES = ("core/models", "core/datasets", "core/training/config.py", "core/inference")


def path() -> Path:
    """The file for the sources as they are now: a new or changed one gives another name."""
    digest = hashlib.sha256()
    for source in SOURCES:
        place = ROOT / source
        for file in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            if file.exists():
                state = file.stat()
                digest.update(f"{file.name} {state.st_mtime_ns} {state.st_size};".encode())
    return settings().home / "cache" / f"schemas-{digest.hexdigest()[:16]}.json"


def read() -> dict[str, Any] | None:
    """The document, or None while nobody has written it for the present sources."""
    place = path()
    try:
        return _parsed(place, place.stat().st_mtime_ns)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=4)
def _parsed(place: Path, modified: int) -> dict[str, Any]:
    return json.loads(place.read_text(encoding="utf-8"))


def write(document: dict[str, Any]) -> Path:
    """Keep the document for the present sources; older ones are dropped. Returns the file."""
    place = path()
    arrays.write_bytes(place, json.dumps(document).encode())
    for old in place.parent.glob("schemas-*.json"):
        if old != place:
            old.unlink(missing_ok=True)
    return place

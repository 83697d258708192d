"""What can be trained and set, as JSON: the forms' source, kept in a file so that no page waits for torch.

The compute worker writes the document (``core.inference.schemas``), everybody else reads it::

    {"models": {name: {title, doc, schema, training, presets, abilities, kinds, phases}},
     "training": schema, "datasets": {name: {title, doc, kind, schema}}}
"""

import hashlib
import json
from collections.abc import Mapping
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


def units(document: dict[str, Any] | None, model: str, config: Mapping[str, Any]) -> dict[str, str]:
    """In what a model with these settings counts its losses, by name (``loss``, ``D/loss``), where that is known.

    See ``core.fields.counting``; ``document`` as ``read`` gives it.
    """
    known = (document or {}).get("models", {}).get(model, {})
    found: dict[str, list[str]] = {}
    for name, field in known.get("schema", {}).get("properties", {}).items():
        for term, choices in field.get("units", {}).items():
            found.setdefault(term, []).append(choices.get(config.get(name), ""))
    return {term: " ".join(parts) for term, parts in found.items() if all(parts)}


def write(document: dict[str, Any]) -> Path:
    """Keep the document for the present sources; older ones are dropped. Returns the file."""
    place = path()
    arrays.write_bytes(place, json.dumps(document).encode())
    for old in place.parent.glob("schemas-*.json"):
        if old != place:
            old.unlink(missing_ok=True)
    return place

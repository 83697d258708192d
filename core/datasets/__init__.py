"""The registry of data sets: a file in this folder is a data set, its stem is the name."""

import threading
from collections import OrderedDict
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from core import registry
from core.fields import validated
from core.settings import settings

if TYPE_CHECKING:
    from core.datasets.base import Data, DataOptions, Progress

__all__ = ["EMBEDDED", "get", "load", "names", "options"]

SHARED = {
    "base",
    "download",
    "idx",
    "intake",
    "mnist_files",
    "pictures",
    "raster",
    "tables",
    "unpacking",
}
EMBEDDED = ("digits", "points", "plane3d", "shapes", "glyphs")  # need no network and no files
CACHED = 3  # a teacher compares two or three sets; MNIST takes 55 MB

_cache: "OrderedDict[tuple, Data]" = OrderedDict()
_locks: dict[tuple, threading.Lock] = {}
_guard = threading.Lock()


def names() -> list[str]:
    """The names of all data sets, without importing any."""
    return registry.names(__name__)


def get(name: str) -> ModuleType:
    """The module of a data set: ``TITLE``, ``KIND``, ``Options``, ``load``. ``BadInput`` for an
    unknown name.
    """
    return registry.load(__name__, name)


def options(name: str, values: dict[str, Any] | None = None) -> "DataOptions":
    """The options of a data set with every default filled in.

    Raises ``BadInput``, its ``fields`` naming each wrong one.
    """
    return validated(get(name).Options, values or {})


def load(
    name: str,
    values: dict[str, Any] | None = None,
    *,
    data_dir: str | Path | None = None,
    progress: "Progress | None" = None,
) -> "Data":
    """The data set ``name`` with ``values`` for its options; the last few loads are shared, safe
    between threads.

    ``data_dir`` is searched first for files. ``progress(share, text)`` hears of downloads and
    drawing. Raises ``BadInput`` for wrong options, ``DataUnavailable`` where the files cannot be
    had, ``DamagedFile``.
    """
    chosen = options(name, values)
    here = settings()
    key = (name, chosen.model_dump_json(), str(data_dir), str(here.data), str(here.home))
    with _guard:
        lock = _locks.setdefault(key, threading.Lock())
    with lock:  # two threads that ask for the same set wait for one load; others go on
        with _guard:
            if key in _cache:
                _cache.move_to_end(key)
                return _cache[key]
        folder = None if data_dir is None else Path(data_dir)
        data = get(name).load(chosen, data_dir=folder, progress=progress)
        with _guard:
            _cache[key] = data
            while len(_cache) > CACHED:
                _locks.pop(_cache.popitem(last=False)[0], None)
        return data

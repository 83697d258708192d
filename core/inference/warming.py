"""What the worker for maps gets ready while nobody asks: methods that are compiled anew in every process."""

import importlib.util
import os
import sys
import time
from collections.abc import Iterator

from core.analysis import maps
from core.settings import settings

__all__ = ["choose_cache", "is_warm", "note", "pieces", "seconds"]

SPARE = 0.5  # of a processor that must be free: a training there is would lose that speed for some seconds
LOOK_SECONDS = 2.0
COMPILING = 7.0  # seconds, with the loading of the library
PATIENCE = 600.0  # seconds; where that many are never free, it is as good now as later

_warm: set[str] = set()


def pieces() -> Iterator[None]:
    """Warm up every method that says how (``warm_up``), a piece at a time, once there is a processor to spare."""
    until = time.monotonic() + PATIENCE
    while _cold() and not _spare() and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
        yield
    choose_cache()
    for name in _cold():
        maps.get(name).warm_up()
        note(name)
        yield


def is_warm(name: str) -> bool:
    """Whether the method ``name`` needs no compiling any more in this process, or never did."""
    return name in _warm or not hasattr(maps.get(name), "warm_up")


def seconds(name: str) -> float:
    """What the method ``name`` takes longer in a process that is not warm."""
    return COMPILING if hasattr(maps.get(name), "warm_up") else 0.0


def note(name: str) -> None:
    """The method ``name`` has made a map."""
    _warm.add(name)


def choose_cache() -> None:
    """Where numba may keep what it compiles: beside its sources as it is used to, else under the home folder.

    It reads this when it is imported, and cannot be imported where it finds no such place.
    """
    if "numba" in sys.modules or "NUMBA_CACHE_DIR" in os.environ:
        return
    found = importlib.util.find_spec("umap")
    if found is not None and not os.access(found.submodule_search_locations[0], os.W_OK):
        os.environ["NUMBA_CACHE_DIR"] = str(settings().home / "cache" / "numba")


def _cold() -> list[str]:
    return [name for name in maps.names() if not is_warm(name)]


def _spare() -> bool:
    return os.getloadavg()[0] < (os.cpu_count() or 1) - SPARE

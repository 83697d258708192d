"""What the worker for maps gets ready while nobody asks: methods that are compiled anew in every process."""

import importlib.util
import os
import sys
from collections.abc import Iterator

from core.analysis import maps
from core.settings import settings

__all__ = ["choose_cache", "pieces"]


def pieces() -> Iterator[None]:
    """Warm up every method that says how (``warm_up``), a piece at a time."""
    choose_cache()
    for name in maps.names():
        method = maps.get(name)
        if hasattr(method, "warm_up"):
            yield from method.warm_up() or ()
            yield


def choose_cache() -> None:
    """Where numba may keep what it compiles: beside its sources as it is used to, else under the home folder.

    It reads this when it is imported, and cannot be imported where it finds no such place.
    """
    if "numba" in sys.modules or "NUMBA_CACHE_DIR" in os.environ:
        return
    found = importlib.util.find_spec("umap")
    if found is not None and not os.access(found.submodule_search_locations[0], os.W_OK):
        os.environ["NUMBA_CACHE_DIR"] = str(settings().home / "cache" / "numba")

"""Maps of runs, kept by their content: made once, they are there for every later look, page and process.

``home/maps/<run>/<key>.safetensors`` is a map, ``<key>.live`` what one looks like while it is being made. Maps of the
runs shipped with the program lie there too. Whatever is not a whole map counts as none: it is made again.
"""

import os
import re
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from core import arrays
from core.errors import BadInput, DamagedFile, StorageFull
from core.runs.files import SUFFIX, RunFiles, checksum
from core.settings import settings

__all__ = ["KeptMaps"]

LIVE = ".live"
LIVE_SECONDS = 60.0  # a frame older than this is of a map that nobody makes any more
LEFT_SECONDS = 3600.0  # what a process that died has left behind goes after so long
KEY = re.compile(r"[0-9a-f]{20}")
NO_KEY = "0" * 20
RUN = re.compile(r"[A-Za-z0-9_-]{1,64}")
Arrays = dict[str, np.ndarray]


class KeptMaps:
    """The maps under one home folder, together at most ``settings().maps_mb`` megabytes: those unused longest go."""

    def __init__(self, home: Path):
        self.folder = home / "maps"

    def path(self, run: str, key: str) -> Path:
        """The file of a map; it need not exist. Raises ``BadInput`` for what cannot be a run's id or a map's key."""
        if not RUN.fullmatch(run) or not KEY.fullmatch(key):
            raise BadInput(f"There is no map {key[:40]!r} of run {run[:64]!r}.")
        return self.folder / run / f"{key}{SUFFIX}"

    def read(self, run: str, key: str) -> tuple[Arrays, dict[str, Any]] | None:
        """Arrays and meta of a map, which counts as used; None where there is none, or a damaged one."""
        path = self.path(run, key)
        try:
            values, meta = arrays.read(path)
        except DamagedFile:
            return None
        if meta.pop("checksum", None) != checksum(values):
            return None
        with suppress(OSError):  # a home that cannot be written can be looked at
            os.utime(path)
        return values, meta

    def write(self, run: str, key: str, values: Arrays, meta: dict[str, Any]) -> int:
        """Keep a map, and let others go where there are too many; the bytes written. Raises ``StorageFull``."""
        path = self.path(run, key)
        written = arrays.write(path, values, {**meta, "checksum": checksum(values)})
        self.hide(run, key)
        self._trim(path)
        return written

    def about(self, run: str) -> dict[str, dict[str, Any]]:
        """The meta of each map of a run by its key, the one used last first; the arrays are not read."""
        found = {}
        paths = self.path(run, NO_KEY).parent.glob(f"[0-9a-f]*{SUFFIX}")
        for path in sorted(paths, key=_used, reverse=True):
            with suppress(DamagedFile):
                found[path.stem] = arrays.read_meta(path)
                found[path.stem].pop("checksum", None)
        return found

    def show(self, run: str, key: str, values: Arrays, meta: dict[str, Any]) -> None:
        """Let others see a map that is being made. Where it cannot be written they do without."""
        with suppress(StorageFull):
            arrays.write(self._live(run, key), values, meta)

    def hide(self, run: str, key: str) -> None:
        """It is made, or given up."""
        with suppress(OSError):
            self._live(run, key).unlink(missing_ok=True)

    def live(self, run: str, key: str) -> bytes | None:
        """The file of a map that is being made just now, or None."""
        path = self._live(run, key)
        try:
            fresh = time.time() - path.stat().st_mtime < LIVE_SECONDS
            return path.read_bytes() if fresh else None
        except OSError:
            return None

    def remove(self, run: str) -> int:
        """Remove all maps of a run; the bytes freed."""
        freed = self.bytes(run)
        shutil.rmtree(self.folder / run, ignore_errors=True)
        return freed

    def bytes(self, run: str) -> int:
        """The space that the maps of a run take on disk."""
        return RunFiles(self.folder / run).bytes()

    def _live(self, run: str, key: str) -> Path:
        return self.path(run, key).with_suffix(LIVE)

    def _trim(self, latest: Path) -> None:
        """Remove what was left behind, and the maps unused longest above the limit, but never the ``latest``."""
        maps, now = [], time.time()
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                state = path.stat()
                if path.suffix == SUFFIX and not path.name.startswith("."):
                    maps.append((state.st_mtime, state.st_size, path))
                elif now - state.st_mtime > LEFT_SECONDS:
                    path.unlink()
        total = sum(size for _, size, _ in maps)
        for _, size, path in sorted(maps):
            if total <= settings().maps_mb * 2**20:
                return
            if path != latest:
                path.unlink(missing_ok=True)
                total -= size


def _used(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0

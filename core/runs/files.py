"""What lies beside the database: snapshots, states, the live frame and the film of each run."""

import fcntl
import os
import shutil
import time
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np

from core import arrays
from core.errors import DamagedFile, StorageFull
from core.runs.film import film_until

SUFFIX = ".safetensors"
WATCHED_SECONDS = 2.0  # a watcher touches the mark at least this often


class RunFiles:
    """The folder of one run.

    ``snapshots/00000123.safetensors`` are pictures and codes, ``states/00000123.safetensors`` weights, optimisers
    and generators, each after so many steps; ``film.safetensors`` is the film of a run on points,
    ``live.safetensors`` the latest frame while somebody watches.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.live = folder / f"live{SUFFIX}"
        self.film = folder / f"film{SUFFIX}"
        self.log = folder / "log.txt"

    def make(self) -> None:
        """Make the folder."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFull(
                f"The run's folder cannot be made ({error.strerror}); nothing was started. Check that "
                f"{self.folder.parent} may be written, or set EXPLORER_HOME to a folder that can."
            ) from error

    def path(self, kind: str, step: int) -> Path:
        """The file of ``kind`` ("snapshots" or "states") after ``step`` steps."""
        return self.folder / kind / f"{step:08d}{SUFFIX}"

    def steps(self, kind: str) -> list[int]:
        """The steps that have a file of ``kind``, rising."""
        found = (self.folder / kind).glob(f"[0-9]*{SUFFIX}")
        return sorted(int(path.stem) for path in found)

    def write_state(self, step: int, values: dict[str, np.ndarray], meta: dict) -> int:
        """Write a state with a checksum of its arrays; the bytes written."""
        return arrays.write(
            self.path("states", step), values, {**meta, "checksum": checksum(values)}
        )

    def read_state(self, path: Path) -> tuple[dict[str, np.ndarray], dict]:
        """Arrays and meta of a state file. Raises ``DamagedFile``, also where single bytes were changed."""
        values, meta = arrays.read(path)
        if meta.pop("checksum", None) != checksum(values):
            raise DamagedFile(f"{path.name} is damaged (its checksum differs) and was left alone.")
        return values, meta

    def cut(self, step: int) -> None:
        """Remove the snapshots and states later than ``step``, the film's later frames, and half-written files.

        Only for the worker that holds the run: nobody else writes there.
        """
        for half in self.folder.rglob(f".*{SUFFIX}.*"):
            half.unlink(missing_ok=True)
        for kind in ("snapshots", "states"):
            for later in (s for s in self.steps(kind) if s > step):
                self.path(kind, later).unlink(missing_ok=True)
        if self.film.exists():
            try:
                film = arrays.read(self.film)
            except DamagedFile:
                self.film.unlink()
                return
            arrays.write(self.film, *film_until(film, step))

    def set_aside(self, path: Path) -> None:
        """Take a damaged state out of the list but keep its bytes."""
        os.replace(path, path.with_suffix(".damaged"))

    def link_from(self, other: "RunFiles", step: int) -> None:
        """Take over the snapshots and film of another run up to ``step``, as links where the disk can."""
        self.make()
        for found in other.steps("snapshots"):
            if found <= step:
                link(other.path("snapshots", found), self.path("snapshots", found))
        if other.film.exists():
            link(other.film, self.film)
            self.cut(step)

    def watch(self) -> None:
        """Say that somebody is watching; good for two seconds."""
        (self.folder / "watched").touch()

    def watched(self) -> bool:
        """Whether somebody said so within the last two seconds."""
        try:
            return time.time() - os.stat(self.folder / "watched").st_mtime < WATCHED_SECONDS
        except OSError:
            return False

    def lock(self) -> int | None:
        """Take the run for this process: the descriptor that holds the lock, or None if another holds it.

        The lock goes with the last descriptor, so it outlives nobody: a killed worker has let go of it.
        """
        self.make()
        try:
            handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StorageFull(f"The run's folder cannot be written ({error.strerror}).") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return handle

    def bytes(self) -> int:
        """The space it takes on disk."""
        total = 0
        for folder, _, files in os.walk(self.folder):
            for name in files:
                with suppress(FileNotFoundError):  # a worker replaces files meanwhile
                    total += os.lstat(os.path.join(folder, name)).st_size
        return total

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def checksum(values: dict[str, np.ndarray]) -> int:
    """One number of all arrays, in the order of their names."""
    total = 0
    for name in sorted(values):
        total = zlib.crc32(np.ascontiguousarray(values[name]).reshape(-1).view(np.uint8), total)
    return total


def link(source: Path, target: Path) -> None:
    """A hard link (files here are replaced, never changed, so it is as good as a copy), or a copy."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        try:
            os.link(source, target)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copyfile(source, target)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StorageFull(f"{target.name} could not be copied ({error.strerror}).") from error

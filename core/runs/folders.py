"""The part of the run store that looks after folders: each run's own, and those shipped with the program."""

import os
import time
from pathlib import Path

import numpy as np

from core import arrays
from core.errors import NoSuchRun, NotAllowed
from core.runs.files import RunFiles
from core.runs.film import film_alarms
from core.runs.maps import KeptMaps
from core.runs.record import Run
from core.runs.shipped import shipped_runs
from core.training.alarms import Alarm


class Folders:
    """The folders ``home/runs/<id>`` and, read-only, ``checkpoints/<name>``, whose id is the folder's name."""

    def __init__(self, home: Path, shipped: Path):
        self.home = home
        self.shipped_folder = shipped
        self.maps = KeptMaps(home)
        self.held: dict[str, int] = {}  # the runs this process holds, with their lock's descriptor

    def is_shipped(self, id: str) -> bool:
        """Whether this is the name of a shipped run."""
        return (
            _plain(id.replace("-", "").replace("_", ""))
            and (self.shipped_folder / id / "run.json").is_file()
        )

    def shipped(self) -> list[Run]:
        """The runs shipped with the program; needs no writable home."""
        return shipped_runs(self.shipped_folder)

    def files(self, id: str) -> RunFiles:
        """The files of a run, shipped or not."""
        if self.is_shipped(id):
            return RunFiles(self.shipped_folder / id)
        if not _plain(id):
            raise NoSuchRun(f"There is no run {id!r}.")
        return RunFiles(self.home / "runs" / id)

    def write_snapshot(self, id: str, step: int, values: dict[str, np.ndarray], meta: dict) -> int:
        """Keep a snapshot; the bytes it takes."""
        return arrays.write(self.files(id).path("snapshots", step), values, meta)

    def snapshots(self, id: str) -> list[int]:
        """The steps that have a snapshot."""
        return self.files(id).steps("snapshots")

    def snapshot_path(self, id: str, step: int) -> Path:
        """The file of one; it need not exist."""
        return self.files(id).path("snapshots", step)

    def states(self, id: str) -> list[int]:
        """The steps that have a state."""
        return self.files(id).steps("states")

    def read_state(self, id: str, step: int | None = None) -> tuple[dict[str, np.ndarray], dict]:
        """Arrays and meta of the state at ``step``, or of the latest. Raises ``DamagedFile`` or ``NoSuchRun``."""
        files = self.files(id)
        steps = files.steps("states")
        if not steps or (step is not None and step not in steps):
            when = "yet" if step is None else f"at step {step}"
            raise NoSuchRun(f"Run {id} has no weights {when}.")
        return files.read_state(files.path("states", steps[-1] if step is None else step))

    def live_path(self, id: str) -> Path:
        """The latest frame, while somebody watches."""
        return self.files(id).live

    def film_path(self, id: str) -> Path:
        """The film of a run on points."""
        return self.files(id).film

    def alarms(self, id: str) -> list[Alarm]:
        """The steps at which a run on points lost modes, and found them again."""
        return film_alarms(self.files(id).film)

    def watch(self, id: str) -> None:
        """Say that somebody looks at this run now; good for two seconds."""
        if not self.is_shipped(id):
            self.files(id).watch()

    def is_watched(self, id: str) -> bool:
        """Whether somebody has said so within the last two seconds."""
        return self.files(id).watched()

    def disk_use(self, id: str | None = None) -> int:
        """The bytes that a run's files and maps take, or everything under the home folder."""
        if id is None:
            return RunFiles(self.home).bytes()
        return self.files(id).bytes() + self.maps.bytes(id)

    def remove_files(self, id: str) -> int:
        """Remove a run's folder and its maps; the bytes freed."""
        freed = self.disk_use(id)
        self.files(id).remove()
        self.maps.remove(id)
        return freed

    def hold(self, id: str) -> bool:
        """Take a run for this process and the processes forked from it; False if another has it.

        Raises ``NotAllowed`` for a shipped run.
        """
        if self.is_shipped(id):
            raise NotAllowed(
                "This run is shipped with the program and read-only; fork it to go on from it."
            )
        if id in self.held:
            return True
        for _ in range(
            10
        ):  # a reader that looks whether the worker lives has the lock for a moment
            handle = self.files(id).lock()
            if handle is not None:
                self.held[id] = handle
                return True
            time.sleep(0.02)
        return False

    def release(self, id: str) -> None:
        """Let go of a run, as far as this process is concerned."""
        handle = self.held.pop(id, None)
        if handle is not None:
            os.close(handle)


def _plain(id: str) -> bool:
    """Whether it can be a folder's name, and never a path."""
    return id.isalnum() and id.isascii() and len(id) <= 64

"""Runs as folders of plain files: how finished runs are shipped with the program, and read again.

A folder holds ``run.json`` (the run's fields and its applied commands), ``scalars.json`` (name to steps and values),
``snapshots/``, ``states/`` and, for points, the film: the layout of the store's own folders.
"""

import json
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import numpy as np

from core import arrays
from core.errors import DamagedFile
from core.runs.files import SUFFIX, RunFiles
from core.runs.history import Command
from core.runs.record import Run

NOT_SHIPPED = (
    "id",
    "owner",
    "deleted",
    "shipped",
    "queued",
    "claimed",
    "group",
    "parent",
    "parent_step",
)
SHIPPED_OWNER = "shipped"


def shipped_runs(folder: Path) -> list[Run]:
    """The readable runs of ``folder``, by name; a broken one is left out (``checkpoints verify`` names it)."""
    found = []
    for path in sorted(folder.glob("*/run.json")):
        try:
            found.append(read_run(path.parent))
        except DamagedFile:
            continue
    return found


def read_run(folder: Path) -> Run:
    """The run of one folder. Raises ``DamagedFile``."""
    return Run(
        **{
            **_read_json(folder / "run.json")["run"],
            "id": folder.name,
            "owner": SHIPPED_OWNER,
            "shipped": True,
        }
    )


def read_commands(folder: Path) -> list[Command]:
    """Its applied commands."""
    return [
        Command(**{**one, "run": folder.name})
        for one in _read_json(folder / "run.json")["commands"]
    ]


def read_scalars(folder: Path, after: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Its scalars at steps later than ``after``, as ``History.scalars`` gives them."""
    found = {}
    for name, (steps, values) in _read_json(folder / "scalars.json").items():
        at = np.array(steps, np.int64)
        kept = at > after
        if kept.any():
            found[name] = (at[kept], np.array(values, np.float64)[kept])
    return found


def write_run(
    run: Run, commands: list[Command], scalars: dict, source: RunFiles, folder: Path
) -> list[Path]:
    """Write ``run`` as a folder with its last state only; the files written, ``run.json`` first."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in asdict(run).items() if name not in NOT_SHIPPED}
    told = [
        {name: value for name, value in asdict(c).items() if name != "run"}
        for c in commands
        if c.step is not None
    ]
    history = {
        name: [steps.tolist(), [float(f"{v:.7g}") for v in values]]
        for name, (steps, values) in scalars.items()
    }
    written = [folder / "run.json", folder / "scalars.json"]
    arrays.write_bytes(written[0], _json({"run": kept, "commands": told}))
    arrays.write_bytes(written[1], _json(history))
    target = RunFiles(folder)
    states = source.steps("states")[-1:]
    pairs = [(source.path("states", s), target.path("states", s)) for s in states]
    pairs += [
        (source.path("snapshots", s), target.path("snapshots", s))
        for s in source.steps("snapshots")
    ]
    pairs += [(source.film, target.film)] if source.film.exists() else []
    for old in [*folder.glob(f"*/*{SUFFIX}"), *folder.glob(f"*{SUFFIX}")]:
        old.unlink()
    for one, other in pairs:
        arrays.write_bytes(other, one.read_bytes())
        written.append(other)
    return written


def _json(value: dict) -> bytes:
    return (json.dumps(value, indent=1) + "\n").encode()


def _read_json(path: Path) -> dict:
    try:
        return _parse(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise DamagedFile(f"{path.parent.name}/{path.name} cannot be read ({error}).") from error


@lru_cache(maxsize=64)
def _parse(path: Path, _changed: int) -> dict:
    return json.loads(path.read_text())

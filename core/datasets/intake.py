"""What somebody brings becomes rows of one kind: find out what it is, read it, scale it, name its classes."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.datasets import idx, pictures, tables, unpacking
from core.datasets.base import Progress
from core.datasets.tables import Table
from core.datasets.unpacking import File
from core.errors import BadInput
from core.settings import settings

if TYPE_CHECKING:
    from core.datasets.own import Choices

Meaning = Literal["auto", "pictures", "points"]
FEWEST = 10  # rows, so that each split has some
COLUMNS = 1024
CLASSES = 256
LARGEST = np.float64(1e30)  # what can still be scaled in 32 bits; beyond it counts as infinite
NAMED = 50  # problems, so that a report stays readable
READS = "a zip or folder of pictures, .npz, .npy, .csv or IDX files"


@dataclass
class Taken:
    """``x`` uint8 (n, C, H, W) or float32 (n, D), ``y`` int64 (n,) or None, and what was left out or changed."""

    kind: Literal["images", "points"]
    x: np.ndarray
    y: np.ndarray | None = None
    classes: tuple[str, ...] = ()
    problems: list[str] = field(default_factory=list)


def take(source: Path | bytes, name: str, choices: "Choices", progress: Progress | None) -> Taken:
    """Read ``source``. Raises ``BadInput``, one sentence, if it is refused or nothing in it can be used."""
    if isinstance(source, Path) and source.is_dir():
        taken = _of_files(unpacking.of_folder(source), name, choices, progress)
    else:
        data = _bytes(source, name)
        if unpacking.is_pickle(data, name):
            raise unpacking.pickle_refused(name)
        if data[:4] in (b"PK\x03\x04", b"PK\x05\x06") and not name.lower().endswith(".npz"):
            taken = _of_files(unpacking.of_zip(data, name), name, choices, progress)
        else:
            taken = _of_table(_table(data, name, choices), name, choices)
    if len(taken.x) < FEWEST:
        why = f" {taken.problems[0]}" if taken.problems else ""
        raise BadInput(f"{name} holds {len(taken.x)} usable rows; {FEWEST} are needed.{why}")
    if len(taken.problems) > NAMED:
        more = len(taken.problems) - NAMED
        taken.problems[NAMED:] = [f"{more:,} more were left out in the same way."]
    return taken


def _bytes(source: Path | bytes, name: str) -> bytes:
    """What was brought, if it is not too large."""
    limit = settings().upload_mb
    try:
        size = source.stat().st_size if isinstance(source, Path) else len(source)
        if size > limit * 1e6:
            raise BadInput(f"{name} has {size / 1e6:,.0f} MB; {limit:,.0f} MB is the most.")
        return source.read_bytes() if isinstance(source, Path) else source
    except OSError as error:
        raise BadInput(f"{name} cannot be read ({error.strerror or error}).") from error


def _table(data: bytes, name: str, choices: "Choices") -> Table:
    """Tell by the first bytes, then by the name, what a single file is, and read it."""
    ending = PurePosixPath(name.lower()).suffix
    if data.startswith(b"\x93NUMPY"):
        return Table(tables.npy(data, name))
    if data.startswith(b"PK"):
        return tables.npz(data, name)
    if idx.is_idx(data[:4]):
        return tables.idx_files([(name, data)])
    if ending in (".csv", ".tsv", ".txt") and b"\0" not in data[:4096]:
        return tables.text(data, name, choices.label_column)
    if ending in (".npy", ".npz", ".zip"):
        raise BadInput(f"{name} is damaged: it does not begin as {ending} files do.")
    raise BadInput(f"{name} is nothing that can be read here: bring {READS}.")


def _of_files(files: list[File], name: str, choices: "Choices", progress: Progress | None) -> Taken:
    """A zip or folder: IDX files if it holds any, otherwise pictures."""
    if any(PurePosixPath(file.name).name == "data.pkl" for file in files):
        raise unpacking.pickle_refused(name)  # a model saved by torch is a zip around one
    numbers = [file for file in files if "idx" in PurePosixPath(file.name).name.lower()]
    if numbers:
        return _of_table(_idx(numbers), name, choices)
    if not files:
        raise BadInput(f"{name} is empty: bring {READS}.")
    x, used, problems = pictures.of_files(
        files, choices.size, choices.colour, choices.fit, progress
    )
    if not used:
        raise BadInput(f"Nothing in {name} could be used: {problems[0]}")
    folders = [files[place].folder or "other" for place in used]
    y, classes = _classes(folders if len(set(folders)) > 1 else None, problems)
    return Taken("images", x, y, classes, problems)


def _idx(files: list[File]) -> Table:
    """The IDX files among others; those that do not unpack are named."""
    read, problems = [], []
    for file in files:
        try:
            read.append((file.name, file.read()))
        except unpacking.UNREADABLE:
            problems.append(f"{file.name} is damaged.")
    if not read:
        raise BadInput(" ".join(problems))
    table = tables.idx_files(read)
    table.problems.extend(problems)
    return table


def _of_table(table: Table, name: str, choices: "Choices") -> Taken:
    """Rows of numbers become pictures or points."""
    table = _without_gaps(_with_label_column(table, choices), name)
    x = table.x
    if x.ndim == 2 and not _looks_drawn(x, choices.table):
        if x.shape[1] > COLUMNS:
            raise BadInput(
                f"{name} has {x.shape[1]:,} columns; {COLUMNS:,} is the most for points."
            )
        kind, x = "points", np.ascontiguousarray(x, np.float32)
    else:
        x = _eight_bit(_bands_last(x, name), table.problems)
        kind, x = "images", pictures.of_array(x, choices.size, choices.colour, choices.fit)
    y, classes = _classes(table.labels, table.problems)
    return Taken(kind, x, y, classes, table.problems)


def _with_label_column(table: Table, choices: "Choices") -> Table:
    """Take the chosen column out of an array of two dimensions, which has no titles to name it by."""
    choice = choices.label_column
    if not choice or table.labels is not None or table.x.ndim != 2:
        return table
    if not choice.isdecimal() or not 1 <= int(choice) <= table.x.shape[1]:
        wrong = f"give a column's number from 1 to {table.x.shape[1]}."
        raise BadInput.of_fields({"label_column": wrong})
    place = int(choice) - 1
    labels = [tables.plain(value) for value in table.x[:, place].tolist()]
    return Table(np.delete(table.x, place, axis=1), labels, table.problems)


def _without_gaps(table: Table, name: str) -> Table:
    """Without the rows that hold something other than usable numbers, each named."""
    if table.x.dtype.kind != "f":
        return table
    good = (np.abs(table.x.reshape(len(table.x), -1)) <= LARGEST).all(axis=1)  # false for NaN too
    bad = np.flatnonzero(~good)
    table.problems += [
        f"{name}, row {row + 1} of numbers: one is missing or infinite." for row in bad
    ]
    labels = table.labels and [
        label for label, fine in zip(table.labels, good, strict=True) if fine
    ]
    return Table(table.x[good], labels, table.problems)


def _looks_drawn(x: np.ndarray, meaning: Meaning) -> bool:
    """Whether rows (n, D) are flattened square pictures: as one says, or as 8×8 or more of 0 to 255 or 0 to 1."""
    side = round(x.shape[1] ** 0.5)
    square = side * side == x.shape[1]
    if meaning == "pictures" and not square:
        raise BadInput.of_fields(
            {"table": f"{x.shape[1]} columns make no square picture; without the labels they must."}
        )
    if meaning != "auto":
        return meaning == "pictures"
    whole = bool((x == np.rint(x)).all())
    return (
        square
        and side >= 8
        and x.size
        and x.min() >= 0
        and (x.max() <= 1 or (whole and x.max() <= 255))
    )


def _bands_last(x: np.ndarray, name: str) -> np.ndarray:
    """Images as (n, H, W, 1 or 3), from flattened squares, greys, bands first or bands last."""
    if x.ndim == 2:
        side = round(x.shape[1] ** 0.5)
        x = x.reshape(-1, side, side)
    if x.ndim == 3:
        x = x[..., None]
    if x.ndim == 4 and x.shape[3] not in (1, 3, 4) and x.shape[1] in (1, 3, 4):
        x = x.transpose(0, 2, 3, 1)
    if (
        x.ndim != 4
        or x.shape[3] not in (1, 3, 4)
        or 0 in x.shape
        or max(x.shape[1:3]) > pictures.SIDE
    ):
        raise BadInput(f"{name} has the shape {x.shape}; pictures are (n, H, W) or (n, H, W, 3).")
    return x[..., :3]


def _eight_bit(x: np.ndarray, problems: list[str]) -> np.ndarray:
    """Pixels as uint8: 0 to 255 as they are, 0 to 1 times 255, anything else stretched, which is said."""
    if x.dtype == np.uint8 or not x.size:
        return x.astype(np.uint8)
    low, high = float(x.min()), float(x.max())
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif low >= 0 and 128 <= high <= 255:
        return np.rint(x).astype(np.uint8)
    else:
        problems.append(f"Pixels from {low:g} to {high:g} were stretched to black and white.")
    scaled = (x.astype(np.float32) - low) * (255 / max(high - low, 1e-12))
    return np.rint(scaled).astype(np.uint8)


def _classes(
    labels: list[str] | None, problems: list[str]
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Numbers for labels, and their names in order: as numbers if all are, otherwise by the alphabet."""
    if labels is None:
        return None, ()
    names = set(labels)
    if len(names) > CLASSES:
        problems.append(f"The labels were left out: {len(names):,} different ones are no classes.")
        return None, ()
    try:
        ordered = sorted(names, key=float)
    except ValueError:
        ordered = sorted(names)
    place = {name: number for number, name in enumerate(ordered)}
    return np.array([place[label] for label in labels], np.int64), tuple(ordered)

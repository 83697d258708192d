"""Your own data: pictures in a zip or folder, arrays as ``.npz``, ``.npy`` or IDX, tables as ``.csv``.

``keep`` takes them in once and names them by their content; the option ``content`` is that name. So a run on them
resumes and forks as long as they are kept, and bringing the same data again brings the same name back.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from core import arrays
from core.datasets import intake
from core.datasets.base import Data, ImageOptions, Progress, image_data, split_rows
from core.datasets.pictures import LARGEST, Fit
from core.errors import BadInput, DamagedFile, DataUnavailable
from core.fields import validated
from core.settings import settings

TITLE = "Your own data"
KIND = "images"  # or points: each kept set says which in its report

FILE = "data.safetensors"


class Options(ImageOptions):
    """Which kept data, and how tables are scaled."""

    content: str = Field(
        "",
        pattern=r"^([0-9a-f]{16})?$",
        description="The name that the data were given when they were taken in.",
    )
    standardise: bool = Field(
        True, description="Scale each column of a table to mean 0 and standard deviation 1."
    )


class Choices(BaseModel):
    """How data are taken in. What is chosen here is part of their content, and so of their name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int | None = Field(
        None,
        ge=4,
        le=LARGEST,
        description="Pixels on a side; empty keeps small pictures as they are, and makes others 28.",
    )
    colour: bool = Field(False, description="Keep the colours; otherwise pictures become grey.")
    fit: Fit = Field("crop", description="Make pictures square by cutting, padding or stretching.")
    table: intake.Meaning = Field(
        "auto", description="Whether each row of a table is a picture or a point; auto guesses."
    )
    label_column: str | None = Field(
        None,
        max_length=200,
        description="The column with the classes: its title, or its number from 1.",
    )


@dataclass(frozen=True)
class Report:
    """What was kept: ``hash`` is the option ``content``; ``problems`` name each thing left out or changed."""

    hash: str
    filename: str
    kind: str
    count: int
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    problems: tuple[str, ...]


def keep(
    source: Path | bytes, filename: str = "", *, progress: Progress | None = None, **choices: Any
) -> Report:
    """Take in a file, a folder or an upload's bytes (then ``filename`` says what it was called).

    ``choices`` are the fields of ``Choices``. What is broken is named in the report and what is good is kept; raises
    ``BadInput`` if nothing is good or something is refused, ``StorageFull`` if it cannot be written.
    """
    chosen = validated(Choices, choices)
    name = filename or (source.name if isinstance(source, Path) else "upload")
    taken = intake.take(source, name, chosen, progress)
    known = _digest(taken.x, taken.y, taken.classes)
    report = Report(
        hash=known,
        filename=name,
        kind=taken.kind,
        count=len(taken.x),
        shape=taken.x.shape[1:],
        classes=taken.classes,
        problems=tuple(taken.problems),
    )
    stored = {"x": taken.x} if taken.y is None else {"x": taken.x, "y": taken.y}
    arrays.write(_path(known), stored, asdict(report))
    return report


def kept() -> list[Report]:
    """Everything taken in so far, the newest first; what is damaged is passed over."""
    found = sorted(_path("*").parent.parent.glob(f"*/{FILE}"), key=lambda p: -p.stat().st_mtime)
    reports = []
    for path in found:
        try:
            reports.append(_report(arrays.read(path)[1]))
        except (DamagedFile, TypeError):
            continue
    return reports


def load(
    options: Options, *, data_dir: Path | None = None, progress: Progress | None = None
) -> Data:
    """What was kept under ``options.content``: images (n, C, H, W) or points (n, D); ``index`` is the row kept.

    Raises ``BadInput`` without a ``content``, ``DataUnavailable`` if it is no longer here, ``DamagedFile``.
    """
    if not options.content:
        raise BadInput.of_fields({"content": "bring your own data first."})
    path = _path(options.content)
    if not path.exists():
        raise DataUnavailable(
            f"The data {options.content} are no longer here; take the same files in again and they are back."
        )
    stored, meta = arrays.read(path)
    try:
        report = _report(meta)
        x, y = stored["x"], stored.get("y")
    except (KeyError, TypeError) as error:
        raise DamagedFile(
            f"{path.name} of {options.content} is damaged and was left alone."
        ) from error
    if _digest(x, y, report.classes) != options.content:
        raise DamagedFile(f"{path.name} of {options.content} is damaged and was left alone.")
    if report.kind == "images":
        return image_data("own", options, x, y, classes=report.classes)
    if options.binarise != "none":
        raise BadInput.of_fields({"binarise": "these data are points, which have no pixels."})
    return _points(options, x, y, report.classes)


def _points(
    options: Options, x: np.ndarray, y: np.ndarray | None, classes: tuple[str, ...]
) -> Data:
    """Rows of a table; the training rows say what mean and standard deviation are."""
    splits = split_rows(len(x), options)
    if options.standardise:
        train = x[splits["train"]].astype(np.float64)
        spread = train.std(axis=0)
        x = ((x - train.mean(axis=0)) / np.where(spread > 0, spread, 1)).astype(np.float32)
    return Data("own", "points", x, splits, np.arange(len(x), dtype=np.int64), y, classes=classes)


def _path(known: str) -> Path:
    return settings().home / "data" / "own" / known / FILE


def _digest(x: np.ndarray, y: np.ndarray | None, classes: tuple[str, ...]) -> str:
    """Sixteen hexadecimal digits that are the same for the same rows, labels and class names."""
    digest = hashlib.sha256(json.dumps([x.dtype.str, x.shape, classes]).encode())
    for array in (x, y):
        digest.update(b"" if array is None else np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]


def _report(meta: dict) -> Report:
    """The report that was kept beside the arrays, tuples again."""
    lists = {key: tuple(meta.get(key, ())) for key in ("shape", "classes", "problems")}
    return Report(**{**meta, **lists})

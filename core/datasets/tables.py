"""Read arrays that somebody brings: ``.npy``, ``.npz``, IDX and ``.csv``; name what cannot be used."""

import csv
import io
import math
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np

from core.datasets import idx, unpacking
from core.errors import BadInput, DamagedFile

X_NAMES = ("x", "images", "data", "x_train", "arr_0")
Y_NAMES = ("y", "labels", "label", "target", "targets", "y_train", "arr_1")
LABEL_COLUMNS = {"label", "labels", "class", "target"}
DELIMITERS = ",;\t"


@dataclass
class Table:
    """Rows as they came: ``x`` (n, …) of numbers, a label each or None, and sentences on what was left out."""

    x: np.ndarray
    labels: list[str] | None = None
    problems: list[str] = field(default_factory=list)


def npy(data: bytes, name: str) -> np.ndarray:
    """The array of an ``.npy``. Raises ``BadInput`` if it needs pickle, is cut short or holds no numbers."""
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        readers = {(1, 0): np.lib.format.read_array_header_1_0}
        shape, _, dtype = readers.get(version, np.lib.format.read_array_header_2_0)(file)
    except (*unpacking.UNREADABLE, tokenize.TokenError) as error:
        raise BadInput(f"{name} is damaged: its header cannot be read.") from error
    if dtype.hasobject:
        raise BadInput(
            f"{name} needs pickle, which can run any program when it is opened, so it was not; "
            "save plain numbers instead."
        )
    if dtype.kind not in "buif":
        raise BadInput(f"{name} holds no plain numbers but {dtype}.")
    # Asked before reading: the reader would set aside as much memory as the header names.
    if math.prod(shape) * dtype.itemsize != len(data) - file.tell():
        raise BadInput(f"{name} is damaged: its header does not fit its length.")
    return np.load(io.BytesIO(data), allow_pickle=False)


def npz(data: bytes, name: str) -> Table:
    """The examples and labels of an ``.npz``, by the names x and y, images and labels, x_train and y_train …"""
    stored = {
        PurePosixPath(file.name).stem: file
        for file in unpacking.of_zip(data, name)
        if file.name.endswith(".npy")
    }
    if not stored:
        raise BadInput(f"{name} holds no arrays.")
    named = {key.lower(): key for key in stored}
    key = next((named[k] for k in X_NAMES if k in named), next(iter(stored)))
    label_key = next((named[k] for k in Y_NAMES if k in named and named[k] != key), None)
    x, y = (None if k is None else _stored(stored, k, name) for k in (key, label_key))
    if x.ndim < 2:
        raise BadInput(
            f"{name}: {key} holds {x.ndim} dimensions; rows of examples need two or more."
        )
    if y is not None and y.shape != x.shape[:1]:
        problem = f"{name}: {label_key} does not hold one label for each row and was left out."
        return Table(x, None, [problem])
    return Table(x, None if y is None else [plain(value) for value in y.tolist()])


def _stored(stored: dict[str, unpacking.File], key: str, name: str) -> np.ndarray:
    """One array of an ``.npz``; the part called test is added to the part called train."""
    parts = [key, key.replace("train", "test")] if "train" in key else [key]
    arrays = []
    for part in parts:
        if part in stored:
            try:
                data = stored[part].read()
            except unpacking.UNREADABLE as error:
                raise BadInput(f"{name} is damaged: {part} does not unpack.") from error
            arrays.append(npy(data, f"{part} of {name}"))
    if any(array.shape[1:] != arrays[0].shape[1:] for array in arrays):
        raise BadInput(f"{name}: {' and '.join(parts)} have rows of different shapes.")
    return np.concatenate(arrays) if arrays[0].ndim else arrays[0]


def idx_files(files: list[tuple[str, bytes]]) -> Table:
    """Images and labels of IDX files: all with three or four dimensions, and all with one, each in order."""
    images, labels, problems = [], [], []
    for name, data in files:
        try:
            array = idx.parse(data, name)
        except DamagedFile as error:
            problems.append(str(error))
            continue
        if images and array.ndim > 1 and array.shape[1:] != images[0].shape[1:]:
            problems.append(f"{name} holds images of another size and was left out.")
            continue
        (images if array.ndim > 1 else labels).append(array)
    if not images:
        raise BadInput(" ".join(problems) or f"{files[0][0]} holds labels; bring the images too.")
    x, y = np.concatenate(images), np.concatenate(labels) if labels else None
    if y is not None and len(y) != len(x):
        problems.append(f"There are {len(y):,} labels for {len(x):,} images; they were left out.")
        y = None
    return Table(x, None if y is None else [plain(value) for value in y.tolist()], problems)


def text(data: bytes, name: str, label_column: str | None) -> Table:
    """The rows of a ``.csv`` with comma, semicolon or tab, with or without a line of titles.

    ``label_column`` is a title or a number counted from 1; without it a column titled label, class or target, or
    the only one that holds words, is taken. Lines that do not fit are named and left out.
    """
    decoded = data.decode("utf-8-sig", errors="replace")
    first_line = decoded[: max(decoded.find("\n"), 0) or None]
    delimiter = max(DELIMITERS, key=first_line.count)
    lines = ((n, row) for n, row in _lines(decoded, delimiter, name) if row)
    head = next(lines, None)
    if head is None:
        raise BadInput(f"{name} is empty.")
    second = next(lines, None)
    titled = _is_header(head[1], second[1] if second else [])
    first = second if titled else head
    titles = [cell.strip() for cell in head[1]] if titled else []
    if first is None:
        raise BadInput(f"{name} holds titles but no rows.")
    column = _label_place(titles, first[1], label_column)
    begin = [first] if titled or second is None else [first, second]
    return _rows(_chained(begin, lines), len(first[1]), column, name)


def _lines(decoded: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each line's number and cells."""
    reader = csv.reader(io.StringIO(decoded), delimiter=delimiter)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise BadInput(f"{name} is no table: line {reader.line_num} cannot be read.") from error


def _chained(
    begin: list[tuple[int, list[str]]], rest: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield from begin
    yield from rest


def _rows(
    lines: Iterator[tuple[int, list[str]]], width: int, column: int | None, name: str
) -> Table:
    rows, labels, problems = [], [], []
    for number, cells in lines:
        if len(cells) != width:
            problems.append(f"{name}, line {number}: {len(cells)} cells where others have {width}.")
            continue
        label = None if column is None else cells.pop(column).strip()
        try:
            row = np.array(cells, np.float64)
        except ValueError:
            odd = next(cell for cell in cells if not _is_number(cell))
            problems.append(f"{name}, line {number}: {odd.strip()[:40]!r} is no number.")
            continue
        rows.append(row)
        labels.append(label)
    if not rows or not rows[0].size:
        raise BadInput(
            f"{name} holds no rows of numbers. {problems[0] if problems else ''}".strip()
        )
    return Table(np.stack(rows), None if column is None else [plain(v) for v in labels], problems)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _is_header(row: list[str], following: list[str]) -> bool:
    """Titles are words where the next line has numbers, or words altogether."""
    words = [not _is_number(cell) for cell in row]
    below = [_is_number(cell) for cell in following]
    return all(words) or any(w and n for w, n in zip(words, below, strict=False))


def _label_place(titles: list[str], row: list[str], choice: str | None) -> int | None:
    """The position of the label column. Raises ``BadInput`` for a choice that is not there."""
    if choice:
        if choice in titles:
            return titles.index(choice)
        if choice.isdecimal() and 1 <= int(choice) <= len(row):
            return int(choice) - 1
        known = f": {', '.join(titles[:12])}" if titles else ""
        raise BadInput.of_fields(
            {"label_column": f"there is no column {choice!r} among the {len(row)}{known}."}
        )
    named = [k for k, title in enumerate(titles) if title.lower() in LABEL_COLUMNS]
    words = [k for k, cell in enumerate(row) if not _is_number(cell)]
    return next(iter(named), words[0] if len(words) == 1 else None)


def plain(value: object) -> str:
    """A label as one writes it: 3 for 3.0; no longer than a legend has room for."""
    text = str(value)
    whole = _is_number(text) and float(text).is_integer()
    return (str(int(float(text))) if whole else text)[:80]

"""Open what somebody brings, a zip or a folder, as a list of files, and refuse what would fill memory.

Nothing is ever unpacked to disk, so a name in a zip can point nowhere, and nothing is ever unpickled.
"""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.errors import BadInput

FILES = 60_000
TOTAL = 1 << 30  # bytes once unpacked
ONE = 64 << 20  # bytes of a single picture's file
RATIO = 100  # what honest pictures never reach, asked only of what unpacks to more than SMALL
SMALL = 64 << 20
PICKLES = {".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib", ".sav"}

# What a file that is not what it says can make a reader raise, zip and picture readers alike: no list in their
# documentation is complete, and one bad file must never cost the good ones.
UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
)


@dataclass(frozen=True)
class File:
    """One file of a zip or folder: its path within, its size in bytes, and how to get them."""

    name: str
    size: int
    read: Callable[[], bytes]

    @property
    def folder(self) -> str:
        """The name of the folder it lies in, empty at the top."""
        return PurePosixPath(self.name).parent.name


def is_pickle(data: bytes, name: str) -> bool:
    """Whether a file is a pickle, by its first bytes or its name."""
    marked = len(data) > 2 and data[0] == 0x80 and 2 <= data[1] <= 5
    return marked or PurePosixPath(name).suffix.lower() in PICKLES


def pickle_refused(name: str) -> BadInput:
    """Why a pickle is not opened."""
    return BadInput(
        f"{name} is a pickle, which can run any program when it is opened, so it was not; "
        "save the arrays as .npz instead."
    )


def of_folder(folder: Path) -> list[File]:
    """The files of a folder and its sub-folders in order of name; hidden ones and links are passed over."""
    files: list[File] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _hidden(name))
        for name in sorted(names):
            path = Path(place, name)
            if _hidden(name) or path.is_symlink() or not path.is_file():
                continue
            where = path.relative_to(folder).as_posix()
            files.append(File(where, path.stat().st_size, path.read_bytes))
            if len(files) > FILES:
                raise BadInput(f"{folder.name} holds more than {FILES:,} files; bring fewer.")
    return files


def of_zip(data: bytes, name: str) -> list[File]:
    """The files of a zip in order of name. Raises ``BadInput`` for one that is damaged or would not fit."""
    # Entries are counted before the reader makes an object of each.
    if data.count(b"PK\x01\x02") > FILES:
        raise BadInput(f"{name} holds more than {FILES:,} files; bring fewer.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except UNREADABLE as error:
        raise BadInput(f"{name} is damaged: its list of files cannot be read.") from error
    entries = [e for e in archive.infolist() if e.filename and not e.filename.endswith("/")]
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    # The reader stops at the size an entry declares, so that these sums hold whatever the data are.
    if total > TOTAL or (total > SMALL and total > RATIO * min(packed, len(data))):
        raise BadInput(
            f"{name} would unpack to {total / 1e6:,.0f} MB from {len(data) / 1e6:,.1f} MB and was not opened."
        )
    entries = [e for e in entries if not any(map(_hidden, PurePosixPath(e.filename).parts))]
    return [
        File(entry.filename, entry.file_size, lambda entry=entry: archive.read(entry))
        for entry in sorted(entries, key=lambda entry: entry.filename)
    ]


def _hidden(name: str) -> bool:
    return (name.startswith(".") and name != "..") or name == "__MACOSX"

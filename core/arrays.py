"""One binary format for every array that leaves a process: the safetensors layout.

Snapshots, weights, live frames and the messages of the compute worker all are this: an unsigned 64-bit
little-endian header length, a JSON header ``{name: {dtype, shape, data_offsets}}`` and the raw data. Python
and the page read it in a few lines, it holds nothing that could be executed, and ``meta`` rides along as JSON.
"""

import json
import os
import tempfile
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from core.errors import DamagedFile, StorageFull

LONGEST_HEADER = 100_000_000  # bytes; the layout itself allows no more


def pack(arrays: dict[str, np.ndarray], meta: dict | None = None) -> bytes:
    """The bytes of named arrays (any shape, any plain dtype) and a JSON-able ``meta``."""
    contiguous = {name: np.ascontiguousarray(a).reshape(np.shape(a)) for name, a in arrays.items()}
    return save(contiguous, {"meta": json.dumps(meta or {})})


def unpack(data: bytes) -> tuple[dict[str, np.ndarray], dict]:
    """The arrays and the ``meta`` that ``pack`` was given. Raises ``DamagedFile`` for anything else."""
    try:
        arrays = load(data)
        length = int.from_bytes(data[:8], "little")
        return arrays, _meta(data[8 : 8 + length])
    except (SafetensorError, ValueError, KeyError) as error:
        raise DamagedFile(f"These bytes are no complete set of arrays ({error}).") from error


def _meta(header: bytes) -> dict:
    return json.loads(json.loads(header).get("__metadata__", {}).get("meta", "{}"))


def write(path: Path, arrays: dict[str, np.ndarray], meta: dict | None = None) -> int:
    """Write atomically: a reader sees the old file or the new one, never half. Returns the bytes written.

    Raises ``StorageFull`` where nothing can be written; whatever was there before is kept.
    """
    return write_bytes(path, pack(arrays, meta))


def write_bytes(path: Path, data: bytes) -> int:
    """The same for bytes that are ready."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        raise StorageFull(
            f"{path.name} could not be written ({error.strerror}); everything before it is kept."
        ) from error
    return len(data)


def read(path: Path) -> tuple[dict[str, np.ndarray], dict]:
    """The arrays and ``meta`` of a file. Raises ``DamagedFile`` if it is missing or not whole."""
    try:
        return unpack(path.read_bytes())
    except OSError as error:
        raise DamagedFile(f"{path.name} cannot be read ({error.strerror}).") from error
    except DamagedFile as error:
        raise DamagedFile(f"{path.name} is damaged and was left alone.") from error


def read_meta(path: Path) -> dict:
    """The ``meta`` of a file, without its arrays. Raises ``DamagedFile`` if it is missing or has none."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            return _meta(file.read(min(length, LONGEST_HEADER)))
    except OSError as error:
        raise DamagedFile(f"{path.name} cannot be read ({error.strerror}).") from error
    except (ValueError, AttributeError) as error:
        raise DamagedFile(f"{path.name} is damaged and was left alone.") from error

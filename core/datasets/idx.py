"""The IDX format that MNIST and its kin come in, plain or gzipped.

Two zero bytes, a type byte, the number of dimensions, each dimension as a big-endian 32-bit number,
then the data (http://yann.lecun.com/exdb/mnist). Read here so that files that are present cost no
import of torchvision (3 s).
"""

import gzip
import io
import math
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from core.errors import DamagedFile

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
LIMIT = 1 << 28  # bytes of data: five times MNIST


def read(path: Path) -> np.ndarray:
    """The array of an IDX file, in native byte order; ``.gz`` by its first bytes, not by its name.

    Raises ``DamagedFile``, naming the file, if it is missing, cut short, or something else.
    """
    try:
        with path.open("rb") as file:
            return _read(file, path.name)
    except OSError as error:
        raise DamagedFile(f"{path.name} cannot be read ({error.strerror or error}).") from error


def parse(data: bytes, name: str) -> np.ndarray:
    """The same for bytes; ``name`` is what an error calls them."""
    return _read(io.BytesIO(data), name)


def is_idx(start: bytes) -> bool:
    """Whether a file that begins with these bytes (at least four) is IDX, or gzip, which may hold
    it.
    """
    plain = start[:2] == b"\0\0" and len(start) >= 4 and start[2] in TYPES and 1 <= start[3] <= 4
    return plain or start[:2] == b"\x1f\x8b"


def _read(file: BinaryIO, name: str) -> np.ndarray:
    if file.read(2) == b"\x1f\x8b":
        file.seek(0)
        try:
            with gzip.open(file) as unzipped:
                unzipped.read(2)
                return _body(unzipped, name)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise DamagedFile(f"{name} is damaged: its compressed data do not unpack.") from error
    return _body(file, name)


def _body(file: BinaryIO, name: str) -> np.ndarray:
    """What follows the first two bytes. Never reads or allocates more than the header and the limit
    allow.
    """
    head = file.read(2)
    if len(head) < 2 or head[0] not in TYPES or not 1 <= head[1] <= 4:
        raise DamagedFile(f"{name} is no IDX file: its first bytes are something else.")
    shape = tuple(int(n) for n in np.frombuffer(file.read(4 * head[1]), ">u4"))
    dtype = np.dtype(TYPES[head[0]])
    size = math.prod(shape) * dtype.itemsize
    if len(shape) < head[1] or size > LIMIT:
        raise DamagedFile(f"{name} is no usable IDX file: its header names {size:,} bytes of data.")
    data = file.read(size + 1)
    if len(data) != size:
        more = "more" if len(data) > size else "fewer"
        raise DamagedFile(f"{name} is damaged: it holds {more} bytes than its header says.")
    array = np.frombuffer(bytearray(data), dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False)

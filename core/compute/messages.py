"""How the server and the compute worker talk: a length, then arrays with a JSON part (see ``core.arrays``)."""

import socket
import struct
from pathlib import Path
from typing import Any

import numpy as np

from core import errors
from core.arrays import pack, unpack
from core.errors import BadInput, ExplorerError

LENGTH = struct.Struct("<Q")


def send(connection: socket.socket, message: Any) -> None:
    """Send anything made of JSON values, numpy arrays, bytes and paths; ``TypeError`` for more."""
    connection.sendall(encode(message))


def encode(message: Any) -> bytes:
    """The bytes that ``send`` sends."""
    arrays: dict[str, np.ndarray] = {}
    plain = _flatten(message, arrays)
    data = pack(arrays, {"message": plain})
    return LENGTH.pack(len(data)) + data


def receive(connection: socket.socket) -> Any | None:
    """The next message, or None once the other side is gone. Tuples come as lists, paths as strings."""
    head = _exactly(connection, LENGTH.size)
    data = head and _exactly(connection, LENGTH.unpack(head)[0])
    if not data:
        return None
    arrays, meta = unpack(data)
    return _restore(meta["message"], arrays)


def error_to_plain(error: ExplorerError) -> dict:
    """An error as JSON values."""
    fields = error.fields if isinstance(error, BadInput) else {}
    return {"class": type(error).__name__, "message": str(error), "fields": fields}


def error_from_plain(plain: dict) -> ExplorerError:
    """The same error again; a class that is not among ours becomes a plain ``ExplorerError``."""
    kind = getattr(errors, plain["class"], ExplorerError)
    if kind is BadInput:
        return BadInput(plain["message"], plain["fields"])
    return kind(plain["message"])


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    """``count`` bytes, or None if the connection ends before."""
    buffer = bytearray(count)
    view = memoryview(buffer)
    while view:
        try:
            got = connection.recv_into(view)
        except ConnectionError:
            return None
        if not got:
            return None
        view = view[got:]
    return bytes(buffer)


def _flatten(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """``value`` with every array taken out and put under a name."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray | bytes):
        name = str(len(arrays))
        arrays[name] = np.frombuffer(value, np.uint8) if isinstance(value, bytes) else value
        return {"": "bytes" if isinstance(value, bytes) else "array", "name": name}
    if isinstance(value, dict):
        return {str(key): _flatten(one, arrays) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_flatten(one, arrays) for one in value]
    if isinstance(value, Path):
        return str(value)
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"a {type(value).__name__} cannot be sent to or from the compute worker")


def _restore(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, dict) and "" in value:
        array = arrays[value["name"]]
        return array.tobytes() if value[""] == "bytes" else array
    if isinstance(value, dict):
        return {key: _restore(one, arrays) for key, one in value.items()}
    if isinstance(value, list):
        return [_restore(one, arrays) for one in value]
    return value

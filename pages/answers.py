"""What routes that ask a worker have in common: queries and bodies read, answers packed as arrays."""

from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from core import arrays
from core.errors import BadInput

DIGITS = 10


def packed(found: dict[str, Any], cache: str) -> Response:
    """A task's answer: its arrays (bytes count as uint8) under their names, everything else as their meta."""
    plain, values = {}, {}
    for name, value in found.items():
        if isinstance(value, bytes):
            value = np.frombuffer(value, np.uint8)
        (values if isinstance(value, np.ndarray) else plain)[name] = value
    return Response(
        arrays.pack(values, plain),
        media_type="application/octet-stream",
        headers={"Cache-Control": cache},
    )


def whole(request: Request, name: str) -> int | None:
    """A whole number of the query; None where it is not given."""
    return number(name, text) if (text := request.query_params.get(name, "")) else None


def number(name: str, text: str) -> int:
    """The whole number that a text writes out. Raises ``BadInput``."""
    if not (text.isascii() and text.isdecimal() and len(text) <= DIGITS):
        raise BadInput(f"{name}: a whole number, not {text[:40]!r}.")
    return int(text)

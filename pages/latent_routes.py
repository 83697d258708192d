"""What the square over a code fetches by address: one task of the compute worker each, its arrays as bytes.

Each answer is (run, request, body) -> Response; ``pages.routes`` finds the run and answers errors with their sentence.
"""

import math
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from core.errors import BadInput
from core.runs import Run
from core.training.jobs import service
from pages.answers import packed, whole

__all__ = ["LATENT"]

LONGEST = 4096  # numbers in a query
# Long enough for a visit, short enough that a newer program's answers are soon asked for.
LASTING = "private, max-age=3600"


def _answer(run: Run, task: str, **arguments: Any) -> Response:
    found = service().compute.call(task, run=run.id, **arguments)
    return packed(found, LASTING if run.state in ("done", "failed") or run.shipped else "no-cache")


def _numbers(request: Request, name: str, kind: type) -> list:
    """Numbers of the query with commas between them."""
    text = request.query_params.get(name, "")
    parts = text.split(",") if text else []
    try:
        numbers = [kind(part) for part in parts[:LONGEST]]
    except ValueError:
        raise BadInput(f"{name}: numbers with commas between them, not {text[:40]!r}.") from None
    if len(parts) > LONGEST or not all(math.isfinite(number) for number in numbers):
        raise BadInput(f"{name}: at most {LONGEST:,} finite numbers.")
    return numbers


def _axes(request: Request) -> dict[str, Any]:
    return {
        "step": whole(request, "step"),
        "axes": request.query_params.get("axes", "auto"),
        "of": _numbers(request, "of", int),
    }


def _plane(run: Run, request: Request, body: bytes) -> Response:
    """The plane and the codes on it."""
    del body
    return _answer(run, "pad_plane", **_axes(request))


def _decoder(run: Run, request: Request, body: bytes) -> Response:
    """The decoder's weights, or none where the page cannot evaluate it."""
    del body
    return _answer(run, "pad_decoder", step=whole(request, "step"))


def _sprite(run: Run, request: Request, body: bytes) -> Response:
    """The square decoded at many places, as one picture."""
    del body
    rest, y = _numbers(request, "rest", float), whole(request, "y")
    return _answer(run, "pad_sprite", rest=rest, y=y, **_axes(request))


def _example(run: Run, request: Request, body: bytes) -> Response:
    """One example of the data, by its position."""
    del body
    position = whole(request, "position")
    if position is None:
        raise BadInput("position: which example?")
    return _answer(run, "pad_example", position=position, step=whole(request, "step"))


def _decode(run: Run, request: Request, body: bytes) -> Response:
    """What one code decodes to; the body is its numbers as little-endian float32."""
    if not body or len(body) % 4:
        raise BadInput("z: the body holds the code as float32 numbers.")
    z = np.frombuffer(body, "<f4")[None]
    return _answer(run, "pad_decode", z=z, step=whole(request, "step"), y=whole(request, "y"))


def _place(run: Run, request: Request, body: bytes) -> Response:
    """Where an image from outside belongs; the body is its pixels, channel by channel."""
    step, y = whole(request, "step"), whole(request, "y")
    return _answer(run, "pad_place", pixels=body, step=step, y=y)


LATENT = (
    ("/api/latent/plane/{run}", _plane, "GET"),
    ("/api/latent/decoder/{run}", _decoder, "GET"),
    ("/api/latent/sprite/{run}", _sprite, "GET"),
    ("/api/latent/example/{run}", _example, "GET"),
    ("/api/latent/decode/{run}", _decode, "POST"),
    ("/api/latent/place/{run}", _place, "POST"),
)

"""What a map of codes fetches by address: the kept map as it lies on disk, and what a worker knows of its points.

A map's key stands for all that it is made of, so what comes under it never changes and a browser keeps it for good.
Each answer is (run, request, body) -> Response; ``pages.routes`` finds the run and answers errors with their sentence.
"""

from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from core import arrays
from core.analysis.maps.align import aligned
from core.errors import BadInput, NoSuchRun
from core.runs import Run
from core.runs.maps import KeptMaps
from core.training.jobs import service
from pages.answers import number, packed, whole

__all__ = ["MAPS"]

LASTING = "private, max-age=31536000, immutable"
MOST_IMAGES = 64
LEAST_COMMON = 3  # points: fewer do not say how a map lies
PLACING = 90.0  # seconds: a worker that is busy with another map or not warm yet is waited for
NOTHING = {"Cache-Control": "no-store"}


def _kept(run: Run) -> KeptMaps:
    """The kept maps, if those of this run may still be looked at."""
    if run.deleted:
        raise NoSuchRun("This run was deleted. Bring it back on the Runs page, or choose another.")
    return service().store.maps


def _key(run: Run, request: Request) -> str:
    """The key of the map that is asked about. Raises ``BadInput`` for what can be none."""
    key = request.path_params["key"]
    _kept(run).path(run.id, key)
    return key


def _ask(run: Run, request: Request, task: str, **arguments: Any) -> dict[str, Any]:
    return service().compute.call(task, run=run.id, key=_key(run, request), **arguments)


def _map(run: Run, request: Request, body: bytes) -> Response:
    """The coordinates, frames and rows of a map with its meta, turned onto another kept one if ``to`` names it."""
    del body
    maps = _kept(run)
    found = maps.read(run.id, request.path_params["key"])
    if found is None:
        return Response(status_code=204, headers=NOTHING)
    # What new points are placed with is the workers' own, and often larger than the map.
    shown = {name: value for name, value in found[0].items() if not name.startswith("state/")}
    if other := _other(run, request):
        shown |= _turned(shown, other)
    return _bytes(arrays.pack(shown, found[1]), LASTING)


def _other(run: Run, request: Request) -> dict[str, np.ndarray] | None:
    """The arrays of the map that ``to`` names; None where it names none."""
    key = request.query_params.get("to", "")
    if not key:
        return None
    found = _kept(run).read(run.id, key)
    if found is None:
        raise BadInput("to: the map to turn this one onto is not kept any more.")
    return found[0]


def _turned(shown: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The coordinates and frames of a map, turned so that the rows that another map has too lie as they do there."""
    at, frames = shown["at"], shown.get("frames", np.empty((0, *shown["at"].shape), np.float16))
    # One movement for all: frames that were turned each by itself would tremble.
    layers = np.concatenate([at[None], frames.astype(np.float32)])
    moved = _onto(layers.reshape(-1, at.shape[1]), shown, other).reshape(layers.shape)
    turned = {"at": moved[0]}
    return turned | ({"frames": moved[1:].astype(np.float16)} if "frames" in shown else {})


def _onto(
    points: np.ndarray, ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]
) -> np.ndarray:
    """Points (m, k), of which the first are those of the map ``ours``, moved as these come to lie upon ``theirs``."""
    _, here, there = np.intersect1d(ours["position"], theirs["position"], return_indices=True)
    if points.shape[1] != theirs["at"].shape[1]:
        raise BadInput("to: a flat map and one in space cannot be laid upon each other.")
    if len(here) < LEAST_COMMON:
        raise BadInput("to: these two maps have hardly a point in common.")
    return aligned(points, theirs["at"], here, there)


def _live(run: Run, request: Request, body: bytes) -> Response:
    """The newest state of a map that is being computed, as the worker left it."""
    del body
    frame = _kept(run).live(run.id, request.path_params["key"])
    return (
        Response(status_code=204, headers=NOTHING) if frame is None else _bytes(frame, "no-store")
    )


def _bytes(data: bytes, cache: str, kind: str = "application/octet-stream") -> Response:
    return Response(data, media_type=kind, headers={"Cache-Control": cache})


def _sheet(run: Run, request: Request, body: bytes) -> Response:
    """Thumbnails of 2,500 points, 50 in a row, as one picture."""
    del body
    i = number("sheet", request.path_params["sheet"])
    return _bytes(_ask(run, request, "map_sheet", i=i)["png"], LASTING, "image/png")


def _column(run: Run, request: Request, body: bytes) -> Response:
    """A value for every point, and what it means."""
    del body
    return packed(_ask(run, request, "map_column", name=request.path_params["name"]), LASTING)


def _near(run: Run, request: Request, body: bytes) -> Response:
    """The points whose vectors are nearest to a point's own."""
    del body
    position = number("position", request.path_params["position"])
    k = whole(request, "k")
    given = {"k": 10 if k is None else k}
    given["metric"] = request.query_params.get("metric", "euclidean")
    return packed(_ask(run, request, "map_near", position=position, **given), LASTING)


def _decode(run: Run, request: Request, body: bytes) -> Response:
    """What would lie at a place of the map; the body is its coordinates as little-endian float32."""
    at = _body(
        body,
        "<f4",
        "at: the body holds the place's two or three coordinates as float32 numbers.",
        3,
    )
    if not np.isfinite(at).all():
        raise BadInput("at: every coordinate must be finite.")
    at = _unturned(at[None], run, request)
    return packed(_ask(run, request, "map_decode", at=at, y=whole(request, "y")), "no-store")


def _unturned(at: np.ndarray, run: Run, request: Request) -> np.ndarray:
    """Places (m, k) of a map that was turned onto another, where they are on the map as it is kept."""
    other, found = _other(run, request), _kept(run).read(run.id, request.path_params["key"])
    if other is None or found is None or at.shape[1] != found[0]["at"].shape[1]:
        return at
    ours = found[0]
    moved = _onto(ours["at"], ours, other)
    return _onto(np.concatenate([moved, at]), ours, ours)[len(moved) :]


def _images(run: Run, request: Request, body: bytes) -> Response:
    """The images of points and their reconstructions; the body is rows of the map as little-endian int32."""
    sentence = f"places: the body holds 1 to {MOST_IMAGES} rows of the map as int32 numbers."
    places = _body(body, "<i4", sentence, MOST_IMAGES)
    return packed(_ask(run, request, "map_images", places=places), "no-store")


def _body(body: bytes, kind: str, sentence: str, most: int) -> np.ndarray:
    """The numbers (n,) of a body, at least one."""
    if not body or len(body) % 4 or len(body) > 4 * most:
        raise BadInput(sentence)
    return np.frombuffer(body, kind)


def _place(run: Run, request: Request, body: bytes) -> Response:
    """Where new points belong on the map as it is: an image of the body, its pixels channel by channel, or samples."""
    samples, seed = whole(request, "samples"), whole(request, "seed")
    if bool(body) == (samples is not None):
        raise BadInput("place: give either the pixels of an image or a number of samples.")
    new = {"pixels": body} if body else {"samples": samples, "seed": seed or 0}
    new["y"] = whole(request, "y")
    found = service().maps.call(
        "map_place", timeout=PLACING, run=run.id, key=_key(run, request), **new
    )
    other, kept = _other(run, request), _kept(run).read(run.id, request.path_params["key"])
    if other is not None and kept is not None:
        ours = kept[0]
        found["at"] = _onto(np.concatenate([ours["at"], found["at"]]), ours, other)[
            len(ours["at"]) :
        ]
    return packed(found, "no-store")


MAPS = (
    ("/api/maps/{run}/{key}", _map, "GET"),
    ("/api/maps/{run}/{key}/live", _live, "GET"),
    ("/api/maps/{run}/{key}/sheet/{sheet}", _sheet, "GET"),
    ("/api/maps/{run}/{key}/column/{name:path}", _column, "GET"),
    ("/api/maps/{run}/{key}/near/{position}", _near, "GET"),
    ("/api/maps/{run}/{key}/decode", _decode, "POST"),
    ("/api/maps/{run}/{key}/images", _images, "POST"),
    ("/api/maps/{run}/{key}/place", _place, "POST"),
)

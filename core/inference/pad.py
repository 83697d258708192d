"""What the square over a code asks: a plane through it, the decoder or a sheet of decoded images, single images.

``run`` and ``step`` as in ``core.inference.answers``; codes are flat, (n, d). ``axes`` is one of
``squares.AXES``, ``of`` what they go through: two units, two principal axes, the positions of three examples, or two
classes. Images are uint8 (n, C, H, W).
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from core.analysis import planes
from core.analysis.passes import batches, device_of
from core.errors import BadInput
from core.inference import asking, squares
from core.inference.weights import Loaded, load
from core.training.feed import to_float

__all__ = ["pad_decode", "pad_decoder", "pad_example", "pad_place", "pad_plane", "pad_sprite"]

VOIDS = 72  # cells on a side
SPRITE = 41  # images on a side
SPRITE_PIXELS = 1700  # on a side: what a browser decodes in a moment
SPRITE_BYTES = 400_000
LEAST = 5


def pad_plane(
    run: str, step: int | None = None, axes: str = squares.AUTO, of: Sequence[int] = ()
) -> dict[str, Any]:
    """The plane, and up to 1,000 examples (of the test split where there is one) on it.

    ``origin`` (d,), ``directions`` (k, d), ``names``, ``low``, ``high``, ``start`` (k,) as in
    ``core.analysis.planes``; ``at`` (n, k), the coordinates of the mean codes; ``spread`` (n, 3) where q(z|x) is
    Gaussian, its variances and covariance on the square; ``y``, ``position``, ``index`` (n,), ``classes``, ``split``;
    ``voids`` (m, m) where the square is one; ``prior`` the deviation of a Gaussian prior or None and ``centre`` (k,)
    where its mean lies; ``axes`` that were drawn, ``width`` d, ``shape`` of an image, ``conditional``
    whether a class is asked for; ``data`` which data set the positions belong to.
    """
    return dict(_plane(load(run, step), axes, tuple(of)))


@lru_cache(maxsize=16)
def _plane(loaded: Loaded, axes: str, of: tuple[int, ...]) -> dict[str, Any]:
    data, found = loaded.data, squares.coded(loaded)
    plane = squares.plane_of(loaded, axes, of)
    deviation = squares.prior(loaded)
    reach = planes.box(plane, found["mean"], deviation)
    at, rows = plane.coordinates(found["mean"]), found["rows"]
    answer = {
        "origin": plane.origin,
        "directions": plane.directions,
        **reach,
        "at": at,
        "centre": plane.coordinates(np.zeros((1, len(plane.origin))))[0],
    }
    answer = {name: array.astype(np.float32) for name, array in answer.items()}
    if at.shape[1] > 1:
        answer["voids"] = planes.voids(at, reach["low"], reach["high"], VOIDS).astype(np.uint8)
    if "deviation" in found:
        answer["spread"] = plane.spreads(found["deviation"]).astype(np.float32)
    return answer | {
        "y": asking.labels(data, rows).astype(np.int32),
        "position": rows.astype(np.int32),
        "index": data.index[rows].astype(np.int32),
        "names": plane.names,
        "classes": list(data.classes),
        "split": found["split"],
        "prior": deviation,
        "axes": squares.axes_of(loaded, axes),
        "width": len(plane.origin),
        "shape": list(data.shape),
        "conditional": squares.conditional(loaded),
        "data": loaded.run.spec.data_identity,
    }


def pad_decoder(run: str, step: int | None = None) -> dict[str, Any]:
    """The decoder for a page that evaluates it: ``bends`` by layer, ``weight 0`` (out, in), ``bias 0`` (out,), ….

    Float16 where its images then differ by less than one of 256 grey levels on the data's codes, else float32.
    Without layers (``bends`` empty) it is too large or no chain of dense layers: ask for ``pad_sprite``.
    """
    return dict(_weights(load(run, step)))


@lru_cache(maxsize=4)
def _weights(loaded: Loaded) -> dict[str, Any]:
    chain = squares.chain(loaded)
    answer: dict[str, Any] = {"bends": [layer.bend for layer in chain]}
    if not chain:
        return answer
    half = squares.half_does(loaded, chain)
    for k, layer in enumerate(chain):
        for name in ("weight", "bias"):
            values = getattr(layer, name).float().cpu().contiguous().numpy()
            answer[f"{name} {k}"] = values.astype(np.float16) if half else values
    return answer


def pad_sprite(
    run: str,
    step: int | None = None,
    axes: str = squares.AUTO,
    of: Sequence[int] = (),
    rest: Sequence[float] = (),
    y: int | None = None,
) -> dict[str, Any]:
    """The square decoded at n × n places, as one WebP picture ``sprite`` (bytes) of ``n`` by ``m`` images.

    The places are evenly spaced from ``low`` to ``high`` of the plane, both ends included, the top row at the second
    coordinate's high end. ``rest`` are the further coordinates in order, those that are not given at their start;
    ``y`` the class for a model that is told one. ``n`` is 41, or what fits in 400 kB; ``m`` is 1 where the code is one
    number.
    """
    loaded = load(run, step)
    if loaded.data.kind != "images":
        raise BadInput("run: only images make a sheet; these data are points.")
    plane = squares.plane_of(loaded, axes, tuple(of))
    reach = planes.box(plane, squares.coded(loaded)["mean"], squares.prior(loaded))
    further = squares.further(reach["start"][2:], rest)
    side = max(loaded.data.shape[1:])
    n = min(SPRITE, max(LEAST, SPRITE_PIXELS // side))
    while True:
        at, m = squares.places(reach, n, further)
        images = squares.decoded(loaded, plane.codes(at), y)
        picture = squares.webp(images, n, m)
        if len(picture) <= SPRITE_BYTES or n <= LEAST:
            return {"sprite": picture, "n": n, "m": m}
        n = max(LEAST, int(n * math.sqrt(0.95 * SPRITE_BYTES / len(picture))))


def pad_decode(run: str, z: Any, step: int | None = None, y: int | None = None) -> dict[str, Any]:
    """What the flat codes ``z`` (n, d) decode to: ``x``."""
    loaded = load(run, step)
    loaded.ability("decode")
    codes = np.asarray(z, np.float32)
    width = math.prod(loaded.model.latents["z"])
    if codes.ndim != 2 or codes.shape[1] != width or not 1 <= len(codes) <= squares.CODES:
        raise BadInput(f"z: this model's codes have {width} numbers each, these are another kind.")
    if not np.isfinite(codes).all():
        raise BadInput("z: every number must be finite.")
    return {"x": squares.decoded(loaded, codes, y)}


def pad_example(run: str, position: int, step: int | None = None) -> dict[str, Any]:
    """One example: ``x`` and its reconstruction ``x_hat`` (1, …), ``mean`` and ``deviation`` (d,) of q(z|x).

    ``deviation`` only where the encoder gives one; ``index``, ``y`` and the name of its ``class``.
    """
    loaded = load(run, step)
    data = loaded.data
    row = asking.position(data, position)
    batch = next(batches(data, row, device_of(loaded.model)))
    y = int(asking.labels(data, row)[0])
    return {
        **squares.followed(loaded, batch.x, batch.y),
        "index": int(data.index[row][0]),
        "y": y,
        "class": data.classes[y] if 0 <= y < len(data.classes) else "",
    }


def pad_place(
    run: str, pixels: bytes, step: int | None = None, y: int | None = None
) -> dict[str, Any]:
    """An image from outside, its bytes in the order (C, H, W): the arrays of ``pad_example`` of it."""
    loaded = load(run, step)
    data = loaded.data
    wanted = math.prod(data.shape)
    if data.kind != "images":
        raise BadInput("pixels: these data are points; only an image can be placed.")
    if len(pixels) != wanted:
        raise BadInput(f"pixels: these images are {wanted} bytes each, this one is {len(pixels)}.")
    image = torch.from_numpy(np.frombuffer(pixels, np.uint8).reshape(1, *data.shape).copy())
    given = squares.given_class(loaded, y, 1)
    return squares.followed(loaded, to_float(image).to(device_of(loaded.model)), given)

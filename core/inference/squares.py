"""A square over a code, on the model's side: codes of the data, the plane asked for, and images of its places.

What ``core.inference.pad`` answers with; the arguments are explained there.
"""

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.analysis import planes
from core.analysis.passes import BATCH, batches, device_of, quiet
from core.errors import BadInput
from core.inference import asking
from core.inference.weights import Loaded
from core.models.chains import DenseLayer, evaluated

AUTO = "auto"
AXES = (AUTO, "units", "principal", "images", "classes")
SPLITS = ("test", "validation", "train")
CODES = 1000
HEAVIEST = 2_000_000  # weights that a page evaluates by itself
TRIED = 64  # codes on which half precision must do
GREY = 1 / 255
QUALITY = 80


@lru_cache(maxsize=4)
def coded(loaded: Loaded) -> dict[str, Any]:
    """Up to 1,000 ``rows`` of a ``split`` with their ``mean`` codes and, where it says so, ``deviation`` (n, d)."""
    loaded.ability("encode")
    data = loaded.data
    split = next(name for name in SPLITS if len(data.splits.get(name, ())))
    rows = asking.rows_of(data, split, CODES)
    with quiet(loaded.model, 0):
        device = device_of(loaded.model)
        codes = [loaded.model.encode(batch.x, batch.y) for batch in batches(data, rows, device)]
    found = {"rows": rows, "split": split, "mean": flat([code.mean for code in codes])}
    if codes[0].log_var is not None:
        found["deviation"] = np.exp(0.5 * flat([code.log_var for code in codes]))
    return found


def axes_of(loaded: Loaded, axes: str) -> str:
    """``axes``; for ``auto`` the units of a code of one or two numbers, else principal axes."""
    asking.choice("axes", axes, AXES)
    if axes != AUTO:
        return axes
    return "units" if coded(loaded)["mean"].shape[1] <= 2 else "principal"


@lru_cache(maxsize=16)
def plane_of(loaded: Loaded, axes: str, of: tuple[int, ...]) -> planes.Plane:
    """The plane that is asked for; the first one of its kind where ``of`` is empty."""
    codes, data = coded(loaded)["mean"], loaded.data
    axes = axes_of(loaded, axes)
    if axes in ("units", "principal"):
        if len(of) not in (0, 2):
            raise BadInput("of: two units or axes.")
        return (planes.units if axes == "units" else planes.principal)(codes, *of)
    if codes.shape[1] < 2:
        raise BadInput("axes: a code of one number is a line.")
    if axes == "images":
        if len(of) != 3:
            raise BadInput("of: a plane goes through three images.")
        three = np.concatenate([asking.position(data, at) for at in of])
        with quiet(loaded.model, 0):
            batch = next(batches(data, three, device_of(loaded.model)))
            return planes.through(codes, flat([loaded.model.encode(batch.x, batch.y).mean]))
    y = asking.labels(data, coded(loaded)["rows"])
    if len(of) != 2 or not all((y == one).any() for one in of):
        raise BadInput("of: two classes of these data.")
    start, end = (codes[y == one].mean(axis=0) for one in of)
    name = " to ".join(data.classes[one] for one in of)
    return planes.direction(codes, start, end, f"from {name}")


def chain(loaded: Loaded) -> list[DenseLayer]:
    """The decoder's layers where a page can evaluate them, else none."""
    layers = loaded.model.dense_decoder()
    weights = sum(layer.weight.numel() for layer in layers)
    return layers if weights <= HEAVIEST and loaded.data.kind == "images" else []


def half_does(loaded: Loaded, layers: list[DenseLayer]) -> bool:
    """Whether float16 weights draw the data's codes, and those half as far out again, to less than a grey level."""
    z = torch.from_numpy(coded(loaded)["mean"][:TRIED]).to(device_of(loaded.model))
    z = torch.cat([z, 1.5 * z])
    given = layers[0].weight.shape[1] - z.shape[1]
    if given:
        z = torch.cat([z, torch.eye(given, device=z.device)[torch.arange(len(z)) % given]], 1)
    half = [
        DenseLayer(one.weight.half().float(), one.bias.half().float(), one.bend) for one in layers
    ]
    difference = (evaluated(half, z) - evaluated(layers, z)).abs().max()
    return bool(difference < GREY)


def prior(loaded: Loaded) -> float | None:
    """The deviation of a Gaussian prior, None where there is none."""
    return loaded.model.prior_deviation


def conditional(loaded: Loaded) -> bool:
    """Whether the model is told a class."""
    return bool(getattr(loaded.model, "conditional", False))


def given_class(loaded: Loaded, y: int | None, n: int) -> Tensor | None:
    """The class ``y`` for ``n`` codes where the model is told one; the first where none is given."""
    if not conditional(loaded):
        return None
    y = asking.whole("y", y or 0, 0, len(loaded.data.classes) - 1)
    return torch.full((n,), y, device=device_of(loaded.model))


def further(start: np.ndarray, rest: Sequence[float]) -> np.ndarray:
    """``rest``, and behind it where the further coordinates begin."""
    given = np.asarray(rest, np.float64)
    if given.ndim != 1 or len(given) > len(start) or not np.isfinite(given).all():
        raise BadInput(f"rest: at most {len(start)} finite numbers.")
    return np.concatenate([given, start[len(given) :]])


def places(reach: dict[str, np.ndarray], n: int, further: np.ndarray) -> tuple[np.ndarray, int]:
    """The coordinates of the sheet's images, row by row from the top left, and how many rows there are."""
    across = np.linspace(reach["low"][0], reach["high"][0], n)
    if len(reach["low"]) == 1:
        return across[:, None], 1
    up = np.linspace(reach["high"][1], reach["low"][1], n)
    square = np.stack(np.meshgrid(across, up), -1).reshape(-1, 2)
    return np.hstack([square, np.broadcast_to(further, (n * n, len(further)))]), n


def decoded(loaded: Loaded, codes: np.ndarray, y: int | None) -> np.ndarray:
    """Flat codes (n, d) as images to show, uint8 (n, C, H, W)."""
    model, shape = loaded.model, loaded.model.latents["z"]
    z = torch.from_numpy(codes.astype(np.float32)).to(device_of(model)).reshape(-1, *shape)
    given = given_class(loaded, y, len(z))
    parts = z.split(BATCH)
    classes = [None] * len(parts) if given is None else given.split(BATCH)
    with quiet(model, 0):
        x = torch.cat([model.decode(*both) for both in zip(parts, classes, strict=True)])
    return asking.as_shown(loaded.data, x)


def followed(loaded: Loaded, x: Tensor, y: Tensor | None) -> dict[str, Any]:
    """An image (1, *shape) in data units, its code, and what the mean code decodes to."""
    given = y if conditional(loaded) else None
    with quiet(loaded.model, 0):
        code = loaded.ability("encode")(x, given)
        x_hat = loaded.ability("decode")(code.mean, given)
    answer = {
        "x": asking.as_shown(loaded.data, x),
        "x_hat": asking.as_shown(loaded.data, x_hat),
        "mean": flat([code.mean])[0],
    }
    if code.log_var is not None:
        answer["deviation"] = np.exp(0.5 * flat([code.log_var])[0])
    return answer


def flat(parts: list[Tensor]) -> np.ndarray:
    """Batches of codes (B, …) as one array (n, d)."""
    return torch.cat([part.flatten(1) for part in parts]).float().cpu().numpy()


def webp(images: np.ndarray, n: int, m: int) -> bytes:
    """``n`` by ``m`` images (n·m, C, H, W) beside and below each other, compressed with loss."""
    from PIL import Image

    _, channels, height, width = images.shape
    sheet = images.reshape(m, n, channels, height, width).transpose(0, 3, 1, 4, 2)
    sheet = sheet.reshape(m * height, n * width, channels)
    picture = Image.fromarray(sheet[..., 0] if channels == 1 else sheet)
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=QUALITY, method=3)
    return out.getvalue()

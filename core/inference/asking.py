"""What questions have in common: their arguments checked, examples found, arrays made ready to show."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.analysis.passes import device_of, positions, spread
from core.datasets.base import Data
from core.errors import BadInput
from core.inference.weights import Loaded
from core.models import corruption
from core.training.feed import to_float

UNLABELLED = -1
LARGEST_NOISE = 100.0  # standard deviations of noise beyond this show nothing more, in any units


def whole(name: str, value: Any, low: int, high: int) -> int:
    """``value`` if it is a whole number between ``low`` and ``high``."""
    if not isinstance(value, int) or not low <= value <= high:
        raise BadInput(f"{name}: between {low:,} and {high:,}, not {value}.")
    return value


def seed(value: Any) -> int:
    """``value`` if it can seed a generator."""
    if not isinstance(value, int) or not 0 <= value < 2**31:
        raise BadInput("seed: between 0 and 2147483647.")
    return value


def choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    """``value`` if it is one of ``choices``."""
    if value not in choices:
        raise BadInput(f"{name}: one of {', '.join(choices)}, not {value!r}.")
    return value


def damage(kind: Any, level: Any, data: Data, name: str = "kind") -> None:
    """Refuse a kind of damage that there is not, and a level that leaves nothing or is no level."""
    choice(name, kind, corruption.KINDS)
    number = isinstance(level, int | float) and math.isfinite(level)
    most = LARGEST_NOISE if kind == "gaussian" else 1
    if not number or not 0 <= level <= most:
        raise BadInput(f"level: between 0 and {most:g}, not {level}.")
    if sentence := corruption.problem(kind, level, data.kind == "points"):
        raise BadInput(f"level: {sentence}")


def rows_of(data: Data, split: str, limit: int, evenly: bool = True) -> np.ndarray:
    """Positions of a split, at least one and at most ``limit``: spread ``evenly`` over it, or the first ones."""
    rows = positions(data, split)
    if not len(rows):
        raise BadInput(f"split: this run's data have no {split} rows.")
    return spread(rows, limit) if evenly else rows[:limit]


def position(data: Data, value: Any) -> np.ndarray:
    """The position (1,) of one example in the data set's arrays."""
    return np.array([whole("position", value, 0, len(data.x) - 1)])


def example(loaded: Loaded, at: int | None, x: Any) -> Tensor:
    """One example (1, *shape) in data units: the one at a position, or a drawn image ``x``, rows of bytes (H, W)."""
    if (at is None) == (x is None):
        raise BadInput("position: give either the position of an example or a drawn image x.")
    data = loaded.data
    stored = data.x[position(data, at)] if x is None else drawn(data, x)[None]
    return to_float(torch.from_numpy(stored)).to(device_of(loaded.model))


def drawn(data: Data, x: Any) -> np.ndarray:
    """A drawing, nested rows of 0 to 255, as an image of the data: (C, H, W) uint8, the same in every channel."""
    if data.kind != "images":
        raise BadInput("x: these data are points; only an image can be drawn.")
    try:
        image = np.asarray(x, np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput("x: not a rectangular list of numbers.") from error
    height, width = data.shape[1:]
    if image.shape != (height, width):
        given = " × ".join(map(str, image.shape))
        raise BadInput(f"x: these images are {height} × {width}, the drawing is {given}.")
    if not (np.isfinite(image).all() and 0 <= image.min() <= image.max() <= 255):
        raise BadInput("x: every pixel must be between 0 and 255.")
    return np.repeat(image.round().astype(np.uint8)[None], data.shape[0], axis=0)


def as_shown(data: Data, values: np.ndarray | Tensor) -> np.ndarray:
    """Examples in data units as pages get them: images as uint8 (n, C, H, W), clipped, points as float32 (n, D)."""
    if isinstance(values, Tensor):
        values = values.float().cpu().numpy()
    if data.kind != "images":
        return values.astype(np.float32)
    return np.rint(np.clip(np.nan_to_num(values), 0, 1) * 255).astype(np.uint8)


def classes(loaded: Loaded, rows: np.ndarray) -> Tensor | None:
    """The class of each row (n,) as the model takes it, None where the data have none."""
    y = loaded.data.y
    return None if y is None else torch.from_numpy(y[rows]).to(device_of(loaded.model))


def one_class(loaded: Loaded, y: Any, n: int) -> Tensor | None:
    """The class number ``y`` for ``n`` examples (n,), None for None; ``BadInput`` where the model takes none."""
    if y is None:
        return None
    if not loaded.model.conditional:
        raise BadInput("y: this model is not conditional on the class.")
    whole("y", y, 0, loaded.model.spec.classes - 1)
    return torch.full((n,), y, device=device_of(loaded.model))


def labels(data: Data, rows: np.ndarray) -> np.ndarray:
    """The class of each row (n,), -1 where the data have none."""
    return np.full(len(rows), UNLABELLED) if data.y is None else data.y[rows]

"""Two-dimensional distributions whose every mode and gap can be seen at once: where GANs are
watched failing.

Ring and grid follow the usual protocol of mode coverage (Metz et al., "Unrolled GANs", 2017;
Srivastava et al., "VEEGAN", 2017): eight Gaussians on a circle of radius 1 with σ = 0.01, and 25 on
{-4, -2, 0, 2, 4}² with σ = 0.05.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from core.datasets.base import Data, DataOptions, Factor, Progress, only_when, split_rows
from core.errors import BadInput

TITLE = "2-D points"
KIND = "points"

MODE_STD = {"ring": 0.01, "grid": 0.05, "blobs": 0.15}
JITTERED = ["line", "moons", "spiral", "swiss_roll", "pinwheel", "drawn"]
Coordinate = Annotated[float, Field(ge=-100, le=100)]


class Options(DataOptions):
    """Which distribution, how many points of it, and its form."""

    distribution: Literal[
        "ring",
        "grid",
        "line",
        "moons",
        "spiral",
        "swiss_roll",
        "pinwheel",
        "checkerboard",
        "blobs",
        "drawn",
    ] = Field("ring", description="The shape that the points are drawn from.")
    n: int = Field(10_000, ge=50, le=200_000, description="How many points are drawn in all.")
    modes: int = Field(
        8,
        ge=1,
        le=64,
        description="How many Gaussians stand on the ring.",
        json_schema_extra=only_when(distribution=["ring"]),
    )
    radius: float = Field(
        1.0,
        gt=0,
        le=10,
        description="The radius of the ring.",
        json_schema_extra=only_when(distribution=["ring"]),
    )
    mode_std: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Standard deviation of a Gaussian; 0 = 0.01 (ring), 0.05 (grid), 0.15 (blobs).",
        json_schema_extra=only_when(distribution=list(MODE_STD)),
    )
    jitter: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Standard deviation of the noise around the curve.",
        json_schema_extra=only_when(distribution=JITTERED),
    )
    drawing: list[tuple[Coordinate, Coordinate]] = Field(
        [],
        max_length=10_000,
        description="The points drawn by hand, as [[x, y], …]; each is drawn again with jitter.",
        json_schema_extra=only_when(distribution=["drawn"]),
    )


# What a distribution gives: points (n, 2), labels (n,) or None, position along the curve (n,) or
# None.
Drawn = tuple[np.ndarray, np.ndarray | None, np.ndarray | None]


def load(
    options: Options, *, data_dir: Path | None = None, progress: Progress | None = None
) -> Data:
    """Points (n, 2) float32; ring, grid and blobs carry their ``modes`` and ``mode_std``.

    Raises ``BadInput`` for a drawing without points.
    """
    random = np.random.default_rng([options.data_seed, 0x2D])
    modes = _modes(options)
    if modes is None:
        x, y, along = CURVES[options.distribution](options, random)
        std = None
    else:
        std = options.mode_std or MODE_STD[options.distribution]
        y, along = random.integers(0, len(modes), options.n), None
        x = modes[y] + std * random.standard_normal((options.n, 2))
    return Data(
        name="points",
        kind="points",
        x=np.ascontiguousarray(x, np.float32),
        splits=split_rows(options.n, options),
        index=np.arange(options.n, dtype=np.int64),
        y=None if y is None else y.astype(np.int64),
        classes=() if y is None else tuple(str(k + 1) for k in range(int(_parts(options)))),
        factors={} if along is None else {"along": along.astype(np.float32)},
        factor_info={} if along is None else {"along": Factor("Along the curve", "", None, (0, 1))},
        modes=None if modes is None else modes.astype(np.float32),
        mode_std=std,
    )


def _modes(options: Options) -> np.ndarray | None:
    """The centres (k, 2) of a mixture of Gaussians, or None for the other distributions."""
    if options.distribution == "grid":
        side = np.arange(-4.0, 5.0, 2.0)
        return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    if options.distribution == "ring":
        return options.radius * _circle(np.arange(options.modes) / options.modes)
    if options.distribution == "blobs":
        return _circle(np.arange(3) / 3 + 0.25)
    return None


def _parts(options: Options) -> int:
    """How many classes a labelled distribution has."""
    modes = _modes(options)
    return {"moons": 2, "spiral": 2, "pinwheel": 5, "checkerboard": 8}.get(
        options.distribution, 0 if modes is None else len(modes)
    )


def _circle(turns: np.ndarray) -> np.ndarray:
    """The points of the unit circle at each number of turns: (n,) -> (n, 2)."""
    angle = 2 * np.pi * turns
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def _noise(options: Options, random: np.random.Generator) -> np.ndarray:
    return options.jitter * random.standard_normal((options.n, 2))


def _line(options: Options, random: np.random.Generator) -> Drawn:
    """From (-1, -0.5) to (1, 0.5)."""
    t = random.random(options.n)
    return (2 * t[:, None] - 1) * (1.0, 0.5) + _noise(options, random), None, t


def _moons(options: Options, random: np.random.Generator) -> Drawn:
    """Two interleaved half circles of radius 1, as scikit-learn's ``make_moons``, centred."""
    t, y = random.random(options.n), random.integers(0, 2, options.n)
    arc = _circle(t / 2)
    x = np.where(y[:, None] == 0, arc, (1.0, 0.5) - arc) - (0.5, 0.25)
    return x + _noise(options, random), y, t


def _spiral(options: Options, random: np.random.Generator) -> Drawn:
    """Two arms of a turn and a half each, denser nowhere: the radius grows as the root of the
    position.
    """
    t, y = random.random(options.n), random.integers(0, 2, options.n)
    reach = np.sqrt(t)
    x = 2 * reach[:, None] * _circle(1.5 * reach + y / 2)
    return x + _noise(options, random), y, t


def _swiss_roll(options: Options, random: np.random.Generator) -> Drawn:
    """The rolled curve t (cos t, sin t) for t from 1.5π to 4.5π, as scikit-learn's, scaled to
    radius 2.
    """
    t = random.random(options.n)
    turns = 0.75 + 1.5 * t
    x = 2 * turns[:, None] / 2.25 * _circle(turns)
    return x + _noise(options, random), None, t


def _pinwheel(options: Options, random: np.random.Generator) -> Drawn:
    """Five bent arms (Johnson et al., "Composing graphical models with neural networks", 2016)."""
    y = random.integers(0, 5, options.n)
    radial = 1 + 0.3 * random.standard_normal(options.n)
    across = options.jitter * random.standard_normal(options.n)
    turns = y / 5 + 0.25 * np.exp(radial) / (2 * np.pi)
    along, aside = _circle(turns), _circle(turns + 0.25)
    return 2 * (radial[:, None] * along + across[:, None] * aside), y, None


def _checkerboard(options: Options, random: np.random.Generator) -> Drawn:
    """The eight dark unit squares of a 4×4 board over [-2, 2]²."""
    y = random.integers(0, 8, options.n)
    row = y // 2
    corner = np.stack([2 * (y % 2) + row % 2, row], axis=-1) - 2.0
    return corner + random.random((options.n, 2)), y, None


def _drawn(options: Options, random: np.random.Generator) -> Drawn:
    """The hand-drawn points, each chosen equally often, with jitter."""
    if not options.drawing:
        raise BadInput.of_fields({"drawing": "Draw at least one point first."})
    chosen = random.integers(0, len(options.drawing), options.n)
    return np.asarray(options.drawing, float)[chosen] + _noise(options, random), None, None


CURVES: dict[str, Callable[[Options, np.random.Generator], Drawn]] = {
    "line": _line,
    "moons": _moons,
    "spiral": _spiral,
    "swiss_roll": _swiss_roll,
    "pinwheel": _pinwheel,
    "checkerboard": _checkerboard,
    "drawn": _drawn,
}

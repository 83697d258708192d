"""Points near a tilted plane in space: what an autoencoder without nonlinearity finds is the plane that PCA finds.

The example of A. Géron, "Hands-On Machine Learning" (chapter on autoencoders), with P. Baldi and K. Hornik, "Neural
networks and principal component analysis", Neural Networks, 1989, for why.
"""

from pathlib import Path

import numpy as np
from pydantic import Field

from core.datasets.base import Data, DataOptions, Factor, Progress, split_rows

TITLE = "Tilted plane in 3-D"
KIND = "points"

LONG, SHORT = (
    1.0,
    0.5,
)  # standard deviations within the plane: apart, so that its axes are determined


class Options(DataOptions):
    """How many points, how the plane lies, and how thin it is."""

    n: int = Field(5000, ge=50, le=200_000, description="How many points are drawn in all.")
    tilt: float = Field(
        35.0, ge=0, le=90, description="Degrees between the plane and the horizontal."
    )
    azimuth: float = Field(
        30.0,
        ge=0,
        le=360,
        description="Degrees by which the tilted plane is turned about the vertical.",
    )
    thickness: float = Field(
        0.1, ge=0, le=0.4, description="Standard deviation across the plane; along it, 1 and 0.5."
    )


def load(
    options: Options, *, data_dir: Path | None = None, progress: Progress | None = None
) -> Data:
    """Points (n, 3) float32 around the origin; the factors are their coordinates in the plane's own axes."""
    random = np.random.default_rng([options.data_seed, 0x3D])
    own = random.standard_normal((options.n, 3)) * (LONG, SHORT, options.thickness)
    reach = 5 * LONG
    info = {
        "long": Factor("Along the plane's long axis", "", None, (-reach, reach)),
        "short": Factor("Along the plane's short axis", "", None, (-reach, reach)),
        "off": Factor("Off the plane", "", None, (-reach, reach)),
    }
    return Data(
        name="plane3d",
        kind="points",
        x=(own @ axes(options)).astype(np.float32),
        splits=split_rows(options.n, options),
        index=np.arange(options.n, dtype=np.int64),
        factors={name: own[:, k].astype(np.float32) for k, name in enumerate(info)},
        factor_info=info,
    )


def axes(options: Options) -> np.ndarray:
    """The plane's long axis, its short axis and its normal: the orthonormal rows of a (3, 3) matrix."""
    tilt, turn = np.deg2rad(options.tilt), np.deg2rad(options.azimuth)
    tilting = [[np.cos(tilt), 0, np.sin(tilt)], [0, 1, 0], [-np.sin(tilt), 0, np.cos(tilt)]]
    turning = [[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    return np.array(tilting) @ np.array(turning)

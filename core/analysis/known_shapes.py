"""Data of known shape, and what the eye reads off a map of them: how maps mislead, in numbers.

After M. Wattenberg, F. Viégas and I. Johnson 2016, "How to use t-SNE effectively" (Distill): sizes of clusters,
distances between them, and clumps in what has none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.analysis.clusters import hdbscan
from core.errors import BadInput

__all__ = ["SHAPES", "Shape", "in_words", "shape", "what_one_reads"]

WIDE = 10.0  # how many times as wide one of two clusters is
NEAR, FAR = (
    12.0,
    60.0,
)  # standard deviations from the first cluster to the second, from there to the third
THICK = 0.02  # how thick a plane or a line is, its own size being 1
LEAN = 0.8  # the cosine of the angle by which the rings are tilted
CLUMP = 5  # points that the eye takes for something


@dataclass(frozen=True, eq=False)
class Shape:
    """Vectors (n, d) float32 of known shape, the part ``y`` (n,) int32 that each belongs to, and the ``parts``' names.

    ``truth`` gives, of "spreads", "gaps" and "clumps", those that mean something here (see ``what_one_reads``);
    ``about`` says in a sentence what the vectors are, ``lesson`` what to look for on a map.
    """

    name: str
    title: str
    about: str
    lesson: str
    vectors: np.ndarray
    y: np.ndarray
    parts: tuple[str, ...]
    truth: dict[str, float]


def _spread(seed: int) -> Shape:
    random = np.random.default_rng([seed, 1])
    narrow, wide = random.normal(size=(155, 10)), WIDE * random.normal(size=(155, 10))
    wide[:, 0] += 100
    return Shape(
        "spread",
        "A narrow and a wide cluster",
        "Two Gaussian clusters of 155 points in 10 dimensions, one ten times as wide as the other.",
        "t-SNE and UMAP make dense clusters wider and sparse ones narrower: how large a cluster looks means nothing.",
        *_parts([narrow, wide]),
        ("narrow", "wide"),
        {"spreads": WIDE, "clumps": 2},
    )


def _gaps(seed: int) -> Shape:
    clouds = np.random.default_rng([seed, 2]).normal(size=(3, 105, 10))
    clouds[:, :, 0] += np.array([0, NEAR, NEAR + FAR])[:, None]
    return Shape(
        "gaps",
        "Two neighbours and one far away",
        "Three equal Gaussian clusters of 105 points in a row in 10 dimensions, the second gap five times the first.",
        "How far clusters lie apart on a t-SNE or UMAP map says little of how far apart they are.",
        *_parts(list(clouds)),
        ("first", "near the first", "far away"),
        {"gaps": FAR / NEAR, "clumps": 3},
    )


def _square(seed: int) -> Shape:
    random = np.random.default_rng([seed, 3])
    flat = THICK * random.normal(size=(310, 10))
    flat[:, :2] += random.uniform(size=(310, 2))
    return Shape(
        "square",
        "An even square",
        "310 points spread evenly at random over a flat square in 10 dimensions: there are no clusters.",
        "With few neighbours a map falls into clumps that are chance. Look at several settings before believing one.",
        *_parts([flat]),
        ("square",),
        {"clumps": 1},
    )


def _noise(seed: int) -> Shape:
    cloud = np.random.default_rng([seed, 4]).normal(size=(310, 20))
    return Shape(
        "noise",
        "Noise in 20 dimensions",
        "310 points of one Gaussian in 20 dimensions: every direction is like every other.",
        "Whatever a map shows here, be it clumps, streaks or a round edge, is the method's and not the data's.",
        *_parts([cloud]),
        ("noise",),
        {"clumps": 1},
    )


def _rings(seed: int) -> Shape:
    random = np.random.default_rng([seed, 5])
    turn = np.linspace(0, 2 * np.pi, 155, endpoint=False)
    flat, still = np.stack([np.cos(turn), np.sin(turn)]), np.zeros_like(turn)
    rings = np.stack([[*flat, still], [1 + flat[0], still, flat[1]]]).swapaxes(1, 2)
    # Tilted, so that the first two coordinates show both as rings.
    rings = rings @ np.array(
        [[1, 0, 0], [0, LEAN, np.sqrt(1 - LEAN**2)], [0, -np.sqrt(1 - LEAN**2), LEAN]]
    )
    placed = THICK * random.normal(size=(2, 155, 10))
    placed[:, :, :3] += rings
    return Shape(
        "rings",
        "Two linked rings",
        "Two rings of 155 points in three of 10 dimensions, each running through the other.",
        "No flat map can keep them linked: it lays one over the other, pulls them apart or cuts one open.",
        *_parts(list(placed)),
        ("one ring", "the other"),
        {"clumps": 2},
    )


SHAPES: dict[str, Callable[[int], Shape]] = {
    "spread": _spread,
    "gaps": _gaps,
    "square": _square,
    "noise": _noise,
    "rings": _rings,
}


def shape(name: str, seed: int = 0) -> Shape:
    """The shape ``name``, drawn by ``seed``; ``BadInput`` for a name that is not in ``SHAPES``."""
    if name not in SHAPES:
        raise BadInput(f"There is no shape {name!r}; choose one of {', '.join(SHAPES)}.")
    return SHAPES[name](seed)


def what_one_reads(at: np.ndarray, known: Shape) -> list[dict[str, Any]]:
    """What the eye would read off the map ``at`` (n, dims) of a shape, beside the truth; a row for each of its truths.

    ``name``, ``title``, ``unit`` ("" of a count) and ``protocol``; ``true`` by construction, ``vectors`` the same
    reading of the drawn vectors themselves, ``seen`` that of the map. ``spreads``: the root mean square distance from
    the middle of the second part, over that of the first. ``gaps``: the distance between the middles of the second and
    third part, over that of first and second. ``clumps``: clusters that HDBSCAN finds, of 5 points or more, one or none
    allowed.
    """
    if len(at) != len(known.y):
        raise BadInput(f"{known.title} has {len(known.y)} points, the map {len(at)}.")
    return [
        {
            "name": name,
            "title": READINGS[name][0],
            "unit": READINGS[name][1],
            "protocol": READINGS[name][2],
            "true": true,
            "vectors": _read(name, known.vectors, known.y),
            "seen": _read(name, at, known.y),
        }
        for name, true in known.truth.items()
    ]


def in_words(row: dict[str, Any]) -> str:
    """A row of ``what_one_reads`` as a sentence."""
    unit = row["unit"]
    return f"{row['title']}: {row['true']:g}{unit} in truth, {row['seen']:.2g}{unit} on this map."


READINGS = {
    "spreads": (
        "Width of the second cluster over that of the first",
        "×",
        "ratio of root mean square distances from the middle of each",
    ),
    "gaps": (
        "Second gap over the first",
        "×",
        "ratio of distances between the middles of neighbouring clusters",
    ),
    "clumps": (
        "Clumps one sees",
        "",
        f"clusters found by HDBSCAN on the map, of at least {CLUMP} points, one alone allowed",
    ),
}


def _read(name: str, at: np.ndarray, y: np.ndarray) -> float:
    if name == "clumps":
        return float(hdbscan(at, CLUMP, or_one=True).max() + 1)
    parts = [at[y == part].astype(np.float64) for part in range(y.max() + 1)]
    middles = [part.mean(axis=0) for part in parts]
    if name == "gaps":
        first, second = (np.linalg.norm(middles[i + 1] - middles[i]) for i in (0, 1))
        return _ratio(second, first)
    widths = [np.sqrt(part.var(axis=0).sum()) for part in parts]
    return _ratio(widths[1], widths[0])


def _ratio(a: float, b: float) -> float:
    if not b > 0:
        raise BadInput(
            "This map puts whole clusters in one place: there is nothing to read off it."
        )
    return float(a / b)


def _parts(clouds: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The clouds (n_i, d) one after the other as float32, and the number of each row's cloud, int32."""
    y = np.repeat(np.arange(len(clouds), dtype=np.int32), [len(cloud) for cloud in clouds])
    return np.concatenate(clouds).astype(np.float32), y

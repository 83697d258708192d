"""The contract of a data set: what ``load`` returns, which options every set shares, how rows are
split and binarised.

A data set is one file with a ``TITLE``, a ``KIND``, a pydantic ``Options`` and a function
``load(options, *, data_dir=None, progress=None) -> Data``. Everything here is numpy; nothing
imports torch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "ClassOptions",
    "Data",
    "DataOptions",
    "Factor",
    "ImageOptions",
    "Progress",
    "binarised",
    "image_data",
    "only_when",
    "split_rows",
]

SPLITS = ("train", "validation", "test")
TEST_SHARE = 0.2  # of the rows, where the source names no test set of its own

# Called with the share done, from 0 to 1, and what is being done ("Downloading MNIST").
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Factor:
    """What a ground-truth factor means: a title, a unit, and either named values or a range of
    numbers.

    ``within`` names another factor whose value decides how much of the range there is (a square's
    rotation ends at 90 degrees): a share of that part is independent of it, the number is not.
    """

    title: str
    unit: str = ""
    values: tuple[str, ...] | None = None
    range: tuple[float, float] | None = None
    within: str | None = None


@dataclass(frozen=True, eq=False)
class Data:
    """One data set in memory, rows of all splits together.

    ``x`` is uint8 (N, C, H, W) for images and float32 (N, D) for points; ``y`` int64 (N,) indexes
    ``classes``. ``splits`` holds disjoint int64 positions into ``x``; ``index`` (N,) is each row's
    number in its own source file, for good. ``factors`` are float32 or int64 (N,), described by
    ``factor_info``; a float is NaN where its factor means nothing (a circle's rotation). ``binary``:
    the model sees pixels of 0 and 255 only; ``dynamic``: the training
    rows are still grey and each batch is drawn anew from them, while validation and test rows are
    drawn already. ``modes`` (k, D) are the centres of a mixture of Gaussians and ``mode_std`` is
    their common standard deviation. Treat the arrays as read-only: loads are shared.
    """

    name: str
    kind: Literal["images", "points"]
    x: np.ndarray
    splits: dict[str, np.ndarray]
    index: np.ndarray
    y: np.ndarray | None = None
    target: np.ndarray | None = None
    classes: tuple[str, ...] = ()
    factors: dict[str, np.ndarray] = field(default_factory=dict)
    factor_info: dict[str, Factor] = field(default_factory=dict)
    binary: bool = False
    dynamic: bool = False
    modes: np.ndarray | None = None
    mode_std: float | None = None

    def __post_init__(self) -> None:
        rows = {"index": self.index, "y": self.y, "target": self.target, **self.factors}
        wrong = [k for k, a in rows.items() if a is not None and len(a) != len(self.x)]
        if wrong or set(self.factors) != set(self.factor_info) or tuple(self.splits) != SPLITS:
            raise ValueError(f"{self.name}: {', '.join(wrong) or 'factors or splits'} do not fit x")

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one example: (C, H, W) or (D,)."""
        return self.x.shape[1:]


class DataOptions(BaseModel):
    """What every data set lets one choose. The data seed is apart from a run's, so that seeds share
    a split.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    validation: float = Field(
        0.1, ge=0, le=0.5, description="Share of the training rows held back for validation."
    )
    data_seed: int = Field(
        0, ge=0, lt=2**31, description="Decides the splits and whatever is drawn at random."
    )


class ImageOptions(DataOptions):
    """The same for images."""

    binarise: Literal["none", "fixed", "dynamic"] = Field(
        "none",
        description="Pixels as they are, drawn black or white once, or drawn anew for each batch.",
    )


class ClassOptions(ImageOptions):
    """The same for images of ten classes."""

    keep: list[Annotated[int, Field(ge=0, le=9)]] = Field(
        [], description="The classes to keep, such as [1, 5, 6]; empty keeps all."
    )


def only_when(**choices: Sequence[str]) -> dict[str, Any]:
    """Schema extra for a field that matters only under other choices:
    ``only_when(distribution=["ring"])``.
    """
    return {"when": {name: list(values) for name, values in choices.items()}}


def split_rows(
    count: int, options: DataOptions, test: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Disjoint, sorted int64 positions of train, validation and test that together are all
    ``count`` rows.

    ``test`` are the rows that the source itself sets apart; without it a fifth is drawn. Validation
    is a share of what is left. All draws come from ``options.data_seed``.
    """
    random = np.random.default_rng([options.data_seed, 0x5EED])
    if test is None:
        test = random.permutation(count)[: round(TEST_SHARE * count)]
    rest = random.permutation(np.setdiff1d(np.arange(count), test))
    held_back = round(options.validation * len(rest))
    parts = (rest[held_back:], rest[:held_back], np.asarray(test))
    return {name: np.sort(rows).astype(np.int64) for name, rows in zip(SPLITS, parts, strict=True)}


def binarised(
    x: np.ndarray, splits: dict[str, np.ndarray], options: ImageOptions
) -> tuple[np.ndarray, bool, bool]:
    """``x`` with each pixel drawn 255 with probability pixel / 255, and what ``binary`` and
    ``dynamic`` become.

    ``fixed`` draws every row once (as Larochelle and Murray did with MNIST in 2011); ``dynamic``
    leaves the training rows grey, for the feed to draw from at each batch, and draws the others
    once.
    """
    if options.binarise == "none":
        return x, False, False
    random = np.random.default_rng([options.data_seed, 0xB1])
    # A level below the pixel's, of 255 equally likely ones: exactly pixel / 255, with one byte a
    # pixel.
    drawn = np.where(x > random.integers(0, 255, x.shape, np.uint8), np.uint8(255), np.uint8(0))
    dynamic = options.binarise == "dynamic"
    if dynamic:
        drawn[splits["train"]] = x[splits["train"]]
    return drawn, True, dynamic


def image_data(
    name: str,
    options: ImageOptions,
    x: np.ndarray,
    y: np.ndarray | None = None,
    *,
    test: np.ndarray | None = None,
    index: np.ndarray | None = None,
    **rest: Any,
) -> Data:
    """``Data`` of uint8 images (N, C, H, W): splits them, binarises them, keeps the classes asked
    for.

    Classes go last: a row's split and its drawn pixels are the same whichever classes are kept.
    ``test`` are positions of the source's own test rows, ``index`` defaults to the position.
    """
    splits = split_rows(len(x), options, test)
    x, binary, dynamic = binarised(x, splits, options)
    index = np.arange(len(x), dtype=np.int64) if index is None else index
    data = Data(name, "images", x, splits, index, y, binary=binary, dynamic=dynamic, **rest)
    keep = sorted(set(getattr(options, "keep", [])))
    return _only_classes(data, keep) if keep and keep != list(range(len(data.classes))) else data


def _only_classes(data: Data, keep: list[int]) -> Data:
    """The rows of some classes, relabelled 0, 1, … in the old order; each keeps its split and its
    ``index``.
    """
    rows = np.flatnonzero(np.isin(data.y, keep))
    place = np.full(len(data.x), -1, np.int64)
    place[rows] = np.arange(len(rows))
    return Data(
        data.name,
        data.kind,
        data.x[rows],
        {name: place[s][place[s] >= 0] for name, s in data.splits.items()},
        data.index[rows],
        np.searchsorted(keep, data.y[rows]).astype(np.int64),
        classes=tuple(data.classes[k] for k in keep),
        factors={name: values[rows] for name, values in data.factors.items()},
        factor_info=data.factor_info,
        binary=data.binary,
        dynamic=data.dynamic,
    )

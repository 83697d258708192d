"""What could be trained: data sets, models, their settings, and what a choice would build."""

import inspect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core import datasets, models
from core import schemas as kept
from core.datasets import own
from core.errors import BadInput, StorageFull
from core.models.base import DataSpec, abilities, build, summary
from core.training.config import TrainConfig
from core.training.specs import check_fit, resolve

__all__ = ["describe", "import_own", "prepare", "preview", "schemas"]

MOST_SHOWN = 2000


def schemas() -> dict[str, Any]:
    """Every model and data set with its settings as JSON schemas; also kept on disk for the pages (``core.schemas``).

    ``{"models": {name: {title, doc, schema, training, presets, abilities, kinds, phases}}, "training": schema,
    "datasets": {name: {title, doc, kind, schema}}}``.
    """
    known = kept.read()
    if known is not None:
        return known
    document = {
        "models": {name: _model(name) for name in models.names()},
        "training": TrainConfig.model_json_schema(),
        "datasets": {name: _dataset(name) for name in datasets.names()},
    }
    with suppress(
        StorageFull
    ):  # a folder that cannot be written only costs the next reader a second
        kept.write(document)
    return document


def _model(name: str) -> dict[str, Any]:
    family = models.get(name)
    return {
        "title": family.title,
        "doc": inspect.getdoc(inspect.getmodule(family)) or "",
        "schema": family.Config.model_json_schema(),
        "training": {**TrainConfig().model_dump(mode="json"), **family.training},
        "presets": {key: asdict(preset) for key, preset in family.presets.items()},
        "abilities": sorted(abilities(family)),
        "kinds": list(family.kinds),
        "phases": _phases(name),
    }


def _phases(name: str) -> list[str]:
    """The turns within a step, asked of a small model; a family that fits no small data has told us none."""
    family = models.get(name)
    for spec in (DataSpec((1, 32, 32), "images", 2, True), DataSpec((2,), "points", 2)):
        if spec.kind in family.kinds and not family.check(family.Config(), spec):
            with torch.random.fork_rng():
                return list(build(family, {}, spec, 0).phases())
    return []


def _dataset(name: str) -> dict[str, Any]:
    module = datasets.get(name)
    return {
        "title": module.TITLE,
        "doc": inspect.getdoc(module) or "",
        "kind": module.KIND,
        "schema": module.Options.model_json_schema(),
    }


def describe(
    model: str,
    dataset: str | None = None,
    settings: dict[str, Any] | None = None,
    preset: str | None = None,
    seed: int = 0,
    data_dir: str | None = None,
) -> dict[str, Any]:
    """What these choices would build, layer by layer, without training it.

    ``spec`` is the complete run spec, ``rows`` the layers (group, layer, kind, output_shape, parameters),
    ``parameters`` their sum, ``groups`` the sum of each group, ``note`` how a textbook counts them where it differs.
    ``errors`` maps each wrong field to a sentence; if
    there are any, the rest is empty.
    """
    nothing = {"spec": None, "rows": [], "parameters": 0, "groups": {}, "note": ""}
    try:
        spec = resolve(model, dataset, settings, preset=preset, seed=seed, data_dir=data_dir)
        data = datasets.load(spec.dataset, spec.data, data_dir=spec.data_dir)
        check_fit(spec, data)
        with torch.random.fork_rng():
            built = build(models.get(spec.model), spec.config, DataSpec.of(data), spec.seed)
            rows = summary(built)
    except BadInput as error:
        if not error.fields:
            raise
        return {**nothing, "errors": error.fields}
    groups: dict[str, int] = {}
    for row in rows:
        groups[row["group"]] = groups.get(row["group"], 0) + row["parameters"]
    return {
        "spec": spec.model_dump(mode="json"),
        "rows": rows,
        "parameters": sum(parameter.numel() for parameter in built.parameters()),
        "groups": groups,
        "note": built.count_note(),
        "errors": {},
    }


def prepare(
    dataset: str,
    options: dict[str, Any] | None = None,
    data_dir: str | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> dict[str, Any]:
    """Get a data set ready (a download, a drawing) and say what it is.

    ``shape``, ``kind``, ``classes``, ``counts`` by split, ``binary``. ``progress(share, text)`` hears how far it is.
    """
    data = datasets.load(dataset, options, data_dir=data_dir, progress=progress)
    return {
        "dataset": dataset,
        "kind": data.kind,
        "shape": list(data.shape),
        "classes": list(data.classes),
        "counts": {name: len(rows) for name, rows in data.splits.items()},
        "binary": data.binary or data.dynamic,
    }


def import_own(
    content: bytes | None = None,
    path: str | None = None,
    filename: str = "",
    choices: dict[str, Any] | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> dict[str, Any]:
    """Take in a user's data, from an upload's bytes or from a file or folder of this machine.

    ``choices`` are the fields of ``core.datasets.own.Choices``. Returns the report: ``hash`` (the option ``content``
    of the data set ``own``), ``filename``, ``kind``, ``count``, ``shape``, ``classes``, ``problems``.
    """
    if (content is None) == (path is None):
        raise BadInput("Give either the bytes of an upload or the path of a file or folder.")
    source = Path(path) if content is None else content
    return asdict(own.keep(source, filename, progress=progress, **(choices or {})))


def preview(
    dataset: str,
    options: dict[str, Any] | None = None,
    n: int = 32,
    data_dir: str | None = None,
) -> dict[str, Any]:
    """The first ``n`` training examples as stored, ``x`` (uint8 or float32) and ``y``, with what ``prepare`` says."""
    if not 1 <= n <= MOST_SHOWN:
        raise BadInput(f"n: between 1 and {MOST_SHOWN}, not {n}.")
    about = prepare(dataset, options, data_dir)
    data = datasets.load(dataset, options, data_dir=data_dir)
    rows = data.splits["train"][:n]
    labels = np.full(len(rows), -1) if data.y is None else data.y[rows]
    return {**about, "x": data.x[rows], "y": labels}

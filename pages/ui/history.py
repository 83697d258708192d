"""A run's scalars for a page that looks twice a second: only what is new is read again."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import streamlit as st

from core import schemas
from core.runs import Run
from pages.ui.backend import store

Scalars = dict[str, tuple[np.ndarray, np.ndarray]]
KEPT = 8
# How 2,500 samples of a model fare against the distribution of its data (core.training.coverage).
MEASURED = {
    "samples/modes": "modes covered",
    "samples/high_quality": "high quality (share of samples)",
    "samples/cells": "covered cells (share)",
    "samples/reverse_kl": "reverse KL of the modes (nats)",
    "samples/kl": "KL to the true data (nats)",
    "samples/js": "Jensen–Shannon to the true data (nats)",
}
# A validation may be logged after later training steps: the last part is always read again.
FRESH = 0.9


def scalars(run: Run) -> Scalars:
    """Steps (n,) and values (n,) of every name."""
    memory = st.session_state.setdefault("_scalars", {})
    known, steps, state = memory.pop(run.id, ({}, -1, run.state))
    # A resume may have cut the log, and the last values are written with the end.
    if run.steps < steps or run.state != state:
        known, steps = {}, -1
    after = int(steps * FRESH) if known else -1
    found = _joined(known, store().scalars(run.id, after), after)
    while len(memory) >= KEPT:
        memory.pop(next(iter(memory)))
    memory[run.id] = (found, run.steps, run.state)
    return found


def _joined(old: Scalars, new: Scalars, after: int) -> Scalars:
    found = {}
    for name in [*old, *(n for n in new if n not in old)]:
        parts = []
        if name in old:
            steps, values = old[name]
            count = int(np.searchsorted(steps, after, side="right"))
            parts.append((steps[:count], values[:count]))
        if name in new:
            parts.append(new[name])
        found[name] = tuple(np.concatenate(column) for column in zip(*parts, strict=True))
    return found


def terms(found: Scalars) -> list[str]:
    """The named terms of the losses (``loss``, ``kl``, ``D/loss``), the losses first; then how samples fare."""
    names = {
        name.split("/", 1)[1]: None for name in found if name.startswith(("train/", "validation/"))
    }
    losses = sorted(names, key=lambda name: (name != "loss", not name.endswith("/loss"), name))
    return [*losses, *(name for name in MEASURED if name in found)]


def series(term: str, part: str) -> str:
    """The name under which a term is logged; how samples fare belongs to no part of the data."""
    return term if term in MEASURED else f"{part}/{term}"


def words(term: str, units: Mapping[str, str] = MappingProxyType({})) -> str:
    """A term as it is read, with its unit where it has one of its own, or ``units`` (``units_of``) name it."""
    if term in MEASURED:
        return MEASURED[term]
    unit = f" ({units[term]})" if term in units else ""
    return term.replace("_", " ").replace("/", " ") + unit


def units_of(run: Run, values: Mapping[str, Any] | None = None) -> dict[str, str]:
    """In what a run counts its losses, by name: by its settings ``values`` as they stand, or those of its start."""
    return schemas.units(schemas.read(), run.model, values or run.spec.config)


def gap(found: Scalars) -> tuple[np.ndarray, np.ndarray] | None:
    """Validation minus training loss at the steps of the validation; None without either."""
    if "train/loss" not in found or "validation/loss" not in found:
        return None
    steps, values = found["validation/loss"]
    return steps, values - np.interp(steps, *found["train/loss"])

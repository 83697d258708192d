"""What can be asked of a map once it is made, kept with it so that a page need not ask a worker for its buttons."""

import hashlib
import json
from typing import Any

from core.analysis import columns, maps
from core.analysis.posteriors import takes_class
from core.analysis.vectors import LAYER
from core.datasets.base import Data
from core.inference.mapped import Wanted
from core.inference.weights import load
from core.models.base import abilities
from core.runs import Run

__all__ = ["identity", "offers"]

DIGITS = 12


def identity(run: Run) -> str:
    """A name for the rows that positions count in: the same for runs on the same data with the same options."""
    options = json.dumps([run.spec.dataset, run.spec.data], sort_keys=True)
    return f"{run.spec.dataset}-{hashlib.sha256(options.encode()).hexdigest()[:DIGITS]}"


def offers(asked: Wanted, data: Data) -> dict[str, Any]:
    """``columns`` (``core.analysis.columns.available``), ``can_decode`` a place, ``can_place`` new examples,
    ``can_sample`` them, whether the model is ``told`` a class; ``data``, the ``identity`` of the run.
    """
    request, method = asked.request, maps.get(asked.request.method)
    step = None if request.over == "training" else request.step
    model = load(asked.run.id, step).model
    able, places = abilities(model), hasattr(method, "place")
    pictured = request.of == "pixels" or ("decode" in able and not request.of.startswith(LAYER))
    return {
        "columns": columns.available(model, data),
        "can_decode": hasattr(method, "back") and pictured,
        "can_place": places,
        "can_sample": places and "sample" in able,
        "told": takes_class(model),
        "data": identity(asked.run),
    }

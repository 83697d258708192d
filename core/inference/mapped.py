"""What questions about maps share: requests made whole, what a map is made of, and maps that are kept."""

import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from core import arrays
from core.analysis.maps.base import Projection
from core.analysis.maps.request import MapRequest, requested
from core.analysis.maps.sound import check_vectors
from core.analysis.sampling import by_class
from core.analysis.vectors import vectors
from core.datasets.base import Data
from core.errors import BadInput, DamagedFile, NoSuchRun
from core.inference.weights import data_of, load
from core.runs import Run, Store
from core.runs.history import NUMERIC
from core.training.looks import probe

__all__ = [
    "VECTORS",
    "Kept",
    "Wanted",
    "codes_over_training",
    "kept",
    "projection_of",
    "rows_of",
    "vectors_of",
    "wanted",
]

STATE = "state/"  # arrays that only a method needs
VECTORS = STATE + "vectors"  # kept with a map over training, whose codes no weights give again
REMEMBERED = 2**28  # bytes of vectors kept in memory for the next question
PROJECTIONS = 4

_remembered: "OrderedDict[tuple, np.ndarray]" = OrderedDict()
_projections: "OrderedDict[tuple, Projection]" = OrderedDict()


class Wanted(NamedTuple):
    """A request with nothing left open, its run, and the key under which its answer is kept."""

    request: MapRequest
    run: Run
    key: str


def wanted(values: dict[str, Any]) -> Wanted:
    """The fields of a ``MapRequest`` made whole: ``run`` may be a unique beginning, ``step`` None (the last weights).

    Over training the rows are the probe's, and ``step`` becomes that of the last snapshot. Raises ``BadInput`` with a
    sentence for each wrong field, ``NoSuchRun``.
    """
    store, open_step = Store(), values.get("step") is None
    request = requested({**values, "step": 0} if open_step else values)
    run = store.find(request.run)
    fixed: dict[str, Any] = {"run": run.id}
    if request.over == "training":
        if request.of != "codes":
            raise BadInput.of_fields(
                {"of": "Over training only codes can be mapped: snapshots keep nothing else."}
            )
        steps = _snapshots(store, run)
        fixed |= {"step": steps[-1], "split": "test", "n": MapRequest.model_fields["n"].default}
        fixed["sample_seed"] = 0
    elif open_step:
        states = store.states(run.id)
        if not states:
            raise NoSuchRun(f"Run {run.id} has no weights yet.")
        fixed["step"] = states[-1]
    request = request.model_copy(update=fixed)
    return Wanted(request, run, request.key(_weights(store, run, request)))


def rows_of(request: MapRequest, data: Data) -> np.ndarray:
    """Positions (n,) of the examples that are mapped."""
    if request.over == "training":
        return probe(data)
    return by_class(data, request.split, request.n, request.sample_seed)


def codes_over_training(run: Run) -> tuple[dict[int, np.ndarray], list[int]]:
    """The probe's codes (n, d) float32 at each snapshot by its step, and the steps that are left out.

    Left out is where codes are no numbers, all the same, or of another width than at the end (a model that grows).
    Raises ``BadInput`` where that leaves none.
    """
    store, found = Store(), {}
    for step in _snapshots(store, run):
        codes = arrays.read(store.snapshot_path(run.id, step))[0].get("codes")
        if codes is None:
            raise BadInput("The snapshots of this run hold no codes: its model has none.")
        found[step] = codes.astype(np.float32)
    width = found[max(found)].shape[1]
    sound, complaint = {}, None
    for step, codes in found.items():
        try:
            check_vectors(codes)
        except BadInput as error:
            complaint = error
        else:
            if codes.shape[1] == width:
                sound[step] = codes
    if not sound:
        raise complaint
    return sound, sorted(found.keys() - sound.keys())


@dataclass(frozen=True, eq=False)
class Kept:
    """A map as it is kept: ``values`` are its arrays (see ``core.inference.maps.project``)."""

    run: Run
    key: str
    request: MapRequest
    values: dict[str, np.ndarray]
    meta: dict[str, Any]

    @property
    def rows(self) -> np.ndarray:
        """The positions (n,) of its examples in the data set."""
        return self.values["position"].astype(np.int64)

    @property
    def data(self) -> Data:
        """The data set of its run."""
        return data_of(self.run)


def kept(run: str, key: str) -> Kept:
    """The map ``key`` of a run. Raises ``NoSuchRun``, and ``BadInput`` where there is no such map any more."""
    store = Store()
    found = store.find(run)
    answer = store.maps.read(found.id, key)
    if answer is None:
        raise BadInput("This map is not kept any more; make it again.")
    values, meta = answer
    return Kept(found, key, requested(meta["request"]), values, meta)


def vectors_of(map: Kept) -> np.ndarray:
    """The vectors (n, d) float32 that were mapped, remembered for the next question.

    Raises ``BadInput`` where the run has other weights at that step by now.
    """
    if VECTORS in map.values:
        return map.values[VECTORS].astype(np.float32)
    check_weights(map)
    name = (Store().home, map.run.id, map.key)
    if name not in _remembered:
        loaded = load(map.run.id, map.request.step)
        _remembered[name] = vectors(loaded.model, map.data, map.rows, map.request.of)
    _remembered.move_to_end(name)
    while len(_remembered) > 1 and sum(one.nbytes for one in _remembered.values()) > REMEMBERED:
        _remembered.popitem(last=False)
    return _remembered[name]


def projection_of(map: Kept) -> Projection:
    """The map as its method made it: the same object for a while, so that a method can keep what it found of it."""
    name = (Store().home, map.run.id, map.key)
    if name not in _projections:
        state = {
            full.removeprefix(STATE): array
            for full, array in map.values.items()
            if full.startswith(STATE)
        }
        films = map.values.get("frames"), map.values.get("steps")
        _projections[name] = Projection(map.values["at"], *films, state, map.meta["facts"])
    _projections.move_to_end(name)
    while len(_projections) > PROJECTIONS:
        _projections.popitem(last=False)
    return _projections[name]


def check_weights(map: Kept) -> None:
    """``BadInput`` where the run's weights are not those that the map was made with: a resumed run wrote others."""
    if map.request.over == "one" and wanted(map.request.model_dump()).key != map.key:
        raise BadInput(
            "This run was trained anew since the map was made, and its weights at that step are others now; "
            "make the map again."
        )


def _snapshots(store: Store, run: Run) -> list[int]:
    steps = store.snapshots(run.id)
    if not steps:
        raise BadInput("This run has no snapshots yet.")
    return steps


def _weights(store: Store, run: Run, request: MapRequest) -> str:
    """What tells the weights behind a map from any others: a resumed run may write the same step anew."""
    if request.over == "training":
        return _snapshots_as_they_are(store, run)
    if request.of == "pixels":
        return "data"
    early = max((step for step in store.states(run.id) if step <= request.step), default=None)
    weights = "start" if early is None else _checksum(store, run, early)
    if early == request.step:
        return weights
    # Trained again from there, with what the run was told on the way: see core.training.restore.
    told = [
        [command.step, command.name, command.payload]
        for command in store.commands(run.id)
        if command.step is not None
        and command.name in NUMERIC
        and (early or 0) <= command.step < request.step
    ]
    return json.dumps([weights, told])


def _snapshots_as_they_are(store: Store, run: Run) -> str:
    states = [(step, store.snapshot_path(run.id, step).stat()) for step in store.snapshots(run.id)]
    return json.dumps([[step, state.st_size, state.st_mtime_ns] for step, state in states])


def _checksum(store: Store, run: Run, step: int) -> str:
    """The checksum in the state's file; of a damaged one nothing tells, and reading it says so."""
    try:
        return str(arrays.read_meta(store.files(run.id).path("states", step))["checksum"])
    except (DamagedFile, KeyError):
        return "damaged"

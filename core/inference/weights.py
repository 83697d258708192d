"""Trained models, loaded from the run store and kept for the next question."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import torch

from core import datasets, models
from core.datasets.base import Data
from core.errors import BadInput, DamagedFile, NoSuchRun
from core.models.base import DataSpec, Model, abilities, build
from core.runs import Run, Store
from core.settings import settings
from core.training.restore import weights_at

__all__ = ["Loaded", "load"]

KEPT = 8  # models; a page asks one run at a few steps again and again

_cache: "OrderedDict[tuple, Loaded]" = OrderedDict()


@dataclass(frozen=True, eq=False)
class Loaded:
    """A run's model in eval mode, with the weights it had after ``step`` steps."""

    run: Run
    step: int
    model: Model

    @property
    def data(self) -> Data:
        """What it was trained on."""
        return data_of(self.run)

    def ability(self, name: str) -> Callable:
        """The model's method ``name``; ``BadInput`` if it has none."""
        if name not in abilities(self.model):
            raise BadInput(f"This model ({self.model.title}) cannot {name.replace('_', ' ')}.")
        return getattr(self.model, name)


def data_of(run: Run) -> Data:
    """The data set of a run, as its spec asks for it (the last few loads are shared)."""
    spec = run.spec
    return datasets.load(spec.dataset, spec.data, data_dir=spec.data_dir)


def load(run: str, step: int | None = None, store: Store | None = None) -> Loaded:
    """The model of ``run`` (an id or a unique beginning) after ``step`` steps; the last kept weights by default.

    Weights of a step that was not kept are trained anew from the nearest earlier ones, which gives the same numbers
    and takes as long as the steps between. Raises ``NoSuchRun``, ``BadInput`` or ``DamagedFile``.
    """
    store = store or Store()
    found = store.find(run)
    kept = store.states(found.id)
    if step is None:
        if not kept:
            raise NoSuchRun(f"Run {found.id} has no weights yet.")
        step = kept[-1]
    if not 0 <= step <= max(found.steps, *kept, 0):
        raise BadInput(f"step: run {found.id} has done {found.steps} steps, not {step}.")
    file = store.files(found.id).path("states", step)
    # A resumed run may write the same step again, with other numbers if it was changed live.
    written = file.stat().st_mtime_ns if file.exists() else found.ended
    key = (file, step, written)
    if key not in _cache:
        _cache[key] = Loaded(found, step, _model(store, found, step))
    _cache.move_to_end(key)
    while len(_cache) > KEPT:
        _cache.popitem(last=False)
    return _cache[key]


def _model(store: Store, run: Run, step: int) -> Model:
    """Built from the spec, then filled with the weights of ``step``."""
    with torch.random.fork_rng():
        model = build(models.get(run.spec.model), run.spec.config, _spec_of(run), run.spec.seed)
    try:
        model.load_state_dict(_weights(store, run, step))
    except RuntimeError as error:
        raise DamagedFile(
            f"The weights of run {run.id} at step {step} do not fit its model."
        ) from error
    return model.to(settings().device).eval()


def _spec_of(run: Run) -> DataSpec:
    """What the model knows of its data. A run says it itself, so that a shipped one works without its data set."""
    known = run.environment.get("data_spec")
    if known is None:
        return DataSpec.of(data_of(run))
    return DataSpec(**{**known, "shape": tuple(known["shape"])})


def _weights(store: Store, run: Run, step: int) -> dict[str, torch.Tensor]:
    """The model's tensors after ``step`` steps, kept or trained again."""
    if step in store.states(run.id):
        return {
            name.removeprefix("model/"): torch.from_numpy(array)
            for name, array in store.read_state(run.id, step)[0].items()
            if name.startswith("model/")
        }
    return weights_at(store, run, step, data_of(run), settings().device).model.state_dict()

"""What a model makes of a probe that never changes: the pictures of snapshots, live frames and films.

The probe is the same for every look at every run on the same data: the first test images, the first 1,000 rows,
and noise from a generator that starts anew each time. So two looks differ by what was learned between them.
"""

import numpy as np
import torch
from torch import Tensor

from core.datasets.base import Data
from core.models.base import abilities
from core.training.grids import box_of, grid_over
from core.training.trainer import Trainer

PICTURES = 16
SAMPLES = 64
POINTS = 512
CODED = 1000
NOISE_SEED = 0
UNITS = 64
FILTER_BYTES = 100_000  # of the input's filters, and of the output's: large images show fewer units
GRID = 24  # places on a side of a vector field
WITHIN = 3.0  # standard deviations from a mode within which a sample counts as its own


class Looks:
    """Looks at one trainer's model; each leaves the trainer as it was.

    Arrays, each only where the model can: ``x`` (16, *shape) uint8, the probe's images, ``x_hat`` alike, their
    reconstructions, ``samples`` (64, *shape) uint8, ``codes`` (1000, d) float16 of the rows ``index`` (1000,) with
    labels ``y`` (1000,). For points ``x`` is (512, d) float32, ``x_hat`` and ``samples`` (512, d) float16.
    Of images also ``filters_input`` and ``filters_output`` (at most 64, C, h, w) uint8, the weights of the first
    hidden units, each by its own scale (``as_filters``); of 2-D points ``field`` (576, 2) float16, the
    reconstruction of the fixed ``grid`` (576, 2) float32, one row along x after the other from the bottom up.
    """

    def __init__(self, trainer: Trainer, data: Data):
        self.trainer, self.data = trainer, data
        self.abilities = abilities(trainer.model)
        self.images = data.kind == "images"
        rows = np.concatenate([data.splits[name] for name in ("test", "validation", "train")])
        self.coded = torch.from_numpy(rows[:CODED])
        self.shown = torch.from_numpy(rows[: PICTURES if self.images else POINTS])
        plane = "reconstruct" in self.abilities and not self.images and data.shape == (2,)
        self.grid = torch.from_numpy(grid_over(box_of(data.x), GRID)) if plane else None

    def fixed(self) -> dict[str, np.ndarray]:
        """What is the same in every snapshot, so that only the first holds it."""
        found = {"x": self.data.x[self.shown.numpy()]}
        if "encode" in self.abilities:
            rows = self.coded.numpy()
            found["index"] = self.data.index[rows]
            if self.data.y is not None:
                found["y"] = self.data.y[rows]
        if self.grid is not None:
            found["grid"] = self.grid.numpy()
        return found

    def pictures(self) -> dict[str, np.ndarray]:
        """Reconstructions, samples, filters and the vector field."""
        found = {}
        with self.trainer.looking() as model:
            if "reconstruct" in self.abilities:
                probe = self.trainer.feed.batch(self.shown)
                found["x_hat"] = self._stored(model.reconstruct(probe.x, _generator(), probe.y))
            if "sample" in self.abilities:
                found["samples"] = self._samples(model, SAMPLES if self.images else POINTS)
            if "filters" in self.abilities and self.images:
                for side, weights in model.filters().items():
                    found[f"filters_{side}"] = as_filters(weights)
            if self.grid is not None:
                grid = self.grid.to(self.trainer.device)
                found["field"] = _half(model.reconstruct(grid, _generator()))
        return found

    def codes(self) -> dict[str, np.ndarray]:
        """The codes of the probe's rows."""
        if "encode" not in self.abilities:
            return {}
        with self.trainer.looking() as model:
            batch = self.trainer.feed.batch(self.coded)
            mean = model.encode(batch.x, batch.y).mean
        return {"codes": _half(mean.flatten(1))}

    def frame_of_film(self) -> dict[str, np.ndarray]:
        """512 samples of the fixed noise and, where the data have modes, how many lie at each."""
        with self.trainer.looking() as model:
            samples = self._samples(model, POINTS)
        found = {"samples": samples}
        if self.data.modes is not None:
            found["modes"] = mode_counts(samples, self.data.modes, self.data.mode_std)
        return found

    def _samples(self, model, count: int) -> np.ndarray:
        return self._stored(model.sample(count, _generator()))

    def _stored(self, values: Tensor) -> np.ndarray:
        if not self.images:
            return _half(values)
        return values.clamp(0, 1).mul(255).round().to(torch.uint8).contiguous().cpu().numpy()


def as_filters(weights: Tensor) -> np.ndarray:
    """Weights (units, C, h, w) as bytes: 0 is 128, each unit's largest size 1 or 255; at most 64 units."""
    units = min(UNITS, max(FILTER_BYTES // max(weights[:1].numel(), 1), 1))
    weights = weights[:units].float().nan_to_num()
    largest = weights.abs().amax(dim=(1, 2, 3), keepdim=True).clamp_min(1e-12)
    return (128 + (127 * weights / largest).round()).to(torch.uint8).cpu().numpy()


def mode_counts(samples: np.ndarray, modes: np.ndarray, std: float) -> np.ndarray:
    """How many samples (n, d) lie within three standard deviations of each mode (k, d): (k,) int16."""
    apart = np.linalg.norm(samples[:, None].astype(np.float32) - modes[None], axis=2)
    nearest = apart.argmin(axis=1)
    near = apart.min(axis=1) <= WITHIN * std
    return np.bincount(nearest[near], minlength=len(modes)).astype(np.int16)


def _half(values: Tensor) -> np.ndarray:
    limit = float(np.finfo(np.float16).max)
    return values.float().clamp(-limit, limit).to(torch.float16).cpu().numpy()


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(NOISE_SEED)

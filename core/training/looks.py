"""What a model makes of a probe that never changes: the pictures of snapshots, live frames and films.

The probe is the same for every look at every run on the same data: the first test images, the first 1,000 rows,
and noise from a generator that starts anew each time. So two looks differ by what was learned between them.
"""

import numpy as np
import torch
from torch import Tensor

from core.datasets.base import Data
from core.models.base import abilities
from core.training.coverage import mode_counts
from core.training.grids import box_of, grid_over, line_over
from core.training.looks_2d import SAMPLES as POINTS
from core.training.looks_2d import Plane, fixed_noise, half
from core.training.trainer import Trainer

PICTURES = 16
SAMPLES = 64
CODED = 1000
UNITS = 64
FILTER_BYTES = 100_000  # of the input's filters, and of the output's: large images show fewer units
GRID = 24  # places on a side of a vector field
SIDE = 20  # decoded places on a side of the code's square
SQUARE_BYTES = 320_000  # of that square: larger images show fewer places
# Of a standard normal code: all but a quarter of a percent on each axis.
PRIOR = [-3.0, 3.0, -3.0, 3.0]
SIGMA_UNITS = 32  # units of a code up to which its log-variances are kept beside it


class Looks:
    """Looks at one trainer's model; each leaves the trainer as it was.

    Arrays, each only where the model can: ``x`` (16, *shape) uint8, the probe's images, ``x_hat`` alike, their
    reconstructions, ``samples`` (64, *shape) uint8, ``codes`` (1000, d) float16 of the rows ``index`` (1000,) with
    labels ``y`` (1000,). For points ``x`` is (512, d) float32, ``x_hat`` and ``samples`` (512, d) float16.
    Of images also ``filters_input`` and ``filters_output`` (at most 64, C, h, w) uint8, the weights of the first
    hidden units, each by its own scale (``as_filters``); of 2-D points ``field`` (576, 2) float16, the
    reconstruction of the fixed ``grid`` (576, 2) float32, one row along x after the other from the bottom up.

    Of a q(z|x) with a variance also ``log_var`` (1000, d) float16, ln σ² of the ``codes``, where d is at most 32. Of
    images with a code of two numbers ``square`` (n², *shape) uint8, the decoded places of an even n × n grid over
    ``square_box`` (4,) float32, [left, right, bottom, top] in code units, the first n along the first unit at the
    bottom; n is 20 where that takes at most 320 kB, else less. The box is [-3, 3]², the prior's, where q(z|x) has a
    variance, else what the codes fill at that moment. Of a code of one number the same along a line, (2n, *shape).

    Of points in the plane that a model can sample, also all that ``core.training.looks_2d.Plane`` holds.
    """

    def __init__(self, trainer: Trainer, data: Data):
        self.trainer, self.data = trainer, data
        self.abilities = abilities(trainer.model)
        self.images = data.kind == "images"
        rows = probe(data)
        self.coded = torch.from_numpy(rows)
        self.shown = torch.from_numpy(rows[: PICTURES if self.images else POINTS])
        flat = not self.images and data.shape == (2,)
        field = flat and "reconstruct" in self.abilities
        self.grid = torch.from_numpy(grid_over(box_of(data.x), GRID)) if field else None
        sampled = flat and "sample" in self.abilities
        self.plane = Plane(trainer, data, self.abilities, self.shown) if sampled else None
        self.side = self._side()

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
        return found | (self.plane.fixed() if self.plane else {})

    def pictures(self) -> dict[str, np.ndarray]:
        """Reconstructions, samples, filters and the vector field."""
        found = {}
        with self.trainer.looking() as model:
            if "reconstruct" in self.abilities:
                probe = self.trainer.feed.batch(self.shown)
                found["x_hat"] = self._stored(model.reconstruct(probe.x, fixed_noise(), probe.y))
            if self.plane:
                found |= self.plane.pictures(model)
            elif "sample" in self.abilities:
                found["samples"] = self._samples(model, SAMPLES if self.images else POINTS)
            if "filters" in self.abilities and self.images:
                for side, weights in model.filters().items():
                    found[f"filters_{side}"] = as_filters(weights)
            if self.grid is not None:
                grid = self.grid.to(self.trainer.device)
                found["field"] = half(model.reconstruct(grid, fixed_noise()))
        return found

    def turn(self, event: str) -> dict[str, np.ndarray]:
        """What the trainer's present turn has come by at ``event``; nothing once its update is done."""
        if self.plane is None or "rehearse" not in self.abilities or self.trainer.turn.over:
            return {}
        with self.trainer.looking(None) as model:
            return self.plane.turn(model, event)

    def codes(self) -> dict[str, np.ndarray]:
        """The codes of the probe's rows, with their log-variances where they have any."""
        if "encode" not in self.abilities:
            return {}
        with self.trainer.looking() as model:
            batch = self.trainer.feed.batch(self.coded)
            mean, log_var, _ = model.encode(batch.x, batch.y)
        found = {"codes": half(mean.flatten(1))}
        if log_var is not None and found["codes"].shape[1] <= SIGMA_UNITS:
            found["log_var"] = half(log_var.flatten(1))
        return found

    def square(self, found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The decoded square (or line) of the code, given what ``codes`` found; empty where there is none."""
        if not self.side or "codes" not in found:
            return {}
        codes = found["codes"].astype(np.float32)
        box = PRIOR if "log_var" in found else box_of(np.nan_to_num(codes[:, [0, -1]]))
        flat = codes.shape[1] == 2
        places = grid_over(box, self.side) if flat else line_over(box, 2 * self.side)
        with self.trainer.looking() as model:
            decoded = model.decode(torch.from_numpy(places).to(self.trainer.device))
        return {"square": self._stored(decoded), "square_box": np.array(box, np.float32)}

    def frame_of_film(self) -> dict[str, np.ndarray]:
        """512 samples of the fixed noise, in the plane the judge's surface, and how many samples lie at each mode."""
        with self.trainer.looking() as model:
            if self.plane:
                found = self.plane.frame_of_film(model)
            else:
                found = {"samples": self._samples(model, POINTS)}
        if self.data.modes is not None:
            found["modes"] = mode_counts(found["samples"], self.data.modes, self.data.mode_std)
        return found

    def _side(self) -> int:
        """Places on a side of the square of a code of one or two numbers; 0 where no square can be shown."""
        sizes = list(self.trainer.model.latents.values())
        if (
            not self.images
            or not {"encode", "decode"} <= self.abilities
            or sizes not in ([(1,)], [(2,)])
        ):
            return 0
        side = min(SIDE, int((SQUARE_BYTES / self.trainer.model.spec.size) ** 0.5))
        return side if side > 2 else 0

    def _samples(self, model, count: int) -> np.ndarray:
        return self._stored(model.sample(count, fixed_noise()))

    def _stored(self, values: Tensor) -> np.ndarray:
        if not self.images:
            return half(values)
        return values.clamp(0, 1).mul(255).round().to(torch.uint8).contiguous().cpu().numpy()


def probe(data: Data) -> np.ndarray:
    """The positions (at most 1,000,) of the rows that every look sees: the first of test, then of the other splits."""
    rows = np.concatenate([data.splits[name] for name in ("test", "validation", "train")])
    return rows[:CODED]


def as_filters(weights: Tensor) -> np.ndarray:
    """Weights (units, C, h, w) as bytes: 0 is 128, each unit's largest size 1 or 255; at most 64 units."""
    units = min(UNITS, max(FILTER_BYTES // max(weights[:1].numel(), 1), 1))
    weights = weights[:units].float().nan_to_num()
    largest = weights.abs().amax(dim=(1, 2, 3), keepdim=True).clamp_min(1e-12)
    return (128 + (127 * weights / largest).round()).to(torch.uint8).cpu().numpy()

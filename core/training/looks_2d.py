"""What snapshots and live frames of 2-D points hold beside the samples: all that there is to see of a GAN.

Each only where the model can, so that a VAE on the same points has its samples and its manifold.
"""

import numpy as np
import torch
from torch import Tensor

from core.datasets.base import Data
from core.models.base import Batch, Model
from core.training.coverage import mode_counts
from core.training.grids import box_of, grid_over
from core.training.trainer import Trainer

SAMPLES = 512
SURFACE = 32  # places on a side
FILMED = 16  # of the same in a film, which has hundreds of frames
LATTICE = 20  # lines of the prior's grid each way; along a line ten times as many
NOISE_SEED = 0
HALF = 65504.0  # the largest float16


class Plane:
    """The looks of one trainer's model of points in the plane.

    Once, with the first snapshot: ``noise`` (512, latent_dim) float16, from which the samples come, and, where it is
    one number or two, ``manifold_z`` (400, 2) or (200, 1) float16, even over the prior's middle: of a uniform prior all
    of [-1, 1], of a Gaussian the inner 95 % of each number at equal shares, so that every cell is as likely as another.
    The first 20 lie along the first number, at the lowest second one.

    In each frame: ``samples`` (512, 2) float16; ``modes`` (k,) int16, how many lie at each mode; ``surface`` (32, 32)
    uint8, from 0 to 255 how real the judge takes each place of an even grid for (``Model.realness``), row after row
    from the bottom up, over ``surface_box`` (4,) float32 [left, right, bottom, top] in data units, which is the data's
    and stays; ``push`` (512, 2) float16, where the judge sends each of the samples (``Model.push``); and
    ``manifold`` (400, 2) or (200, 2) float16, what ``manifold_z`` is decoded to.

    Decoders that are averaged are so everywhere here. A conditional model's samples are of the classes of the probe's
    rows, and it has no manifold: each class has its own.
    """

    def __init__(self, trainer: Trainer, data: Data, able: set[str], shown: Tensor):
        self.trainer, self.data, self.able = trainer, data, able
        self.box = box_of(data.x)
        self.places, self.fewer = (
            self._here(torch.from_numpy(grid_over(self.box, side))) for side in (SURFACE, FILMED)
        )
        probe = trainer.feed.batch(shown[torch.arange(SAMPLES) % len(shown)])
        self.classes = probe.y if trainer.model.conditional else None
        self.real = Batch(probe.x, self.classes)
        self.z = self._noise(trainer.model)
        self.lattice = self._lattice(trainer.model)

    def fixed(self) -> dict[str, np.ndarray]:
        """What never changes, so that only the first snapshot holds it."""
        found = {"noise": self.z, "manifold_z": self.lattice}
        return {name: half(values) for name, values in found.items() if values is not None}

    def pictures(self, model: Model) -> dict[str, np.ndarray]:
        """All that changes, of a model that is being looked at (``Trainer.looking``)."""
        samples = self.samples(model)
        found = {"samples": half(samples)}
        if self.data.modes is not None:
            found["modes"] = mode_counts(found["samples"], self.data.modes, self.data.mode_std)
        generated = Batch(samples, self.classes)
        if "realness" in self.able:
            real = model.realness(self.places, self.real, generated)
            found["surface"] = shares(real).reshape(SURFACE, SURFACE)
            found["surface_box"] = np.array(self.box, np.float32)
        if "push" in self.able:
            found["push"] = half(model.push(generated, self.real))
        if self.lattice is not None:
            found["manifold"] = half(model.decode(self.lattice))
        return found

    def frame_of_film(self, model: Model) -> dict[str, np.ndarray]:
        """The samples, and as ``surface`` (16, 16) uint8 how real the judge takes each place of a coarser grid for."""
        samples = self.samples(model)
        found = {"samples": half(samples)}
        if "realness" in self.able:
            generated = Batch(samples, self.classes)
            real = model.realness(self.fewer, self.real, generated)
            found["surface"] = shares(real).reshape(FILMED, FILMED)
        return found

    def samples(self, model: Model) -> Tensor:
        """512 samples (512, 2) of the fixed noise."""
        if self.z is None:
            return model.sample(SAMPLES, fixed_noise())
        return model.decode(self.z, self.classes)

    def turn(self, model: Model, event: str) -> dict[str, np.ndarray]:
        """What the trainer's present turn has come by at ``event`` of its phase, see ``Recorder.stage_frame``."""
        turn = self.trainer.turn
        found: dict[str, np.ndarray] = {}
        for at, values in model.rehearse(turn.phase, turn.batch).items():
            for name, value in values.items():
                stored = shares if name.startswith("judged") else half
                found[f"turn_{name}"] = stored(value[:SAMPLES])
            if at == event:
                break
        return found

    def _noise(self, model: Model) -> Tensor | None:
        """The fixed noise (512, latent_dim): of a model without classes the same that ``sample`` draws."""
        if "decode" not in self.able:
            return None
        if "noise" in self.able:
            return model.noise(SAMPLES, fixed_noise())
        if model.prior_deviation is None:
            return None
        z = torch.randn(SAMPLES, *model.latents["z"], generator=fixed_noise())
        return self._here(model.prior_deviation * z)

    def _lattice(self, model: Model) -> Tensor | None:
        """The prior's grid, (400, 2) or (200, 1); None where it has more numbers, or none."""
        sizes = list(model.latents.values())
        if self.z is None or model.conditional or sizes not in ([(1,)], [(2,)]):
            return None
        across = _middle(model, LATTICE if sizes == [(2,)] else 10 * LATTICE)
        if sizes == [(1,)]:
            return self._here(across[:, None])
        up, right = torch.meshgrid(across, across, indexing="ij")
        return self._here(torch.stack([right, up], -1).reshape(-1, 2))

    def _here(self, values: Tensor) -> Tensor:
        return values.to(self.trainer.device)


def _middle(model: Model, n: int) -> Tensor:
    """``n`` rising numbers of z, at equal shares of the prior: all of it, or its inner 95 % where it has no end."""
    whole = model.quantile(torch.linspace(0, 1, n))
    return whole if whole.isfinite().all() else model.quantile(torch.linspace(0.025, 0.975, n))


def half(values: Tensor) -> np.ndarray:
    """As float16, what is too large for it at its end."""
    return values.float().clamp(-HALF, HALF).to(torch.float16).cpu().numpy()


def shares(values: Tensor) -> np.ndarray:
    """Shares from 0 to 1 as bytes from 0 to 255; what is no number is 0."""
    return values.float().nan_to_num(0.0).mul(255).round().to(torch.uint8).cpu().numpy()


def fixed_noise() -> torch.Generator:
    """The generator of all that looks draw, as it begins anew each time."""
    return torch.Generator().manual_seed(NOISE_SEED)

"""What a discriminator thinks of each place, and where it sends each generated point.

A discriminator that sees several examples at once (packing, minibatch layers, batch normalisation) has no verdict on
a place alone: there each place is judged among points that G generates, and the mean over several companies is given.
"""

import numpy as np
import torch
from torch import Tensor

from core.analysis.passes import device_of, quiet
from core.models.adversarial import generator_loss
from core.models.base import Model

__all__ = ["pulls", "surface"]

COMPANIES = 8
GUESTS, GROUP = 8, 64  # of so many judged as one batch, so few are places: the others stand for G


def surface(model: Model, places: np.ndarray, y: int | None = None, seed: int = 0) -> np.ndarray:
    """D's verdict on each of ``places`` (n, *shape), (n,) float32: large means "real"; no instance noise.

    ``y`` is the class that all are said to be, of a conditional model; without it every class counts equally.
    """
    with quiet(model, seed):
        x = torch.from_numpy(np.asarray(places, np.float32)).to(device_of(model)).flatten(1)
        pack = model.config.packing
        if model.together and pack == 1:
            return _judged(model, x, y).float().cpu().numpy()
        verdicts = torch.stack([_in_company(model, x, pack, y) for _ in range(COMPANIES)])
        return verdicts.mean(0).float().cpu().numpy()


def _judged(model: Model, x: Tensor, y: int | None) -> Tensor:
    classes = None if y is None else torch.full((len(x),), y, device=x.device)
    return model.verdicts(x, model.fitting(classes))


def _in_company(model: Model, x: Tensor, pack: int, y: int | None) -> Tensor:
    """One verdict on each of ``x`` (n, d), the first of a pack of generated ones, few of them to a batch."""
    found = []
    for part in x.split(len(x) if model.together else GUESTS):
        count = len(part) if model.together else GROUP
        classes = None if y is None else torch.full((count * pack,), y, device=x.device)
        crowd = model.generate(model.noise(count * pack), classes).flatten(1)
        crowd = crowd.view(count, pack, -1)
        crowd[: len(part), 0] = part
        found.append(_judged(model, crowd.flatten(0, 1), y)[: len(part)])
    return torch.cat(found)


def pulls(
    model: Model, z: np.ndarray, real: np.ndarray, y: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """G's points for the noise ``z`` (n, latent_dim), and how its loss would move each: both (n, *shape) float32.

    The second is -n ∂ℓ_G/∂x, the whole gradient that one point would get by itself: nothing where D's surface is flat.
    ``real`` (n, *shape) are real examples for losses that compare.
    """
    device = device_of(model)
    classes = None if y is None else torch.from_numpy(y).to(device)
    with quiet(model, 0), torch.enable_grad():
        x = model.generate(torch.from_numpy(z).to(device), classes).detach().requires_grad_()
        known = model.fitting(classes)
        fake = model.verdicts(model.rows(x.flatten(1)), known)
        shown = model.rows(torch.from_numpy(real).to(device).flatten(1))
        loss = generator_loss(fake, model.config.generator_loss, model.verdicts(shown, known))
        (slope,) = torch.autograd.grad(loss, x)
    return x.detach().cpu().numpy(), (-len(fake) * slope).cpu().numpy()

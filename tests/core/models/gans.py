"""GANs for the tests, built or trained, and one turn of theirs."""

import torch

from core import datasets, models
from core.models.base import Batch, DataSpec, Model, build
from core.training.specs import resolve
from core.training.trainer import Trainer

POINTS = DataSpec((2,), "points", 8)
IMAGES = DataSpec((1, 8, 8), "images", 10)


def gan(spec: DataSpec = POINTS, **config) -> Model:
    return build(
        models.get("gan"), {"generator_sizes": [16], "discriminator_sizes": [16], **config}, spec, 0
    )


def batch(n: int = 24, spec: DataSpec = POINTS) -> Batch:
    generator = torch.Generator().manual_seed(3)
    return Batch(torch.rand(n, *spec.shape, generator=generator), torch.arange(n) % spec.classes)


def trainer_of(until: int | None = None, **settings) -> Trainer:
    spec = resolve("gan", "points", {"n": 400, "batch_size": 32, "steps": 40, **settings})
    trainer = Trainer(spec, datasets.load("points", spec.data))
    for event in trainer.events():
        if event.kind == "step" and event.step == until:
            break
    return trainer


def turn(model: Model, phase: str, given: Batch, seed: int = 1) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    return model.phases()[phase].losses(given)

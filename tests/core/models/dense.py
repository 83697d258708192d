"""Small dense autoencoders for the tests, built or trained."""

import torch

from core import datasets, models
from core.models.base import Batch, DataSpec, Model, build
from core.training.specs import resolve
from core.training.trainer import Trainer

MNIST = DataSpec((1, 28, 28), "images", 10)
DIGITS = DataSpec((1, 8, 8), "images", 10)
POINTS = DataSpec((2,), "points")
ACTIVATIONS = ("relu", "leaky_relu", "elu", "selu", "gelu", "tanh", "sigmoid", "linear")


def model_of(spec: DataSpec = DIGITS, seed: int = 0, **config) -> Model:
    return build(models.get("autoencoder"), config, spec, seed)


def images(n: int = 6, spec: DataSpec = DIGITS) -> Batch:
    return Batch(torch.rand(n, *spec.shape, generator=torch.Generator().manual_seed(1)))


def trained(dataset: str = "digits", until: int | None = None, **settings) -> Trainer:
    spec = resolve("autoencoder", dataset, {"batch_size": 32, "steps": 40, **settings})
    trainer = Trainer(spec, datasets.load(dataset, spec.data))
    for event in trainer.events():
        if event.kind == "step" and event.step == until:
            break
    return trainer

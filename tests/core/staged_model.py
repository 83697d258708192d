"""A model with stages, for the tests: first the outer layers learn, then all, with another batch size."""

import torch
from pydantic import Field
from torch import nn

from core.models.base import Batch, Code, EncoderDecoder, ModelConfig, Stage
from core.models.blocks import reconstruction_terms, squared_error


class Config(ModelConfig):
    """When each stage begins."""

    second: int = Field(8, ge=1, description="The step at which the code begins to learn.")
    third: int = Field(16, ge=1, description="The step at which everything learns.")


class Staged(EncoderDecoder):
    """A dense autoencoder trained from the outside in, with dropout so that noise counts."""

    Config = Config
    title = "Staged"

    def __init__(self, config, spec):
        super().__init__(config, spec)
        self.latents = {"z": (3,)}
        self.outer = nn.ModuleList([nn.Linear(spec.size, 16), nn.Linear(16, spec.size)])
        self.inner = nn.ModuleList([nn.Linear(16, 3), nn.Linear(3, 16)])
        self.drop = nn.Dropout(0.2)

    def stage(self, step: int) -> Stage:
        if step < self.config.second:
            return Stage("outer", ("outer",), batch_size=16)
        if step < self.config.third:
            return Stage("inner", ("inner",), batch_size=32)
        return Stage("all", batch_size=24)

    def encode(self, x, y=None) -> Code:
        return Code(self.inner[0](torch.tanh(self.outer[0](self.drop(x.flatten(1))))))

    def decode(self, z, y=None):
        return self.outer[1](torch.tanh(self.inner[1](z))).unflatten(1, self.spec.shape)

    def losses(self, batch: Batch):
        error = squared_error("linear", self.reconstruct(batch.x).flatten(1), batch.x.flatten(1))
        return reconstruction_terms(error, self.spec.size, "sum")

"""Models whose answers are known, on data that fit them."""

import numpy as np
import torch
from torch import nn

from core.datasets.base import Data
from core.models.base import Batch, Code, DataSpec, EncoderDecoder, Model, ModelConfig


def noise(n: int = 1203, shape: tuple[int, ...] = (1, 2, 2)) -> Data:
    """Images of noise; more test rows than fit one batch."""
    x = np.random.default_rng(0).integers(0, 256, (n, *shape)).astype(np.uint8)
    splits = {"train": np.arange(3), "validation": np.arange(0), "test": np.arange(3, n)}
    return Data("noise", "images", x, splits, np.arange(n) + 1000)


class Shrinking(EncoderDecoder):
    """Reconstructs ``share`` · x: what is bright is far off, what is dark is near."""

    share = 0.5

    def __init__(self, data: Data):
        super().__init__(ModelConfig(), DataSpec.of(data))
        self.weight = nn.Parameter(torch.tensor(self.share))
        self.latents = {"z": (self.spec.size,)}

    def encode(self, x, y=None):
        return Code(x.flatten(1))

    def decode(self, z, y=None):
        return self.weight * z.unflatten(1, self.spec.shape)


class Layered(EncoderDecoder):
    """A recurrent layer, one that is overwritten in place, one that is used twice."""

    def __init__(self, data: Data):
        super().__init__(ModelConfig(), DataSpec.of(data))
        torch.manual_seed(0)
        side = data.shape[-1]
        self.encoder = nn.LSTM(side, 5, batch_first=True)
        self.decoder = nn.Sequential(nn.Linear(5, side), nn.ReLU(inplace=True))
        self.twice = nn.Linear(side, side)

    def encode(self, x, y=None):
        return Code(self.encoder(x[:, 0])[0])

    def decode(self, z, y=None):
        return self.twice(self.twice(self.decoder(z)))[:, None]

    def losses(self, batch: Batch):
        return {"loss": self.reconstruct(batch.x).square().mean()}


class Mute(Model):
    """Has losses and no ability."""

    def __init__(self, data: Data):
        super().__init__(ModelConfig(), DataSpec.of(data))
        self.judge = nn.Linear(data.shape[-1], 2)

    def losses(self, batch: Batch):
        return {"loss": self.judge(batch.x).mean()}

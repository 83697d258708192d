"""What our trainer is measured against: the loop a user would write, and a bare loop over one tensor.

Both train the same networks as ours, written as a textbook writes them: 784-100-30 autoencoder, 784-400-2 VAE,
16-32-64 and 16-8-8 convolutional autoencoders, 100-30 recurrent autoencoder.
"""

import time
from collections.abc import Iterator
from itertools import chain, repeat

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.bench.turns import Contestant

__all__ = ["NETWORKS", "bare_loop", "user_loop"]

BATCH = 128
LEARNING_RATE = 1e-3


class Autoencoder(nn.Module):
    """784-100-30-100-784, squared error."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 30)
        )
        self.decoder = nn.Sequential(
            nn.Linear(30, 100), nn.ReLU(), nn.Linear(100, 784), nn.Sigmoid()
        )

    def loss(self, x: Tensor) -> Tensor:
        """The mean squared error of a batch (B, 1, 28, 28)."""
        return F.mse_loss(self.decoder(self.encoder(x)), x.flatten(1))


class VAE(nn.Module):
    """784-400-2-400-784, Bernoulli likelihood, nats per example."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Flatten(), nn.Linear(784, 400), nn.ReLU(), nn.Linear(400, 4)
        )
        self.decoder = nn.Sequential(nn.Linear(2, 400), nn.ReLU(), nn.Linear(400, 784))

    def loss(self, x: Tensor) -> Tensor:
        """Minus the evidence lower bound of a batch (B, 1, 28, 28)."""
        mu, log_var = self.encoder(x).chunk(2, dim=1)
        z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
        logits = self.decoder(z)
        cross_entropy = F.binary_cross_entropy_with_logits(logits, x.flatten(1), reduction="sum")
        kl = -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())
        return (cross_entropy + kl) / len(x)


class ConvAutoencoder(nn.Module):
    """16-32-64 filters, each level halving the image; transposed convolutions undo it. Squared error."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(64, 32, 3, stride=2),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 16, 3, stride=2, padding=1, output_padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 3, stride=2, padding=1, output_padding=1),
            nn.Sigmoid(),
        )

    def loss(self, x: Tensor) -> Tensor:
        """The mean squared error of a batch (B, 1, 28, 28)."""
        return F.mse_loss(self.decoder(self.encoder(x)), x)


class UpsamplingAutoencoder(nn.Module):
    """16-8-8 filters to a code of 8 maps of 4×4, upsampling back, as Keras's tutorial. Binary cross-entropy."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, ceil_mode=True),
            nn.Conv2d(16, 8, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, ceil_mode=True),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, ceil_mode=True),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(8, 8, 3, padding=1),
            nn.ReLU(),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.ReLU(),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(8, 16, 3),
            nn.ReLU(),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(16, 1, 3, padding=1),
            nn.Sigmoid(),
        )

    def loss(self, x: Tensor) -> Tensor:
        """The mean cross-entropy of a batch (B, 1, 28, 28)."""
        return F.binary_cross_entropy(self.decoder(self.encoder(x)), x)


class RecurrentAutoencoder(nn.Module):
    """Rows of 28 through LSTMs of 100 and 30 units, and back from the last state. Binary cross-entropy."""

    def __init__(self) -> None:
        super().__init__()
        self.outer = nn.LSTM(28, 100, batch_first=True)
        self.inner = nn.LSTM(100, 30, batch_first=True)
        self.back = nn.LSTM(30, 100, batch_first=True)
        self.rows = nn.Linear(100, 28)

    def loss(self, x: Tensor) -> Tensor:
        """The mean cross-entropy of a batch (B, 1, 28, 28)."""
        x = x.squeeze(1)
        sequence, _ = self.outer(x)
        sequence, _ = self.inner(sequence)
        code = sequence[:, -1:].repeat(1, 28, 1)
        sequence, _ = self.back(code)
        return F.binary_cross_entropy(torch.sigmoid(self.rows(sequence)), x)


# What is compared: the model of ours, the network that equals it, and the settings that make it so.
NETWORKS: dict[str, tuple[str, type[nn.Module], dict]] = {
    "autoencoder": ("autoencoder", Autoencoder, {"encoder_sizes": [100, 30]}),
    "vae": ("vae", VAE, {"encoder_sizes": [400], "latent_dim": 2}),
    "conv_autoencoder": ("conv_autoencoder", ConvAutoencoder, {"channels": [16, 32, 64]}),
    "conv_16_8_8": (
        "conv_autoencoder",
        UpsamplingAutoencoder,
        {"channels": [16, 8, 8], "rounding": "up", "doubling": "upsample", "loss": "bce"},
    ),
    "recurrent_autoencoder": ("recurrent_autoencoder", RecurrentAutoencoder, {"loss": "bce"}),
}


def user_loop(network: nn.Module, root: str) -> Contestant:
    """torchvision's MNIST, ToTensor, a DataLoader in the main process, Adam, ``.item()`` every step."""
    from torch.utils.data import DataLoader
    from torchvision.datasets import MNIST
    from torchvision.transforms import ToTensor

    loader = DataLoader(
        MNIST(root, train=True, transform=ToTensor()), batch_size=BATCH, shuffle=True, num_workers=0
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    batches = chain.from_iterable(repeat(loader))
    history: list[float] = []

    def train(seconds: float) -> tuple[int, bool]:
        seen, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            x, _ = next(batches)
            optimizer.zero_grad()
            loss = network.loss(x)
            loss.backward()
            optimizer.step()
            history.append(loss.item())
            seen += len(x)
        return seen, False

    return train


def bare_loop(network: nn.Module, x: Tensor) -> Contestant:
    """Slices of one float tensor ``x`` (N, 1, 28, 28) in a random order, fused Adam, nothing else."""
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
    batches = _slices(x)

    def train(seconds: float) -> tuple[int, bool]:
        seen, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            batch = next(batches)
            optimizer.zero_grad()
            network.loss(batch).backward()
            optimizer.step()
            seen += len(batch)
        return seen, False

    return train


def _slices(x: Tensor) -> Iterator[Tensor]:
    while True:
        order = torch.randperm(len(x))
        for start in range(0, len(x), BATCH):
            yield x[order[start : start + BATCH]]

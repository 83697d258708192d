"""One stream of noise for each trainer, though torch has but one global generator."""

import torch
from torch import Tensor


class NoiseStream:
    """The trainer's own stretch of torch's global generator: in force within ``with``, set aside outside."""

    def __init__(self, device: str = "cpu"):
        self.cuda = device.startswith("cuda")
        self.state = self.read()

    def read(self) -> list[Tensor]:
        """The generators' present states: the CPU's and, if it trains there, the GPU's."""
        return [torch.get_rng_state(), *([torch.cuda.get_rng_state()] if self.cuda else [])]

    def apply(self, state: list[Tensor]) -> None:
        """Put the generators into these states."""
        torch.set_rng_state(state[0])
        if self.cuda:
            torch.cuda.set_rng_state(state[1])

    def reseed(self, seed: int) -> None:
        """Start the global generators from ``seed``. (``torch.manual_seed`` does the same, 500 times slower.)"""
        torch.default_generator.manual_seed(seed)
        if self.cuda:
            torch.cuda.manual_seed(seed)

    def __enter__(self) -> None:
        self._outside = self.read()
        self.apply(self.state)

    def __exit__(self, *_: object) -> None:
        self.state = self.read()
        self.apply(self._outside)

"""Batches: an order that only seed and epoch decide, and rows that belong together."""

import math

import numpy as np
import pytest
import torch

from core import datasets
from core.training.feed import Feed, order
from core.training.specs import resolve
from core.training.trainer import Trainer


def test_with_replacement_rows_are_drawn_anew_and_the_seed_decides_which() -> None:
    draws = order(1000, 7, 0, replacement=True)
    assert draws.shape == (1000,)
    assert torch.equal(draws, order(1000, 7, 0, replacement=True))
    assert not torch.equal(draws, order(1000, 7, 1, replacement=True))
    assert not torch.equal(draws, order(1000, 8, 0, replacement=True))
    # Of n rows a share of 1 - 1/e is met in n draws.
    assert len(draws.unique()) == pytest.approx(1000 * (1 - 1 / math.e), rel=0.05)
    data = datasets.load("digits")
    feed = Feed(data, seed=7, replacement=True)
    drawn = torch.cat([feed.next(50).index for _ in range(feed.steps_per_epoch(50))])
    picked = order(len(feed.rows), 7, 0, replacement=True)
    assert torch.equal(drawn, feed.index[feed.rows[picked]])
    spec = resolve("autoencoder", "digits", {"replacement": True})
    assert Trainer(spec, data).feed.replacement


def test_a_batch_holds_what_belongs_together() -> None:
    feed = Feed(datasets.load("digits"), seed=1)
    batch = feed.next(10)
    place = {int(row): i for i, row in enumerate(feed.data.index)}
    for x, y, row in zip(batch.x, batch.y, batch.index, strict=True):
        i = place[int(row)]
        assert y == feed.data.y[i]
        assert np.array_equal((x * 255).round().numpy(), feed.data.x[i])

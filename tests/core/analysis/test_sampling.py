"""A fair sample: to each class its share, to each seed its rows."""

import numpy as np
import pytest

from core.analysis.sampling import by_class
from core.datasets.base import Data
from core.errors import BadInput


def test_a_sample_has_each_class_in_proportion():
    y = np.repeat([0, 1, 2, 3], [500, 300, 150, 50])
    rows = np.random.default_rng(0).permutation(1000)
    splits = {"train": rows[:0], "validation": rows[:0], "test": np.sort(rows)}
    data = Data("made", "points", np.zeros((1000, 2), np.float32), splits, np.arange(1000), y)
    found = by_class(data, "test", 101, 5)
    assert len(found) == len(set(found)) == 101
    assert (np.diff(found) > 0).all()
    assert np.abs(np.bincount(y[found]) - 101 * np.array([0.5, 0.3, 0.15, 0.05])).max() < 1
    assert np.array_equal(found, by_class(data, "test", 101, 5))
    assert not np.array_equal(found, by_class(data, "test", 101, 6))
    assert np.array_equal(by_class(data, "test", 1000, 0), np.arange(1000))
    assert len(by_class(data, "test", 2000, 0)) == 1000
    bare = Data("bare", "points", data.x, splits, data.index)
    assert len(set(by_class(bare, "test", 99, 0))) == 99
    for split, n, says in (
        ("test", 0, "at least 1"),
        ("train", 5, "no train"),
        ("all", 5, "split"),
    ):
        with pytest.raises(BadInput, match=says):
            by_class(data, split, n, 0)

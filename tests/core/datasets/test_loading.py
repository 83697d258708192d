"""The registry's cache, and what all sets share underneath."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from core import datasets
from core.datasets.base import Data, Factor, ImageOptions, image_data


def test_a_second_load_is_shared():
    assert datasets.load("digits") is datasets.load("digits", {})
    assert datasets.load("digits") is not datasets.load("digits", {"data_seed": 5})


def test_the_cache_stays_small():
    first = datasets.load("points", {"n": 60})
    for n in range(61, 61 + datasets.CACHED):
        datasets.load("points", {"n": n})
    assert datasets.load("points", {"n": 60}) is not first
    assert len(datasets._cache) <= datasets.CACHED


def test_threads_that_ask_for_one_set_load_it_once(monkeypatch):
    calls = []
    real = datasets.get("points")

    def load(options, **rest):
        calls.append(options)
        time.sleep(0.05)
        return real.load(options, **rest)

    module = SimpleNamespace(Options=real.Options, load=load)
    monkeypatch.setattr(datasets, "get", lambda name: module)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(datasets.load("points", {"n": 71})))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert len({id(data) for data in found}) == 1


def test_kept_classes_keep_their_split_their_row_and_their_drawn_pixels():
    everything = datasets.load("digits", {"binarise": "fixed"})
    some = datasets.load("digits", {"binarise": "fixed", "keep": [6, 1, 5]})
    assert some.classes == ("1", "5", "6")
    assert set(np.unique(some.y)) == {0, 1, 2}
    for split, rows in some.splits.items():
        kept = everything.splits[split][np.isin(everything.y[everything.splits[split]], [1, 5, 6])]
        np.testing.assert_array_equal(some.index[rows], everything.index[kept])
        np.testing.assert_array_equal(some.x[rows], everything.x[kept])
        names = [some.classes[k] for k in some.y[rows]]
        assert names == [everything.classes[k] for k in everything.y[kept]]


def test_binarising_draws_with_the_pixels_own_probability():
    x = np.full((40, 1, 50, 50), 64, np.uint8)
    drawn = image_data("grey", ImageOptions(binarise="fixed"), x).x
    share = (drawn == 255).mean()
    assert abs(share - 64 / 255) < 4 * (64 / 255 * 191 / 255 / x.size) ** 0.5


def test_rows_that_do_not_fit_are_refused():
    x, splits = np.zeros((4, 2), np.float32), {"train": [], "validation": [], "test": []}
    with pytest.raises(ValueError, match="do not fit"):
        Data("bad", "points", x, splits, np.arange(3))
    with pytest.raises(ValueError, match="do not fit"):
        Data("bad", "points", x, splits, np.arange(4), factor_info={"t": Factor("T")})

"""Kept maps: whole or not there, gone with their run, never more than the disk was promised."""

import os
import time

import numpy as np
import pytest

from core.errors import BadInput
from core.runs import LOCAL
from core.training.specs import resolve

KEY, OTHER = "0123456789abcdef0123", "f" * 20
AT = np.arange(6, dtype=np.float32).reshape(3, 2)


@pytest.fixture
def run(store) -> str:
    return store.create(resolve("pca", "digits", {}), LOCAL, state="stopped").id


def test_what_was_kept_is_read_again(store, run):
    assert store.maps.read(run, KEY) is None
    store.maps.write(run, KEY, {"at": AT}, {"title": "A map"})
    values, meta = store.maps.read(run, KEY)
    assert np.array_equal(values["at"], AT)
    assert meta == {"title": "A map"}
    assert store.maps.about(run) == {KEY: {"title": "A map"}}


@pytest.mark.parametrize("damage", ["cut", "changed", "emptied", "text"])
def test_a_damaged_map_counts_as_none(store, run, damage):
    store.maps.write(run, KEY, {"at": AT}, {})
    path = store.maps.path(run, KEY)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    damaged = {"cut": data[:-4], "changed": data, "emptied": b"", "text": b"no arrays at all"}
    path.write_bytes(damaged[damage])
    assert store.maps.read(run, KEY) is None
    assert set(store.maps.about(run)) <= {KEY}
    store.maps.write(run, KEY, {"at": AT + 1}, {})
    assert np.array_equal(store.maps.read(run, KEY)[0]["at"], AT + 1)


def test_maps_go_with_their_run_and_count_in_its_disk_use(store, run):
    before = store.disk_use(run)
    written = store.maps.write(run, KEY, {"at": AT}, {})
    assert store.disk_use(run) == before + written
    assert store.purge(run) == before + written
    assert not store.maps.path(run, KEY).parent.exists()


def test_those_unused_longest_go_first(store, run, monkeypatch):
    big = {"at": np.zeros((20_000, 2), np.float32)}
    keys = [f"{i:020x}" for i in range(5)]
    for age, key in enumerate(reversed(keys)):
        store.maps.write(run, key, big, {})
        os.utime(store.maps.path(run, key), times=(time.time() - 100 + age,) * 2)
    assert store.maps.read(run, keys[4])  # the oldest until now
    monkeypatch.setenv("EXPLORER_MAPS_MB", "0.5")
    store.maps.write(run, OTHER, big, {})
    assert set(store.maps.about(run)) == {OTHER, keys[4], keys[0]}
    monkeypatch.setenv("EXPLORER_MAPS_MB", "0.01")
    store.maps.write(run, OTHER, big, {})
    assert set(store.maps.about(run)) == {OTHER}


def test_a_map_that_is_being_made_can_be_seen(store, run):
    assert store.maps.live(run, KEY) is None
    store.maps.show(run, KEY, {"at": AT}, {"step": 3})
    assert store.maps.live(run, KEY)
    assert store.maps.read(run, KEY) is None
    old = time.time() - 7200
    os.utime(store.maps.path(run, KEY).with_suffix(".live"), times=(old, old))
    assert store.maps.live(run, KEY) is None
    store.maps.write(run, OTHER, {"at": AT}, {})  # which sweeps
    assert [path.stem for path in store.maps.path(run, KEY).parent.iterdir()] == [OTHER]
    store.maps.show(run, KEY, {"at": AT}, {})
    store.maps.write(run, KEY, {"at": AT}, {})
    assert store.maps.live(run, KEY) is None


@pytest.mark.parametrize(
    ("run", "key"), [("../runs", KEY), ("a/b", KEY), ("", KEY), ("a", "../../explorer"), ("a", "")]
)
def test_names_are_never_paths(store, run, key):
    for ask in (store.maps.read, store.maps.live):
        with pytest.raises(BadInput, match="no map"):
            ask(run, key)

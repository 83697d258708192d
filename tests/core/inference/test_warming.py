"""Warming up: when there is a processor to spare, once, and never where a map has done it already."""

import os

import pytest

from core.analysis import maps
from core.inference import warming


@pytest.fixture
def warmed(monkeypatch):
    """What is warmed up, in order, in a process that is still cold."""
    done = []
    monkeypatch.setattr(warming, "_warm", set())
    monkeypatch.setattr(warming, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(maps.get("umap"), "warm_up", lambda: done.append("umap"))
    return done


def busy(monkeypatch, load):
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))


def test_a_spare_processor_is_used_at_once(warmed, monkeypatch):
    busy(monkeypatch, 0.0)
    assert not warming.is_warm("umap")
    assert warming.is_warm("pca")
    assert len(list(warming.pieces())) == 1
    assert warmed == ["umap"]
    assert warming.is_warm("umap")
    assert list(warming.pieces()) == []


def test_busy_processors_are_waited_for_and_at_last_not(warmed, monkeypatch):
    busy(monkeypatch, 100.0)
    looks = warming.pieces()
    for _ in range(5):
        next(looks)
    assert not warmed
    monkeypatch.setattr(warming, "PATIENCE", 0.0)
    assert len(list(warming.pieces())) == 1
    assert warmed == ["umap"]


def test_a_map_that_was_made_has_warmed_it_up(warmed, monkeypatch):
    busy(monkeypatch, 100.0)
    looks = warming.pieces()
    next(looks)
    warming.note("umap")
    assert list(looks) == []
    assert not warmed


def test_compiled_code_is_kept_where_it_can_be(home, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delitem(warming.sys.modules, "numba", raising=False)
    monkeypatch.setattr(os, "access", lambda *_: True)
    warming.choose_cache()
    assert "NUMBA_CACHE_DIR" not in os.environ
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # put back afterwards
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    warming.choose_cache()
    assert os.environ["NUMBA_CACHE_DIR"] == str(home / "cache" / "numba")
    del os.environ["NUMBA_CACHE_DIR"]

"""What every test stands on: a home of its own, one thread, and workers that are started once."""

import os

# One thread, as in a worker: with two, OpenMP spins where another process keeps a core busy. It
# must be said before anything imports torch.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty ``EXPLORER_HOME`` for each test."""
    path = tmp_path / "home"
    monkeypatch.setenv("EXPLORER_HOME", str(path))
    return path


@pytest.fixture(scope="session")
def mnist_dir() -> Path:
    """The folder that holds MNIST in torchvision's layout."""
    folder = os.environ.get("EXPLORER_DATA")
    if not folder or not Path(folder, "MNIST", "raw").is_dir():
        pytest.skip("EXPLORER_DATA names no folder that holds MNIST")
    return Path(folder)


@pytest.fixture
def store(home: Path):
    """An empty run store."""
    from core.runs import Store

    return Store(home)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """Running workers with a home of their own, started once because they take seconds to warm."""
    from core.training.jobs import Service

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_HOME", str(tmp_path_factory.mktemp("service")))
        service = Service()
        service.start()
    yield service
    service.stop()

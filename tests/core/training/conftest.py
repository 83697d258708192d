"""The staged test model, known to the registry of this process, and runs to compare with."""

import pytest

from core import models
from core.training.worker import work
from tests.core.staged_model import Staged
from tests.core.training.running import begin


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry knows one model more."""
    known = models.get
    monkeypatch.setattr(models, "get", lambda name: Staged if name == "staged" else known(name))


@pytest.fixture
def whole(store):
    """The run of a case that nobody disturbs."""
    kept: dict[str, str] = {}

    def run(case) -> str:
        if str(case) not in kept:
            run = begin(store, case)
            work([run.id], store=store)
            kept[str(case)] = run.id
        return kept[str(case)]

    return run

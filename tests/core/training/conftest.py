"""The staged test model, known to the registry of this process."""

import pytest

from core import models
from tests.core.staged_model import Staged


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry knows one model more."""
    known = models.get
    monkeypatch.setattr(models, "get", lambda name: Staged if name == "staged" else known(name))

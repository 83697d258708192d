"""Runs to ask, trained in a moment."""

import pytest

from core.runs import LOCAL
from core.training.specs import resolve
from core.training.worker import work

VAE = {"steps": 40, "batch_size": 64, "encoder_sizes": [16]}


@pytest.fixture
def trained(store):
    """``trained(model, dataset, settings)`` is the id of a run that has been trained."""

    def train(model="vae", dataset="digits", settings=VAE):
        run = store.create(resolve(model, dataset, settings), LOCAL, state="running")
        assert work([run.id], store=store)[0].state == "done"
        return run.id

    return train

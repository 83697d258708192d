"""The view on disentanglement: scores with their protocols, a heat map, an invitation where there are no factors."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import texts

UNITS, FACTORS = 3, ["Shape", "Radius"]


def view() -> None:
    """What a page does that shows the view of one run."""
    import streamlit as st

    from pages.explore.factors import body
    from pages.ui.backend import schemas, store
    from pages.ui.pick import Chosen

    body(Chosen(store().get(st.session_state["of"]), None), schemas())


@pytest.fixture
def figures(monkeypatch) -> dict:
    from pages.ui import figure

    seen = {}

    def component(*, key, data, **_):
        seen[key] = json.loads(data["figure"]) | {"alt": data["alt"]}

    monkeypatch.setattr(figure, "_component", lambda: component)
    return seen


@pytest.fixture
def show(jobs, sender):
    """Open the view of a run; the answers are the test's."""

    def opened(of: str | None = None) -> AppTest:
        app = AppTest.from_function(view, default_timeout=30)
        app.session_state["of"] = of or "autoencoder-digits"
        return app.run()

    return opened


def answer(**_) -> dict:
    information = np.array([[1.0, 0.1], [0.2, 0.5], [0, 0]], np.float32)
    return {
        "factors": FACTORS,
        "information": information,
        "entropy": np.array([1.25, 2.0], np.float32),
        "gaps": np.array([0.64, 0.2], np.float32),
        "votes": np.zeros((UNITS, 2), np.int64),
        "active": np.array([True, True, False]),
        "mutual_information_gap": 0.42,
        "factor_vae_score": 0.875,
        "protocols": ["how the gap came about", "how the votes were cast"],
        "chance": 0.021,
        "count": 4000,
    }


def test_scores_stand_with_unit_split_and_protocol(show, figures, monkeypatch):
    from core import inference

    monkeypatch.setattr(inference, "disentanglement", answer)
    app = show()
    assert not app.exception
    assert [metric.value for metric in app.metric] == ["0.420", "0.875"]
    text = texts(app)
    for part in ("how the gap came about", "how the votes were cast", "test split", "0.021 nats"):
        assert part in text
    assert "| Shape | 0 (80%) | 1 (16%) | 0.64 |" in text
    drawn = figures["information"]
    assert drawn["alt"].endswith("Shape: unit 0, 80%; Radius: unit 1, 25%.")
    assert drawn["data"][0]["y"][-1] == "2, collapsed"


def test_data_without_factors_invite_to_a_training_on_shapes(show, jobs):
    app = show("vae-digits")
    assert not app.exception
    assert "no known factors" in texts(app)
    app.button(key="start-factors-beta").click().run()
    (run,) = jobs.store.runs(shipped=False)
    assert (run.dataset, run.spec.config["beta"]) == ("shapes", 4.0)


def test_a_split_of_few_examples_is_one_sentence(show, monkeypatch):
    from core import inference
    from core.errors import BadInput

    def few(**_):
        raise BadInput("The test split has 20 examples: the scores need 500.")

    monkeypatch.setattr(inference, "disentanglement", few)
    app = show()
    assert not app.exception
    assert "the scores need 500" in texts(app)

"""The run picker: the address and the boxes say the same, whoever moved last."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import pick
from tests.pages.conftest import texts

SHIPPED = ["autoencoder-digits", "vae-digits"]


def picker(able: set[str]) -> None:
    """A page with nothing but the picker and what it says."""
    import streamlit as st

    from pages.ui.pick import choose_run
    from pages.ui.warming import when_ready

    def body(schemas):
        chosen = choose_run(schemas, set(able))
        st.markdown(f"CHOSEN {chosen.run.id} {chosen.step}" if chosen else "NOTHING CHOSEN")

    when_ready(body)


@pytest.fixture
def opened(jobs, sender):
    def open_page(able=("encode",), **query: str) -> AppTest:
        app = AppTest.from_function(picker, args=(list(able),), default_timeout=30)
        app.query_params = dict(query)
        return app.run()

    return open_page


@pytest.fixture
def states(jobs, monkeypatch):
    """Runs whose weights were kept at these steps, shipped ones included."""
    monkeypatch.setattr(type(jobs.store), "states", lambda _, run: [0, 10, 120])


def test_the_newest_run_at_its_last_step_is_shown_first(opened, make_run, states):
    run = make_run()
    app = opened()
    assert not app.exception
    assert f"CHOSEN {run} 120" in texts(app)
    assert app.query_params == {"run": run}


def test_the_address_says_which_run_and_step(opened, states):
    app = opened(run="vae-digits", step="9")
    assert "CHOSEN vae-digits 10" in texts(app)
    assert app.query_params == {"run": "vae-digits", "step": "10"}


def test_choosing_a_run_or_a_step_writes_the_address(opened, states):
    app = opened(run=SHIPPED[0], step="10")
    app.selectbox(key=pick.RUN).set_value(SHIPPED[1]).run()
    assert f"CHOSEN {SHIPPED[1]} 120" in texts(app)
    assert app.query_params == {"run": SHIPPED[1], "step": "120"}
    app.select_slider(key=f"{pick.STEP}-{SHIPPED[1]}").set_value(0).run()
    assert f"CHOSEN {SHIPPED[1]} 0" in texts(app)
    assert app.query_params["step"] == "0"


def test_another_address_is_followed_as_by_the_back_button(opened, states):
    app = opened(run=SHIPPED[0])
    app.query_params = {"run": SHIPPED[1], "step": "10"}
    app.run()
    assert f"CHOSEN {SHIPPED[1]} 10" in texts(app)


def test_an_address_that_lags_behind_does_not_undo_a_choice(opened, states):
    app = opened(run=SHIPPED[0])
    app.selectbox(key=pick.RUN).set_value(SHIPPED[1]).run()
    app.query_params = {"run": SHIPPED[0]}
    app.run()
    assert f"CHOSEN {SHIPPED[1]} 120" in texts(app)
    assert app.query_params["run"] == SHIPPED[1]


def test_somebody_elses_run_opened_by_link_can_be_chosen(opened, make_run, states):
    run = make_run(owner="f" * 32)
    assert f"CHOSEN {run}" not in texts(opened())
    assert f"CHOSEN {run}" in texts(opened(run=run))
    offered = opened(run=SHIPPED[0]).selectbox(key=pick.RUN).options
    assert any(name.endswith(run[:6]) for name in offered)


@pytest.mark.parametrize("wrong", ["nothing", "../..", "x" * 3000, "<b>"])
def test_an_address_that_is_no_run_waits_for_a_choice(opened, states, wrong):
    app = opened(run=wrong)
    assert not app.exception
    assert "There is no run at this address" in texts(app)
    assert "NOTHING CHOSEN" in texts(app)
    app.selectbox(key=pick.RUN).set_value(SHIPPED[0]).run()
    assert f"CHOSEN {SHIPPED[0]}" in texts(app)


def test_a_run_that_the_page_cannot_show_is_said(opened, make_run, states):
    app = opened(run=make_run(model="gan"))
    assert "nothing that this page shows" in texts(app)
    assert "NOTHING CHOSEN" in texts(app)


def test_a_run_without_weights_is_said(opened, make_run):
    app = opened(run=make_run())
    assert "no weights yet" in texts(app)


def test_without_any_run_a_page_invites(visit, jobs, monkeypatch):
    monkeypatch.setattr(type(jobs.store), "runs", lambda *_, **__: [])
    app = visit("explore/codes.py")
    assert not app.exception
    assert "No such run yet" in texts(app)
    assert not app.query_params

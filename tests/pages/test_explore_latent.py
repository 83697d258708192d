"""Latent space: which runs it offers, what the square is given, what stands in the address."""

from types import SimpleNamespace

import pytest

from tests.pages.conftest import texts
from tests.pages.training import trained

PAGE = "explore/latent.py"


class Squares(list):
    """What each square was given; ``told`` are the axes that the visitor has chosen in it."""

    told: str | None = None


@pytest.fixture
def squares(monkeypatch) -> Squares:
    """Squares that draw nothing."""
    from pages.ui import latent_pad

    seen = Squares()

    def component(*, key, data, **_):
        seen.append(data | {"key": key})
        return SimpleNamespace(axes=seen.told)

    monkeypatch.setattr(latent_pad, "_component", lambda: component)
    return seen


def test_a_shipped_run_opens_at_its_last_step(visit, squares):
    app = visit(PAGE, run="vae-digits")
    assert not app.exception
    assert squares[-1]["run"] == "vae-digits"
    assert squares[-1]["step"] == 6000
    assert squares[-1]["axes"] == ""
    assert len(squares[-1]["colours"]) == 10
    assert "What to look for" in texts(app)


def test_the_address_names_step_axes_and_view(visit, squares, jobs):
    run = trained(jobs, "vae", "digits", latent_dim=4, encoder_sizes=[8])
    step = jobs.store.states(run)[0]
    app = visit(PAGE, run=run, step=str(step), axes="units:3,1", view="Pad")
    assert not app.exception
    assert (squares[-1]["step"], squares[-1]["axes"]) == (step, "units:3,1")
    assert app.query_params["axes"] == "units:3,1"


@pytest.mark.parametrize("axes", ["units:1", "ring:0,1", "units:0,1;x", "units:-1,2"])
def test_axes_that_are_none_are_left_out(visit, squares, axes):
    app = visit(PAGE, run="vae-digits", axes=axes)
    assert not app.exception
    assert squares[-1]["axes"] == ""


def test_axes_that_were_chosen_go_into_the_address(visit, squares):
    squares.told = "principal:1,0"
    app = visit(PAGE, run="stacked-mnist")
    assert not app.exception
    assert app.query_params["axes"] == "principal:1,0"


def test_a_run_with_one_snapshot_is_shown(visit, squares, jobs):
    run = trained(jobs, "autoencoder", "digits", encoder_sizes=[8], latent_dim=1, steps=1)
    app = visit(PAGE, run=run)
    assert not app.exception
    assert squares[-1]["run"] == run


def test_models_without_a_code_are_not_offered(visit, squares, jobs):
    gan = trained(jobs, "gan", "points")
    app = visit(PAGE, run=gan)
    assert not app.exception
    assert "nothing that this page shows" in texts(app)


def test_every_view_draws_something(visit, squares):
    app = visit(PAGE, run="vae-digits")
    (views,) = app.button_group
    assert views.options[0] == "Pad"
    for view in views.options:
        shown = visit(PAGE, run="vae-digits", view=view)
        assert not shown.exception
        assert shown.query_params.get("view", "Pad") == view

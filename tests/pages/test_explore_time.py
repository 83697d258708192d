"""Time and Why the KL term: what is handed to the pictures and their slider, and what the pages say."""

import time
from dataclasses import replace

import numpy as np
import pytest

from core import arrays
from core.errors import BadInput
from tests.pages.conftest import texts
from tests.pages.training import trained

TIME, KL = "explore/time.py", "explore/kl_term.py"


@pytest.fixture
def sent(monkeypatch) -> dict[str, dict]:
    """What each component of the last page was given, by its key."""
    from pages.ui import picture

    seen, real = {}, picture._component()

    def noted(*, key, data, **rest):
        seen[key] = data
        return real(key=key, data=data, **rest)

    monkeypatch.setattr(picture, "_component", lambda: noted)
    return seen


@pytest.mark.parametrize(
    ("model", "dataset", "settings"),
    [
        ("vae", "digits", {"latent_dim": 2}),
        ("autoencoder", "digits", {"latent_dim": 1, "encoder_sizes": [16]}),
        ("vae", "digits", {"latent_dim": 64}),
        ("gan", "points", {}),
        ("vae", "digits", {"latent_dim": 2, "steps": 1}),
    ],
)
def test_one_run_of_any_kind_plays_alone(visit, jobs, sent, model, dataset, settings):
    run = trained(jobs, model, dataset, **settings)
    app = visit(TIME, run=run)
    assert not app.exception
    picture, bar = sent[f"time-picture-{run}"], sent["time-bar"]
    assert picture["together"] == bar["together"] == "time"
    assert picture["fork"]
    assert picture["spread"]
    assert not picture["only"]
    assert [line["run"] for line in bar["lines"]] == [run]


def test_two_runs_share_the_slider_under_names_that_tell_them_apart(visit, jobs, sent):
    ids = [trained(jobs, "vae", "digits", beta=beta) for beta in (0.0, 1.0)]
    app = visit(TIME, run=ids[0], beside=ids[1])
    assert not app.exception
    lines = sent["time-bar"]["lines"]
    assert [line["run"] for line in lines] == ids
    assert [line["name"] for line in lines] == ["beta 0", "beta 1"]
    assert lines[0]["colour"] != lines[1]["colour"]
    assert {sent[f"time-picture-{run}"]["together"] for run in ids} == {"time"}
    app.selectbox(key="time-beside").set_value(None).run()
    assert not app.exception
    assert "beside" not in app.query_params
    assert [line["run"] for line in sent["time-bar"]["lines"]] == ids[:1]


def test_a_run_is_not_offered_beside_itself(visit, jobs, sent):
    run, other = (trained(jobs, "pca", "digits", latent_dim=size) for size in (2, 3))
    app = visit(TIME, run=run, beside=run)
    assert not app.exception
    assert app.selectbox(key="time-beside").value is None
    app.selectbox(key="time-beside").set_value(other).run()
    assert app.query_params["beside"] in (other, [other])


def test_garbage_in_the_address_gets_one_sentence(visit, jobs, sent):
    run = trained(jobs, "pca", "digits")
    app = visit(TIME, run=run, beside="<b>")
    assert not app.exception
    assert "second run of this address cannot be found" in texts(app)
    app = visit(KL, runs="x,<b>")
    assert not app.exception
    assert "Not every run" in texts(app)


def test_without_a_run_the_page_invites(visit, jobs, monkeypatch):
    monkeypatch.setattr("pages.ui.pick.suitable", lambda *rest: [])
    app = visit(TIME)
    assert not app.exception
    assert "train one" in texts(app)


def test_a_run_that_trains_is_followed(visit, jobs, make_run):
    """Once it has kept weights; before that it is shown as it begins."""
    young = make_run("running", model="vae")
    app = visit(TIME, run=young)
    assert not app.exception
    assert "follows as soon as" in texts(app)
    jobs.store.files(young).write_state(10, {"a": np.zeros(3, np.float32)}, {})
    app = visit(TIME, run=young)
    assert not app.exception
    assert "Still training" in texts(app)


def test_one_click_trains_both_as_one_group_with_the_same_seed(visit, jobs):
    app = visit(KL)
    assert not app.exception
    app.button(key="kl-start").click().run()
    assert not app.exception
    runs = jobs.store.runs(shipped=False)
    assert sorted(run.spec.config["beta"] for run in runs) == [0, 1]
    assert len({run.group for run in runs}) == 1
    assert None not in {run.group for run in runs}
    assert len({run.spec.seed for run in runs}) == 1
    assert {run.spec.config["latent_dim"] for run in runs} == {2}
    text = app.query_params["runs"]
    assert set((text if isinstance(text, str) else text[0]).split(",")) == {r.id for r in runs}


def test_what_cannot_begin_is_one_sentence(visit, jobs, monkeypatch):
    def refused(*rest, **more):
        raise BadInput("There is no room.")

    monkeypatch.setattr(type(jobs), "submit", refused)
    app = visit(KL)
    app.button(key="kl-start").click().run()
    assert not app.exception
    assert "There is no room." in texts(app)


def test_beta_0_stands_left_and_sigma_and_kl_are_the_curves(visit, jobs, sent):
    ids = [trained(jobs, "vae", "digits", beta=beta, latent_dim=2) for beta in (1.0, 0.0)]
    app = visit(KL, runs=",".join(ids))
    assert not app.exception
    bar = sent["kl-bar"]
    assert [line["name"] for line in bar["lines"]] == ["β = 0", "β = 1"]
    assert bar["strips"] == [["mean σ"], ["kl"]]
    assert {tuple(sent[f"kl-picture-{run}"]["only"]) for run in ids} == {
        ("Codes", "Square", "Samples")
    }
    assert "holes" in texts(app)


def test_sigma_falls_further_without_the_kl_term(jobs):
    """What the page shows is true already after a few steps."""
    sigma = {}
    for beta in (0.0, 1.0):
        run = trained(jobs, "vae", "digits", beta=beta, latent_dim=2, steps=150)
        found, _ = arrays.read(jobs.store.snapshot_path(run, 150))
        sigma[beta] = np.exp(found["log_var"].astype(float) / 2).mean()
    assert sigma[0.0] < 0.7 * sigma[1.0]


def test_compare_gives_several_runs_one_slider(visit, jobs, sent):
    ids = [trained(jobs, "pca", "digits", latent_dim=size) for size in (2, 3)]
    app = visit("train/compare.py", runs=",".join(ids))
    assert not app.exception
    assert {sent[f"compare-picture-{run}"]["together"] for run in ids} == {"compare"}
    assert [line["run"] for line in sent["compare-time"]["lines"]] == ids
    sent.clear()
    visit("train/compare.py", runs=ids[0])
    assert "compare-time" not in sent
    assert sent[f"compare-picture-{ids[0]}"]["together"] == ""


@pytest.mark.parametrize(("share", "said"), [(0.001, ""), (0.25, " · about 30 s left"), (1.0, "")])
def test_runs_that_train_together_tell_how_long_they_will_take(jobs, make_run, share, said):
    from pages.ui.following import time_left

    run = replace(jobs.store.get(make_run("running")), started=time.time() - 10)
    assert time_left([run], share) == said

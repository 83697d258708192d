"""Home: there at once, and a training one click away."""

import subprocess
import sys

import pytest

from tests.pages.conftest import ROOT, texts

WATCH = ("watch-autoencoder", "watch-vae", "watch-gan")


def test_home_without_any_run_invites(visit):
    app = visit()
    assert not app.exception
    assert "No run yet" in texts(app) or "Trained examples" in texts(app)
    assert [app.button(key=key).disabled for key in WATCH] == [False] * 3


@pytest.mark.parametrize("key", WATCH)
def test_one_click_starts_a_run_and_leads_to_it(visit, jobs, key):
    app = visit()
    app.button(key=key).click().run()
    assert not app.exception
    (run,) = jobs.store.runs(shipped=False)
    assert run.state == "queued"
    assert app.query_params == {"run": run.id}
    assert app.button(key="control-pause")


def test_an_owner_is_a_hash_that_nobody_can_guess(visit, jobs):
    visit().button(key="watch-vae").click().run()
    (run,) = jobs.store.runs(shipped=False)
    assert len(run.owner) == 32
    assert run.owner != "local"


def test_recent_runs_show_their_state(visit, make_run):
    make_run("failed", message="The loss became NaN at step 12.")
    make_run("queued")
    text = texts(visit())
    assert "failed" in text
    assert "waiting" in text
    assert "validation loss" in text


def test_a_failed_start_is_one_sentence(visit, jobs, monkeypatch):
    from core.errors import StorageFull

    def full(*_, **__):
        raise StorageFull("The disk is full; nothing was started.")

    app = visit()
    monkeypatch.setattr(jobs, "submit", full)
    app.button(key="watch-vae").click().run()
    assert not app.exception
    assert "The disk is full" in texts(app)


def test_a_home_that_cannot_be_written_is_one_sentence(visit, sender, monkeypatch):
    from core.training.jobs import service

    monkeypatch.setenv("EXPLORER_HOME", "/dev/null/nowhere")
    monkeypatch.setattr(service().link, "start", lambda after=0.0: None)
    app = visit()
    assert not app.exception
    assert "cannot be made" in texts(app)
    assert "What is here" in texts(app)


def test_the_first_page_imports_nothing_heavy():
    code = """
import sys
import explorer, pages.learn.pictures, pages.ui.preload
from pages.ui import address, backend, control_bar, trouble, visitor, words
heavy = sorted({"torch", "sklearn", "umap", "pandas", "matplotlib"} & set(sys.modules))
sys.exit(", ".join(heavy) or 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

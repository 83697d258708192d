"""Runs: found, named, tagged, deleted and brought back."""

import pytest

from core.runs import STATES
from tests.pages.conftest import texts

RUNS = "train/runs.py"


def test_without_runs_the_page_invites(visit, jobs, monkeypatch):
    monkeypatch.setattr(type(jobs.store), "shipped", lambda _: [])
    app = visit(RUNS)
    assert not app.exception
    assert "No run yet" in texts(app)


def test_runs_of_every_state_are_listed_mine_first(visit, make_run, jobs, monkeypatch):
    monkeypatch.setattr(type(jobs.store), "shipped", lambda _: [])
    for state in STATES:
        make_run(state)
    app = visit(RUNS)
    assert not app.exception
    table = app.dataframe[0].value
    assert len(table) == len(STATES)
    assert set(table["Whose"]) == {"Mine"}
    assert table["Loss"].notna().sum() == len(STATES) - 1


def test_others_runs_are_not_listed(visit, make_run):
    make_run(owner="f" * 32)
    app = visit(RUNS)
    assert "Opened by link" not in (list(app.dataframe[0].value["Whose"]) if app.dataframe else [])


def test_filters(visit, make_run):
    make_run("done", latent_dim=7)
    make_run("failed", model="gan")
    app = visit(RUNS)
    app.text_input(key="runs-find").set_value("gan").run()
    assert list(app.dataframe[0].value["Model"]) == ["GAN"]
    app.text_input(key="runs-find").set_value("no such thing").run()
    assert "No run fits" in texts(app)
    app.text_input(key="runs-find").set_value("").run()
    app.multiselect(key="runs-states").set_value(["failed"]).run()
    assert list(app.dataframe[0].value["State"]) == ["failed"]


def test_delete_and_undo_and_clean_up(visit, make_run, jobs):
    first, second = make_run(), make_run()
    app = visit(RUNS)
    for run in (first, second):
        jobs.delete(run, "local")
    app.session_state["_deleted"] = [first, second]
    app.run()
    assert "2 runs deleted" in texts(app)
    app.button(key="runs-undo").click().run()
    assert not jobs.store.get(first).deleted
    jobs.delete(first, "local")
    app.run()
    app.button(key="runs-purge").click().run()
    assert not app.exception
    assert {run.id for run in jobs.store.runs(shipped=False)} == {second}
    assert not jobs.store.runs(deleted=True)


@pytest.mark.parametrize("count", [1, 2])
def test_ticked_runs_can_be_opened_or_compared(visit, make_run, monkeypatch, count):
    runs = [make_run() for _ in range(2)][::-1]
    from pages.train import listing

    monkeypatch.setattr(listing, "table", lambda shown: shown[:count])
    app = visit(RUNS)
    assert app.button(key="runs-open").disabled == (count != 1)
    assert app.button(key="runs-compare").disabled == (count == 1)
    app.button(key="runs-open" if count == 1 else "runs-compare").click().run()
    assert app.query_params == ({"run": runs[0]} if count == 1 else {"runs": ",".join(runs)})


def test_rename_and_tag(visit, make_run, jobs, monkeypatch):
    run = make_run()
    from pages.train import listing

    monkeypatch.setattr(listing, "table", lambda shown: shown[:1])
    app = visit(RUNS)
    app.text_input(key=f"title-{run}").set_value("A good day").run()
    app.multiselect(key=f"tags-{run}").set_value([]).run()
    assert not app.exception
    assert jobs.store.get(run).title == "A good day"
    app.button(key="runs-delete").click().run()
    assert jobs.store.get(run).deleted
    assert "1 run deleted" in texts(app)


def test_a_tick_stays_with_its_run_and_never_moves_to_another(visit, make_run):
    make_run("failed")
    make_run("done")
    app = visit(RUNS)

    def table() -> str:
        return app.dataframe[0].proto.id

    whole = table()
    app.run()
    assert table() == whole  # and with it what is ticked
    app.multiselect(key="runs-states").set_value(["failed"]).run()
    assert table() != whole

"""The page of one run: in every state the buttons that make sense, and nobody commands what is not theirs."""

from dataclasses import replace

import pytest

from core.runs import STATES
from pages.ui.curves import lines
from tests.pages.conftest import texts

TRAIN = "train/train.py"
ABLE = {
    "queued": {"pause", "stop"},
    "running": {"pause", "stop"},
    "paused": {"play", "step", "stop"},
    "done": set(),
    "failed": set(),
    "stopped": {"play"},
    "interrupted": {"play"},
}
ALWAYS = {"restart", "fork"}


def able(app) -> set[str]:
    """The buttons of the control bar that can be pressed."""
    return {
        str(button.key).removeprefix("control-")
        for button in app.button
        if str(button.key).startswith("control-") and not button.disabled
    }


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_its_controls(visit, make_run, state):
    app = visit(TRAIN, run=make_run(state))
    assert not app.exception
    assert able(app) == ABLE[state] | ALWAYS


@pytest.mark.parametrize("state", STATES)
def test_somebody_elses_run_can_be_seen_and_forked_but_not_commanded(visit, make_run, state):
    run = make_run(state, owner="f" * 32)
    app = visit(TRAIN, run=run)
    assert not app.exception
    assert able(app) == ALWAYS
    assert app.number_input(key="live-learning_rate").disabled
    assert "Somebody else's run" in texts(app)


def test_the_command_line_has_its_runs_only_at_home(visit, make_run, sender):
    run = make_run("paused")
    sender["headers"] = {"Host": "localhost", "X-Forwarded-For": "192.0.2.1"}
    assert able(visit(TRAIN, run=run)) == ALWAYS
    sender["headers"] = {"Host": "explorer.example"}
    assert able(visit(TRAIN, run=run)) == ALWAYS
    sender |= {"headers": {"Host": "localhost"}, "address": "192.0.2.1"}
    assert able(visit(TRAIN, run=run)) == ALWAYS


def test_a_link_brings_the_run_into_the_list(visit, make_run):
    visit(TRAIN, run=make_run(owner="f" * 32))
    app = visit("train/runs.py")
    assert "Opened by link" in list(app.dataframe[0].value["Whose"])


@pytest.mark.parametrize("run", ["zzz", "../../etc", "a" * 5000, "%00", "' OR 1=1", "<b>"])
def test_garbage_for_a_run_gets_one_sentence_and_the_form(visit, run):
    app = visit(TRAIN, run=run)
    assert not app.exception
    assert "There is no run at this address" in texts(app)
    assert app.button(key="start")


def test_part_of_an_id_opens_nothing(visit, make_run):
    app = visit(TRAIN, run=make_run()[:10])
    assert "There is no run at this address" in texts(app)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("failed", "The loss became NaN at step 12: try a smaller learning rate."),
        ("interrupted", "Its worker ended; everything up to step 120 is kept."),
    ],
)
def test_what_went_wrong_is_said(visit, make_run, state, message):
    app = visit(TRAIN, run=make_run(state, message=message))
    assert message in texts(app)
    assert not app.exception


def test_a_waiting_run_shows_its_place(visit, make_run):
    make_run("queued")
    (progress,) = visit(TRAIN, run=make_run("queued")).get("progress")
    assert "number 2 in the queue" in progress.proto.text


@pytest.mark.parametrize(
    ("state", "button", "command"),
    [
        ("running", "pause", "pause"),
        ("paused", "play", "resume"),
        ("paused", "step", "step"),
        ("paused", "stop", "stop"),
    ],
)
def test_a_button_is_a_command(visit, make_run, jobs, state, button, command):
    run = make_run(state)
    app = visit(TRAIN, run=run)
    app.button(key=f"control-{button}").click().run()
    assert not app.exception
    assert [c.name for c in jobs.store.commands(run)] == [command]


def test_a_gan_trains_one_network_at_a_time(visit, make_run, jobs):
    run = make_run("paused", model="gan")
    visit(TRAIN, run=run).button(key="control-phase-G").click().run()
    (command,) = jobs.store.commands(run)
    assert (command.name, command.payload) == ("phase", {"name": "G"})


def test_restart_leads_to_a_new_run_with_the_same_seed(visit, make_run, jobs):
    run = make_run("done", seed=5)
    app = visit(TRAIN, run=run)
    app.button(key="control-restart").click().run()
    fresh = jobs.store.get(app.query_params["run"])
    assert fresh.id != run
    assert fresh.spec == jobs.store.get(run).spec


def test_a_live_change_is_sent_marked_and_undone(visit, make_run, jobs):
    run = make_run("running")
    app = visit(TRAIN, run=run)
    app.number_input(key="live-learning_rate").set_value(0.01).run()
    (command,) = jobs.store.commands(run)
    assert command.payload == {"name": "learning_rate", "value": 0.01}
    jobs.store.mark_applied(command.id, 60, {**command.payload, "old": 0.001})
    app.run()
    assert "step 60: learning rate 0.001 → 0.01" in texts(app)
    app.button(key=f"undo-{command.id}").click().run()
    assert jobs.store.commands(run)[-1].payload == {"name": "learning_rate", "value": 0.001}


def test_a_live_change_out_of_range_is_explained_and_not_sent(visit, make_run, jobs):
    run = make_run("running")
    app = visit(TRAIN, run=run)
    app.number_input(key="live-learning_rate").set_value(-1.0).run()
    assert "Learning rate must be above 0 and at most 10, not -1." in texts(app)
    assert not jobs.store.commands(run)


def test_every_named_term_can_be_chosen(visit, make_run):
    run = make_run("done")
    app = visit(TRAIN, run=run)
    terms = app.pills(key=f"curves-terms-{run}")
    assert terms.value == ["loss"]
    assert {"loss", "reconstruction mean", "generalisation gap"} <= set(terms.options)
    terms.set_value(["loss", "generalisation gap"])
    app.toggle(key="curves-log").set_value(True)
    app.slider(key="curves-smoothing").set_value(0.9)
    app.run()
    assert not app.exception


def test_how_samples_fare_is_a_curve_of_its_own(visit, make_run, jobs):
    run = make_run("done", model="gan")
    jobs.store.add_scalars(run, [(100, "samples/modes", 7.0), (100, "samples/js", 0.2)])
    app = visit(TRAIN, run=run)
    terms = app.pills(key=f"curves-terms-{run}")
    assert terms.options[-2:] == ["modes covered", "Jensen–Shannon to the true data (nats)"]
    terms.set_value(["samples/modes"]).run()
    assert not app.exception
    (line,) = lines(jobs.store.scalars(run), ["samples/modes"])
    assert (line.name, line.values.tolist()) == ("modes covered", [7.0])


def test_layers_are_measured_on_request(visit, make_run, jobs):
    run = make_run("running")
    app = visit(TRAIN, run=run)
    app.toggle(key="layer-stats").set_value(True).run()
    (command,) = jobs.store.commands(run)
    assert command.payload == {"name": "layer_stats", "value": True}
    jobs.store.add_scalars(run, [(5, "gradient/encoder.0", 0.1), (5, "activation/encoder.0", 0.4)])
    assert not app.run().exception


def test_a_damaged_snapshot_or_an_unknown_model_leaves_the_page_usable(visit, make_run, jobs):
    run = make_run("done")
    jobs.store.snapshot_path(run, 0).write_bytes(b"rubbish")
    with jobs.store.database.write() as connection:
        connection.execute("UPDATE runs SET model = 'gone' WHERE id = ?", (run,))
    app = visit(TRAIN, run=run)
    assert not app.exception
    assert able(app) == ALWAYS


def test_the_epoch_is_the_last_that_was_completed(make_run, jobs):
    from pages.train.live import status_line

    run = jobs.store.get(make_run("done"))
    assert "epoch 12 ·" in status_line(replace(run, metrics={"epoch": 12.9}))


def test_a_page_that_is_drawn_anew_tells_the_browser_what_its_knobs_hold(visit, make_run):
    app = visit(TRAIN, run=make_run("running"))
    for _ in range(2):
        told = app.run().number_input(key="live-learning_rate").proto
        assert told.set_value
        assert told.value == 0.001


def test_a_change_made_elsewhere_gets_a_knob_that_no_late_answer_of_the_old_one_reaches(
    visit, make_run, jobs
):
    run = make_run("running")
    app = visit(TRAIN, run=run)
    app.number_input(key="live-learning_rate").set_value(0.01).run()
    assert app.number_input(key="live-learning_rate").value == 0.01  # one's own change keeps it
    jobs.store.command(run, "set", {"name": "learning_rate", "value": 0.002})
    app.run()
    assert [one.key for one in app.number_input if one.label == "Learning rate"] == [
        "live-learning_rate-1"
    ]
    app.number_input(key="live-learning_rate-1").set_value(0.003).run()
    assert [c.payload["value"] for c in jobs.store.commands(run)] == [0.01, 0.002, 0.003]

"""train and resume: a run like any other, and its one line of JSON."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from core.runs import LOCAL, Store
from core.settings import ROOT
from core.training.specs import resolve

FIELDS = {"run", "state", "steps", "seconds", "examples_per_second", "metrics"}
LONG = ("train", "vae", "--set", "encoder_sizes=[16]", "--steps", "1000000", "--json")


@pytest.fixture
def background(home):
    """A ``train`` in a process of its own, and the run it works on once it has begun."""
    processes = []

    def start(*arguments: str):
        process = subprocess.Popen(
            [sys.executable, "-m", "core", *arguments],
            cwd=ROOT,
            env=os.environ | {"EXPLORER_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        store = Store(home)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            runs = store.runs(shipped=False)
            if runs and runs[0].steps > 0:
                return process, store, runs[0].id
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.02)
        raise AssertionError("the training did not begin")

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_the_last_line_is_the_result(core):
    done = core("train", "vae", "--set", "latent_dim=3", "--steps", 40, "--title", "mine", "--json")
    assert done.code == 0
    assert set(done.line) >= FIELDS
    assert (done.line["state"], done.line["steps"]) == ("done", 40)
    assert done.line["seconds"] > 0
    assert done.line["examples_per_second"] > 0
    assert {"test_mse", "test_sse", "active_units", "train/loss", "validation/loss"} <= set(
        done.line["metrics"]
    )
    assert len(done.out.splitlines()) == 1
    assert "40/40" in done.err
    run = Store().get(done.line["run"])
    assert (run.owner, run.title, run.state) == (LOCAL, "mine", "done")
    assert run.spec.config["latent_dim"] == 3
    assert run.metrics == done.line["metrics"]


def test_words_instead_of_json(core):
    done = core("train", "pca", "--steps", 5)
    assert done.code == 0
    assert "subspace_angle_deg" in done.out
    assert "done after 5 steps" in done.out


def test_the_same_seed_gives_the_same_numbers(core):
    first, again, other = (
        core("train", "vae", "--steps", 20, "--seed", seed, "--json").line["metrics"]
        for seed in (4, 4, 5)
    )
    assert first == again
    assert first != other


def test_epochs_and_presets(core):
    spec = resolve("vae", "digits")
    done = core("train", "vae", "--epochs", 2, "--set", "validation=0", "--json").line
    assert done["steps"] == 2 * -(-1438 // spec.training.batch_size)
    done = core("train", "gan", "--preset", "ring", "--steps", 3, "--json").line
    assert Store().get(done["run"]).dataset == "points"


def test_a_preset_s_epochs_give_way_to_steps(core):
    assert core("train", "vae", "--set", "epochs=50", "--steps", 4, "--json").line["steps"] == 4


def test_an_exploding_loss_is_a_failed_run(core):
    wild = ("--set", "learning_rate=10", "--set", "optimizer=sgd", "--set", "reduction=sum")
    failed = core("train", "autoencoder", *wild, "--set", "output=linear", "--steps", 300, "--json")
    assert failed.code == 1
    assert failed.line["state"] == "failed"
    assert "learning rate" in failed.line["message"]
    assert "Traceback" not in failed.err


def test_ctrl_c_saves_and_resume_goes_on(background, core):
    process, store, run = background(*LONG)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    line = json.loads(out.splitlines()[-1])
    assert (line["run"], line["state"]) == (run, "interrupted")
    assert f"resume {run}" in err
    assert store.states(run)[-1] == line["steps"]

    store.command(run, "stop")
    stopped = core("resume", run[:10], "--json")
    assert stopped.code == 0
    assert stopped.line["state"] == "stopped"
    assert stopped.line["steps"] >= line["steps"]


def test_pages_see_and_steer_it(background):
    process, store, run = background(*LONG)
    assert store.get(run).state == "running"
    store.command(run, "set", {"name": "learning_rate", "value": 0.0005})
    store.command(run, "stop")
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert json.loads(out.splitlines()[-1])["state"] == "stopped"
    changed = [c for c in store.commands(run) if c.name == "set"]
    assert changed[0].step is not None


def test_a_killed_run_is_resumed_to_the_same_end(core, store, background):
    arguments = ("train", "vae", "--set", "encoder_sizes=[16]", "--steps", "1000", "--json")
    process, _, run = background(*arguments)
    process.kill()
    process.wait()
    assert store.get(run).state == "interrupted"
    ended = core("resume", run, "--json").line
    assert ended["state"] == "done"
    assert ended["metrics"] == core(*arguments).line["metrics"]


BAD = {
    "no model": ["train"],
    "unknown model": ["train", "nope"],
    "unknown data": ["train", "vae", "--dataset", "nope"],
    "unknown option": ["train", "vae", "--nope"],
    "unknown setting": ["train", "vae", "--set", "nope=1"],
    "no value": ["train", "vae", "--set", "beta"],
    "out of range": ["train", "vae", "--set", "beta=-1"],
    "no number": ["train", "vae", "--set", "beta=soft"],
    "not finite": ["train", "vae", "--set", "learning_rate=NaN"],
    "no steps": ["train", "vae", "--steps", "0"],
    "steps in words": ["train", "vae", "--steps", "many"],
    "steps and epochs": ["train", "vae", "--steps", "3", "--epochs", "3"],
    "unknown preset": ["train", "vae", "--preset", "nope"],
    "no such folder": ["train", "vae", "--data-dir", "no/such/folder"],
    "negative seed": ["train", "vae", "--seed", "-1"],
    "points for images": ["train", "conv_autoencoder", "--dataset", "points"],
    "no such run": ["resume", "nobody"],
    "no command": [],
    "unknown command": ["fly"],
}


@pytest.mark.parametrize("case", BAD)
def test_bad_arguments_get_one_line_and_no_run(core, store, case):
    answer = core(*BAD[case], *(["--json"] if BAD[case] else []))
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith("error: ")
    assert len(answer.err.splitlines()) == 1
    assert store.runs(shipped=False) == []


def test_a_run_that_is_done_or_shipped_does_not_resume(core, trained):
    answer = core("resume", trained)
    assert answer.code == 2
    assert "is done" in answer.err


def test_a_home_that_cannot_be_written_fails_with_a_sentence(core, home):
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    answer = core("train", "vae", "--steps", 3)
    assert answer.code == 1
    assert len(answer.err.splitlines()) == 1

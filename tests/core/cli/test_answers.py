"""Everything that asks: lists, details, figures and arrays, each in words and in JSON."""

import json
import subprocess
import sys

import numpy as np
import pytest

from core import datasets, models
from core.settings import ROOT


def in_a_process_of_its_own(code: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def test_help_names_every_command_and_imports_no_torch():
    code = (
        "import sys; from core.cli import main; main(['--help']); assert 'torch' not in sys.modules"
    )
    done = in_a_process_of_its_own(code)
    for name in (
        *("datasets", "models", "describe", "train", "runs", "show", "resume", "evaluate"),
        *("encode", "decode", "reconstruct", "sample", "bench", "checkpoints"),
    ):
        assert f"  {name} " in done.stdout


def test_runs_answers_without_torch(home):
    code = (
        "import sys; from core.cli import main; main(['runs']); assert 'torch' not in sys.modules"
    )
    in_a_process_of_its_own(code)


def test_datasets_and_models_are_lists_of_names(core):
    assert [one["name"] for one in core("datasets", "--json").json] == datasets.names()
    assert [one["name"] for one in core("models", "--json").json] == models.names()
    assert "Digits" in core("datasets").out
    assert "Variational" in core("models").out


def test_one_data_set_and_one_model_show_their_settings(core):
    assert "binarise" in core("datasets", "digits", "--json").json["schema"]["properties"]
    vae = core("models", "vae", "--json").json
    assert "beta" in vae["schema"]["properties"]
    assert "learning_rate" in vae["training"]["properties"]
    words = core("models", "vae").out
    assert "latent_dim" in words
    assert "learning_rate" in words
    assert "0…2,147,483,648" in core("datasets", "digits").out  # not 2.14748e+09
    assert core("models", "nope").code == 2
    assert core("datasets", "nope").code == 2
    assert "--take-in" in core("datasets", "digits", "--set", "n=5").err


def test_describe_counts_parameters(core):
    found = core("describe", "autoencoder", "--set", "encoder_sizes=[100,30]", "--json").json
    assert found["model"] == "autoencoder"
    assert found["dataset"] == "digits"
    assert found["parameters"] == sum(row["parameters"] for row in found["rows"]) == 19_094
    assert "19,094 parameters" in core("describe", "autoencoder").out
    assert core("describe", "autoencoder", "--set", "encoder_sizes=[0]").code == 2


@pytest.mark.mnist
def test_describe_a_stacked_autoencoder_on_mnist(core, mnist_dir):
    found = core(
        *("describe", "autoencoder", "--dataset", "mnist", "--data-dir", mnist_dir),
        *("--set", "encoder_sizes=[100,30]", "--json"),
    ).json
    assert found["parameters"] == 784 * 100 + 100 + 100 * 30 + 30 + 30 * 100 + 100 + 100 * 784 + 784


def test_runs_and_show(core, trained):
    assert core("runs").code == 0
    mine = core("runs", "--json").json[0]
    assert {"run", "state", "model", "dataset", "steps"} <= set(mine)
    assert (mine["run"], mine["state"], mine["steps"]) == (trained, "done", 30)
    shown = core("show", trained[:8], "--json").json
    assert shown["run"] == trained
    assert shown["spec"]["config"]["encoder_sizes"] == [16]
    assert shown["states"][-1] == 30
    assert shown["bytes"] > 0
    assert "encoder_sizes=[16]" in core("show", trained).out


def test_evaluate(core, trained):
    found = core("evaluate", trained, "--json").json
    assert set(found["metrics"]) == {
        *("test_mse", "test_sse", "active_units", "test_kl", "kl_per_unit")
    }
    assert sum(found["metrics"]["kl_per_unit"]) == pytest.approx(found["metrics"]["test_kl"])
    details = found["details"]["test_mse"]
    assert details["value"] == found["metrics"]["test_mse"]
    assert {"value", "unit", "split", "protocol", "kind"} == set(details)
    assert "per pixel" in core("evaluate", trained).out
    assert set(core("evaluate", trained, "--split", "validation", "--json").json["metrics"]) == {
        *("validation_mse", "validation_sse", "active_units", "validation_kl", "kl_per_unit")
    }


def test_evaluate_what_is_restored_of_damage(core, trained):
    damage = ("--corruption", "masking", "--level", 0.5)
    found = core("evaluate", trained, *damage, "--json").json
    assert found["metrics"]["test_restored_mse"] > found["metrics"]["test_mse"]
    assert (
        found["metrics"]["test_mse"]
        == core("evaluate", trained, "--json").json["metrics"]["test_mse"]
    )
    assert "masking at level 0.5 drawn from seed 0" in core("evaluate", trained, *damage).out
    other = core("evaluate", trained, *damage, "--seed", 1, "--json").json
    assert other["metrics"]["test_restored_mse"] != found["metrics"]["test_restored_mse"]
    for wrong in (("rain", 0.5), ("masking", 1), ("gaussian", -1)):
        answer = core("evaluate", trained, "--corruption", wrong[0], "--level", wrong[1])
        assert answer.code == 2
        assert len(answer.err.splitlines()) == 1


def test_black_and_white_pixels_have_a_bound(core):
    done = core("train", "vae", "--set", "binarise=fixed", "--steps", 10, "--json").line
    assert done["metrics"]["test_bound"] > 0
    assert "test_nll" not in done["metrics"]
    assert "kl_per_unit" not in done["metrics"]
    few = ("--samples", 20, "--examples", 50)
    found = core("evaluate", done["run"], *few, "--json").json["details"]
    assert found["test_nll"]["kind"] == "estimate"
    assert "20 importance samples" in found["test_nll"]["protocol"]
    assert "50 examples, evenly spread" in found["test_nll"]["protocol"]
    assert "test_nll" in core("evaluate", done["run"], *few).out
    assert "test_nll" not in core("evaluate", done["run"], "--samples", 0, "--json").json["metrics"]
    assert core("evaluate", done["run"], "--examples", 0).code == 2


def test_a_class_is_drawn_by_its_number(core, trained, tmp_path):
    done = core("train", "vae", "--set", "conditional=true", "--steps", 10, "--json").line
    for command in (("decode", done["run"], "[[0, 0]]"), ("sample", done["run"], "-n", 1)):
        drawn = [core(*command, "--class", k, "--json").line["x"] for k in (1, 2)]
        assert drawn[0] != drawn[1]
    refused = core("sample", trained, "--class", 1)
    assert refused.code == 2
    assert "not conditional" in refused.err


def test_arrays_go_round(core, trained, tmp_path):
    out = {name: tmp_path / f"{name}.npz" for name in ("codes", "again", "pictures", "new")}
    assert core("encode", trained, "--split", "test", "--out", out["codes"]).code == 0
    assert core("decode", trained, out["codes"], "--out", out["again"]).code == 0
    assert core("reconstruct", trained, "--out", out["pictures"]).code == 0
    assert core("sample", trained, "-n", 70, "--seed", 1, "--out", out["new"]).code == 0
    codes, again, pictures, new = (dict(np.load(path)) for path in out.values())
    assert set(codes) == {"z", "y", "index"}
    assert set(pictures) == {"x", "x_hat", "index"}
    assert set(again) == set(new) == {"x"}
    assert codes["z"].shape == (359, 2)
    assert np.allclose(again["x"], pictures["x_hat"], atol=1e-6)
    assert np.array_equal(codes["index"], pictures["index"])
    assert new["x"].shape == (70, 1, 8, 8)
    for array in (again["x"], pictures["x"], new["x"]):
        assert 0 <= array.min() <= array.max() <= 1
    source = datasets.load("digits", {})
    rows = source.splits["test"]
    assert np.array_equal(codes["index"], source.index[rows])
    assert np.array_equal(np.rint(pictures["x"] * 255).astype(np.uint8), source.x[rows])


def test_arrays_in_json(core, trained, tmp_path):
    found = core("decode", trained, "[[0, 0], [1, -1]]", "--json").json
    assert np.array(found["x"]).shape == (2, 1, 8, 8)
    told = core("sample", trained, "-n", 3, "--out", tmp_path / "three", "--json").json
    assert told["arrays"] == {"x": {"shape": [3, 1, 8, 8], "dtype": "float32"}}
    assert np.load(told["out"])["x"].shape == (3, 1, 8, 8)
    assert "--out" in core("sample", trained, "-n", 3).out


def test_an_earlier_step(core, trained):
    early = core("encode", trained, "--step", 0, "--json").json
    assert early["z"] != core("encode", trained, "--json").json["z"]
    assert core("encode", trained, "--step", 31).code == 2


def test_codes_are_never_unpickled(core, trained, tmp_path):
    np.save(tmp_path / "evil.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    for argument in (tmp_path / "evil.npy", tmp_path / "missing.npz", "[[1,", '"text"', "{}"):
        answer = core("decode", trained, argument)
        assert answer.code == 2
        assert len(answer.err.splitlines()) == 1


def test_a_file_that_cannot_be_written_is_a_failure(core, trained, tmp_path):
    answer = core("sample", trained, "--out", tmp_path / "no" / "such" / "folder.npz")
    assert answer.code == 1
    assert len(answer.err.splitlines()) == 1


def test_one_s_own_data(core, tmp_path):
    np.save(tmp_path / "mine.npy", np.arange(240, dtype=np.uint8).reshape(60, 2, 2))
    report = core("datasets", "--take-in", tmp_path / "mine.npy", "--json").json
    content = f"content={report['hash']}"
    done = core("train", "pca", "--dataset", "own", "--set", content, "--steps", 4, "--json")
    assert done.line["state"] == "done"
    assert core("datasets", "--take-in", tmp_path / "nothing").code == 2


def test_numbers_that_are_none_are_null(core, store, trained):
    store.update(trained, metrics={"loss": float("nan")})
    text = core("show", trained, "--json").out
    assert json.loads(text, parse_constant=pytest.fail)["metrics"]["loss"] is None


def test_what_nobody_foresaw_is_a_sentence_with_a_number(core, home, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("core.runs.Store.runs", broken)
    answer = core("runs")
    assert answer.code == 1
    assert "reference" in answer.err
    assert len(answer.err.splitlines()) == 1
    assert "ZeroDivisionError" in (home / "logs" / "command-line.log").read_text()

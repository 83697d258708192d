"""The shipped runs are what they were, and building one makes one that verifies."""

import json
import shlex

import pytest

from core import checkpoints, inference
from core.checkpoints import RECIPES, Recipe, build, hashes, manifest, verify
from core.cli import main
from core.errors import BadInput
from core.runs import Store

SMALL = Recipe("Small", "vae", "digits", {"encoder_sizes": [8], "steps": 30, "batch_size": 64})
MEGABYTE = 2**20


@pytest.fixture
def built(tmp_path, monkeypatch):
    """A folder of shipped runs that holds one small one."""
    monkeypatch.setitem(RECIPES, "small", SMALL)
    build("small", place=tmp_path / "shipped")
    return tmp_path / "shipped"


def test_every_shipped_run_verifies(subtests):
    assert manifest().keys() == RECIPES.keys()
    for name in RECIPES:
        with subtests.test(name):
            assert verify(name, quick=True)[0] == []


@pytest.mark.mnist
def test_the_figures_on_mnist_are_as_shipped(mnist_dir):
    assert verify("vae-mnist", str(mnist_dir)) == ([], [])


def test_shipped_runs_are_small_plain_files_made_by_their_recipe():
    total = 0
    for name, entry in manifest().items():
        folder = checkpoints.folder() / name
        assert {path.suffix for path in folder.rglob("*") if path.is_file()} == {
            *(".json", ".safetensors")
        }
        total += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        assert entry["command"] == RECIPES[name].command
        assert (entry["seed"], entry["model"]) == (RECIPES[name].seed, RECIPES[name].model)
    assert total < 30 * MEGABYTE


def test_shipped_runs_answer(subtests):
    for name in RECIPES:
        with subtests.test(name):
            assert inference.decode(name, [[0.0] * _size(name)])["x"].shape[0] == 1


def _size(name: str) -> int:
    config = Store().get(name).spec.config
    return config["latent_dim"] or config["encoder_sizes"][-1]


def test_shipped_runs_name_no_place_of_the_machine_that_made_them():
    for name in RECIPES:
        text = (checkpoints.folder() / name / "run.json").read_text("utf-8")
        run = json.loads(text)["run"]
        assert json.loads(run["spec_json"])["data_dir"] is None
        assert "/home" not in text
        assert "/work" not in text


def test_a_build_verifies_and_is_a_run_to_look_at(built):
    assert verify("small", place=built) == ([], [])
    store = Store(shipped=built)
    run = store.get("small")
    assert (run.state, run.shipped, run.title, run.steps) == ("done", True, "Small", 30)
    assert store.states("small") == [30]
    assert store.snapshots("small")[-1] == 30
    assert store.scalars("small")["train/loss"][0][-1] == 30


def test_a_build_is_the_run_that_its_command_makes(built, capsys):
    words = shlex.split(manifest(built)["small"]["command"])
    assert words[:4] == ["python", "-m", "core", "train"]
    assert main([*words[3:], "--json"]) == 0
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    for name, value in manifest(built)["small"]["figures"].items():
        assert line["metrics"][name] == value


def test_one_byte_more_one_byte_less_or_another_is_found(built):
    state = built / "small" / "states" / "00000030.safetensors"
    good = state.read_bytes()
    state.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    assert "SHA-256" in verify("small", place=built)[0][0]
    state.unlink()
    assert "missing" in verify("small", place=built)[0][0]
    state.write_bytes(good)
    (built / "small" / "more.txt").write_text("x")
    assert "not one of the shipped" in verify("small", place=built)[0][0]


def test_figures_may_differ_by_rounding_but_not_by_more(built):
    entry = manifest(built)
    entry["small"]["figures"]["test_mse"] *= 1.005
    (built / "manifest.json").write_text(json.dumps(entry))
    assert verify("small", place=built)[0] == []
    entry["small"]["figures"]["test_mse"] *= 1.02
    (built / "manifest.json").write_text(json.dumps(entry))
    assert "test_mse is" in verify("small", place=built)[0][0]


def test_building_again_replaces_every_file(built):
    before = hashes(built / "small")
    (built / "small" / "states" / "00000001.safetensors").write_bytes(b"old")
    build("small", place=built)
    after = hashes(built / "small")
    assert after.keys() == before.keys()
    assert {n for n in after if after[n] != before[n]} <= {"run.json", *before}
    assert verify("small", place=built) == ([], [])


def test_data_that_are_not_here_are_said_to_be_unchecked(built, monkeypatch):
    from core import datasets
    from core.errors import DataUnavailable

    def nowhere(*_, **__):
        raise DataUnavailable("They are not here.")

    monkeypatch.setattr(datasets, "load", nowhere)
    wrong, unchecked = verify("small", place=built)
    assert wrong == []
    assert "not checked" in unchecked[0]


def test_the_command_line_lists_and_verifies(capsys, monkeypatch, built):
    monkeypatch.setattr(checkpoints, "folder", lambda: built)
    assert main(["checkpoints", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["run"] == "small"
    assert main(["checkpoints", "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["good"] is True
    (built / "small" / "run.json").write_text("{}")
    assert main(["checkpoints", "verify", "small"]) == 1
    assert "CHANGED" in capsys.readouterr().out
    assert main(["checkpoints", "verify", "nope"]) == 2
    assert main(["checkpoints", "build", "nope"]) == 2


def test_unknown_names_are_refused():
    with pytest.raises(BadInput, match="no shipped run 'nope'"):
        build("nope")
    assert verify("nope")[0]

"""python -m core project: one line for programs, a file for everybody, a sentence for what cannot be."""

import numpy as np
import pytest


def test_a_map_is_made_once_and_told_in_one_line(core, trained, store):
    first = core("project", trained[:6], "--method", "pca", "--json")
    again = core("project", trained, "--json")
    assert first.code == again.code == 0
    assert len(first.out.splitlines()) == 1
    assert "%" in first.err
    assert again.err == ""
    assert again.line == first.line | {"cached": True}
    assert {"key", "count", "total", "method", "trust", "seconds", "facts"} <= set(first.line)
    assert first.line["method"] == "pca"
    assert 0 < first.line["facts"]["explained_variance"] <= 1
    assert store.maps.read(trained, first.line["key"])


def test_the_arrays_in_a_file(core, trained, store, tmp_path):
    told = core("project", trained, "--dims", 2, "--out", tmp_path / "map.npz", "--json").line
    written = np.load(tmp_path / "map.npz")
    kept, _ = store.maps.read(trained, told["key"])
    assert set(written) == {"at", "position", "index", "y"}
    assert all(np.array_equal(written[name], kept[name]) for name in written)
    assert told["out"] == str(tmp_path / "map.npz")


@pytest.mark.parametrize(
    ("kind", "begins"),
    [
        ("csv", b"position,index,"),
        ("parquet", b"PAR1"),
        ("png", b"\x89PNG"),
        ("svg", b"<svg"),
        ("html", b"<!"),
    ],
)
def test_the_picture_or_table_by_suffix(core, trained, tmp_path, kind, begins):
    out = tmp_path / f"map.{kind}"
    answer = core("project", trained, "--method", "own", "--out", out)
    assert answer.code == 0
    assert str(out) in answer.out
    assert begins.lower() in out.read_bytes()[:300].lower()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--method", "magic"], "magic"),
        (["--method", "own", "--dims", 3], "method"),
        (["--dims", 4], "dims"),
        (["-n", 2], "n:"),
        (["--of", "layer:nowhere"], "nowhere"),
        (["--split", "all"], "split"),
        (["--of", "nothing"], "of: should be codes, pixels or layer:NAME"),
        (["--set", "depth=3"], "depth: there is no such setting"),
        (["--step", 31], "step"),
        (["--over", "night"], "over"),
        (["--over", "training", "--of", "pixels"], "of"),
        (["--out", "map.gif"], "--out"),
        (["--method", "tsne", "--set", "perplexity=-1"], "perplexity"),
        (["--method", "tsne", "-n", 20, "--set", "perplexity=30"], "perplexity"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_exit_code_2(core, trained, arguments, said):
    answer = core("project", trained, *arguments, "--json")
    assert answer.code == 2
    assert answer.out == ""
    assert len(answer.err.splitlines()) == 1
    assert said in answer.err


def test_a_run_that_there_is_not(core):
    assert core("project", "nobody").code == 2


def test_a_folder_that_there_is_not_is_a_failure(core, trained, tmp_path):
    answer = core("project", trained, "--out", tmp_path / "no" / "map.npz")
    assert answer.code == 1
    assert "could not be written" in answer.err.splitlines()[-1]

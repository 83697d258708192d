"""A model is one file: the README's example, dropped into the folder, is a full member at once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trees import copy_tree, readme_model


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the project with one file more."""
    root = copy_tree(tmp_path / "tree")
    (root / "core/models/mirror.py").write_text(readme_model(), encoding="utf-8")
    return root


def core(tree: Path, *arguments: str) -> subprocess.CompletedProcess:
    """``python -m core`` in ``tree``, which finds its own modules there."""
    return subprocess.run(
        [sys.executable, "-m", "core", *arguments],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_new_model_file_trains_from_the_command_line(tree):
    done = core(tree, "train", "mirror", "--set", "latent_dim=8", "--steps", "300", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["state"] == "done"
    assert result["steps"] == 300

    encoded = core(tree, "encode", result["run"], "--out", str(tree / "z.npz"))
    assert encoded.returncode == 0, encoded.stderr

    wrong = core(tree, "train", "mirror", "--set", "latent_dim=100")
    assert wrong.returncode == 2
    assert "latent_dim" in wrong.stderr

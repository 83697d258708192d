"""Copies of the project, for tests that change it."""

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("explorer.py", "pages", "core", "checkpoints", ".streamlit", "requirements.txt")


def copy_tree(target: Path) -> Path:
    """The program without its tests and its set-up, at ``target``."""
    target.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, target / part)
    return target


def readme_model() -> str:
    """The model file that the README shows."""
    return re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)[1]

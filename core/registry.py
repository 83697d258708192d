"""A folder is a registry: the stem of each file is the name of what it defines."""

import importlib
from pathlib import Path
from types import ModuleType

from core.errors import BadInput

# What a folder holds, where its name does not say so in words.
KINDS = {"core.datasets": "data set"}


def names(package: str) -> list[str]:
    """The file stems of ``package``, sorted, without importing any: all but ``_private`` and its ``SHARED``."""
    module = importlib.import_module(package)
    stems = {path.stem for path in Path(module.__file__).parent.glob("*.py")}
    return sorted(stem for stem in stems - module.SHARED if not stem.startswith("_"))


def load(package: str, name: str) -> ModuleType:
    """The module ``name`` of ``package``; ``BadInput`` names the valid choices if there is none.

    An error inside the file itself is not caught: a bad file fails loudly.
    """
    valid = names(package)
    if name not in valid:
        kind = KINDS.get(package) or package.rsplit(".", 1)[-1].rstrip("s")
        raise BadInput(f"There is no {kind} {name!r}; choose one of {', '.join(valid)}.")
    return importlib.import_module(f"{package}.{name}")

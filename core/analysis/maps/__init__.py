"""The registry of maps: a file in this folder is a method that lays vectors out in two or three dimensions.

Nothing heavy is imported until a method computes, so that forms and requests can be made anywhere.
"""

from types import ModuleType
from typing import Any

from core import registry

__all__ = ["get", "names", "schemas"]

SHARED = {"align", "base", "components", "near", "request", "sound", "umap_learn"}
ABILITIES = ("back", "place")


def names() -> list[str]:
    """The names of all methods, without importing any."""
    return registry.names(__name__)


def get(name: str) -> ModuleType:
    """The module of a method: ``TITLE``, ``HELP``, ``Settings``, ``check``, ``seconds``, ``fit`` and, where the method
    allows, ``place`` and ``back`` (see ``core.analysis.maps.base``). ``BadInput`` for an unknown name.
    """
    return registry.load(__name__, name)


def schemas() -> dict[str, dict[str, Any]]:
    """What a form needs of every method: ``{name: {title, help, schema, abilities}}``, ``schema`` as JSON schema."""
    methods = {name: get(name) for name in names()}
    return {
        name: {
            "title": method.TITLE,
            "help": method.HELP,
            "schema": method.Settings.model_json_schema(),
            "abilities": [ability for ability in ABILITIES if hasattr(method, ability)],
        }
        for name, method in methods.items()
    }

"""The scripts and style sheets of components, which lie beside this file."""

from pathlib import Path

HERE = Path(__file__).parent


def sources(*names: str) -> str:
    """These files, one after the other."""
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)

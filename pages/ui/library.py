"""Where the chart library lies: the one that plotly itself ships, sent to the browser by a route of ours."""

from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

ROUTE = "/api/plotly.js"


@lru_cache(maxsize=1)
def library_address() -> str:
    """Its address: the version is in it, so that a browser keeps it for good."""
    return f"{ROUTE}?v={version('plotly')}"


def library_file() -> Path:
    """Its file, found without importing plotly."""
    return Path(find_spec("plotly").origin).parent / "package_data" / "plotly.min.js"

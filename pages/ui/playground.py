"""The playground component: a run on points in layers that glide; several runs on one slider with their figures."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import streamlit as st

from core.figures import palette
from core.runs import Run
from pages.ui.history import units_of
from pages.ui.networks import networks_of
from pages.ui.picture import Track
from pages.ui.sources import sources
from pages.ui.words import ACTIVE, run_title

SCRIPTS = (
    *("page.js", "arrays.js", "draw.js", "stream.js", "frames.js", "clock.js", "timebar.js"),
    *(
        "strips.js",
        "play_frames.js",
        "play_layers.js",
        "play_turn.js",
        "play_canvas.js",
        "play_bars.js",
    ),
    *("play_networks.js", "play_curves.js", "play_save.js", "play_bar.js", "playground.js"),
)
COLOURS = {
    "real": palette.REAL,
    "generated": palette.GENERATED,
    "discriminator": palette.DISCRIMINATOR,
    "alarm": "#d1495b",
}
LAYERS = ("real", "generated", "surface", "push", "manifold")


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component(
        "latent_playground", css=sources("playground.css"), js=sources(*SCRIPTS)
    )


class Shown(NamedTuple):
    """What the visitor did: the ``layers`` they switched on, None while they left them; a step to ``fork`` from."""

    layers: list[str] | None
    fork: int | None


def playground(
    run: Run,
    *,
    key: str,
    size: Literal["large", "small"] = "large",
    layers: Sequence[str] = LAYERS,
    together: str = "",
    truth: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
) -> Shown:
    """What a run on points makes as it trains; its frames come by stream, past the script.

    ``large`` has layers to switch, bars, networks, time and curves; ``small`` a picture and bars, for several of them
    that are ``together`` on the slider of ``playground_table``. ``truth`` is the answer of ``true_points``;
    ``values`` are the run's settings as they stand.
    """
    data = {
        "run": run.id,
        "title": run_title(run),
        "state": run.state if run.state in ACTIVE else "ended",
        "size": size,
        "layers": list(layers),
        "colours": COLOURS,
        "networks": networks_of(run, values),
        "units": units_of(run, values),
        "together": together,
        "fetch": "ended",
        "fork": size == "large",
        **_known(truth),
    }
    found = _component()(
        key=key, data=data, on_layers_change=lambda: None, on_fork_change=lambda: None
    )
    return Shown(found.layers, found.fork)


def playground_table(
    together: str, tracks: Sequence[Track], *, key: str, truth: Mapping[str, Any] | None = None
) -> None:
    """The slider of all playgrounds that are ``together``, and what each has reached at the moment shown."""
    lines = [track._asdict() for track in tracks]
    _component()(key=key, data={"together": together, "lines": lines, **_known(truth)})


def _known(truth: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"centres": (truth or {}).get("modes", []), "floors": (truth or {}).get("floors", {})}

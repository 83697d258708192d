"""The picture component: a run's live picture with its time slider, or a still look at arrays."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import streamlit as st

from core import arrays
from core.figures import palette
from core.figures.images import PAPER
from core.runs import Run
from pages.ui.sources import sources
from pages.ui.words import badge

SCRIPTS = (
    *("arrays.js", "draw.js", "stream.js", "frames.js", "clock.js"),
    *("panels.js", "inner.js", "field.js", "square.js"),
    *("timebar.js", "strips.js", "sharedbar.js", "live.js"),
)
COLOURS = {
    "classes": list(palette.CLASSES),
    "real": palette.REAL,
    "generated": palette.GENERATED,
    "encoder": palette.ENCODER,
    "paper": PAPER,
}


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component(
        "latent_picture", css=sources("live.css"), js=sources(*SCRIPTS)
    )


def live_picture(
    run: Run,
    classes: list[str],
    *,
    key: str,
    fork: bool = True,
    only: Sequence[str] = (),
    nothing: str = "This model shows no pictures.",
    together: str = "",
    fetch: Literal["ended", "at once", "on demand"] = "ended",
    spread: bool = False,
) -> int | None:
    """What the run makes, as it develops; its frames come by stream, past the script.

    ``only`` names the panels to show, all by default; ``nothing`` is what it says where there is none. Pictures with
    the same ``together`` share one slider, drawn by ``shared_time``, and one latent cursor. All snapshots are
    fetched by ``fetch``: once the run has ended, at once, or when the slider is first moved. ``spread`` gives a wide
    picture as many panels in a row as fit.
    Returns the step at which the visitor has just asked to continue, else None.
    """
    data: dict[str, Any] = {
        "run": run.id,
        "state": "ended" if run.state not in ("queued", "running", "paused") else "active",
        "classes": classes,
        "colours": COLOURS,
        "fork": fork,
        "only": list(only),
        "nothing": nothing,
        "together": together,
        "fetch": fetch,
        "spread": spread,
    }
    result = _component()(key=key, data=data, on_fork_change=lambda: None)
    return result.fork


class Track(NamedTuple):
    """A run among the curves over a shared slider: how it is called there, and its colour."""

    run: str
    name: str
    colour: str


def shared_time(
    together: str, tracks: Sequence[Track], *, key: str, strips: Sequence[Sequence[str]] = ()
) -> None:
    """The slider of all pictures that are ``together``, and a curve for each of ``strips`` with the time as a cursor.

    A strip begins with the first of its terms that the runs have logged ("mean σ" is taken from the snapshots).
    """
    data = {
        "together": together,
        "lines": [track._asdict() for track in tracks],
        "strips": [list(terms) for terms in strips],
    }
    _component()(key=key, data=data)


def still_picture(pictures: dict[str, Any], classes: list[str], *, key: str) -> None:
    """Arrays drawn once: ``x`` (n, C, H, W) uint8 or (n, D) float32, and ``y`` (n,) where there are classes."""
    _component()(key=key, data=arrays.pack(pictures, {"classes": classes, "colours": COLOURS}))


def run_heading(
    run: Run, name: str, colour: str, page: str = "train/train.py", state: bool = True
) -> None:
    """The name of a run that stands beside others: its colour, a link to it on ``page``, its ``state`` if wanted."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        dot = f'<span style="color:{colour};font-size:1.4rem;line-height:1">●</span>'
        st.html(dot, width="content")
        st.page_link(page, label=f"**{name}**", query_params={"run": run.id})
        if state:
            st.markdown(badge(run.state))

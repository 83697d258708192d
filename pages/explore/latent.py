"""Latent space: the code as a place to walk in, each way of looking at it a view of its own."""

from importlib import import_module
from typing import NamedTuple

import streamlit as st

from pages.ui.following import at_newest, coming
from pages.ui.pick import choose_run
from pages.ui.warming import when_ready


class View(NamedTuple):
    """A way of looking: the module of ``pages.explore`` whose ``body(chosen, schemas)`` draws it, and what it shows."""

    module: str
    help: str


VIEWS = {
    "Pad": View("pad", "A square over the code: point at a place and see it decoded."),
    "Grid and traversals": View(
        "traversals", "A table of decoded images over two units, and a row for each unit."
    ),
    "Between": View("between", "From image to image: straight, around, or through their pixels."),
    "Averages": View("averages", "Means of groups, directions between them, sums of images."),
    "Sampling": View(
        "sampling", "New images: from the prior, from densities of the codes, from a typed code."
    ),
    "Disentanglement": View(
        "factors", "Which unit knows which factor of the data, as scores and a map."
    ),
}


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Latent space", anchor=False)
    at_newest()
    if coming(schemas):
        return
    chosen = choose_run(schemas, {"encode", "decode"}, ("images",))
    if chosen is None:
        return
    view = st.segmented_control(
        "View",
        list(VIEWS),
        default=next(iter(VIEWS)),
        required=True,
        key="view",
        bind="query-params",
        label_visibility="collapsed",
        help="\n".join(f"- **{name}**: {view.help}" for name, view in VIEWS.items()),
    )
    # Only what is looked at is read: a page must be there at once.
    import_module(f"pages.explore.{VIEWS[view].module}").body(chosen, schemas)


when_ready(page)

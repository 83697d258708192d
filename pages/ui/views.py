"""A page with several views of the same run: one control, in the address, and only what is looked at is read."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import streamlit as st

from pages.ui.pick import Chosen


class View(NamedTuple):
    """A way of looking: the module of ``pages.explore`` whose ``body(chosen, schemas)`` draws it, and what it shows."""

    module: str
    help: str


def show_view(views: Mapping[str, View], chosen: Chosen, schemas: Mapping[str, Any]) -> None:
    """The control, the first of the ``views`` by default, and the one that is chosen."""
    view = st.segmented_control(
        "View",
        list(views),
        default=next(iter(views)),
        required=True,
        key="view",
        bind="query-params",
        label_visibility="collapsed",
        help="\n".join(f"- **{name}**: {view.help}" for name, view in views.items()),
    )
    # A page must be there at once.
    import_module(f"pages.explore.{views[view].module}").body(chosen, schemas)

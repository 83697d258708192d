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


def choose_view(title: str, views: Mapping[str, View]) -> str:
    """The page's ``title`` with the control beside it; the name of the view that is chosen, by default the first."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.subheader(title, anchor=False, width="content")
        return st.segmented_control(
            "View",
            list(views),
            default=next(iter(views)),
            required=True,
            key="view",
            bind="query-params",
            label_visibility="collapsed",
            help="\n".join(f"- **{name}**: {view.help}" for name, view in views.items()),
        )


def show_view(view: View, chosen: Chosen, schemas: Mapping[str, Any]) -> None:
    """The view that was chosen."""
    # A page must be there at once.
    import_module(f"pages.explore.{view.module}").body(chosen, schemas)

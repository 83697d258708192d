"""Maps that were made before: one click and they are open, whoever made them."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.explore.map_bar import OWN, SIZES, Knobs, in_words, methods
from pages.ui.backend import store
from pages.ui.fields import fields_of, widget_value

MOST = 12


def kept_maps(run: str, step: int, sources: Mapping[str, str]) -> None:
    """A popover with the maps of this run after ``step`` that the bar can ask for, the one used last first."""
    known = methods()
    found = [
        meta
        for meta in store().maps.about(run).values()
        if _offered(meta["request"], step, sources, known)
    ][:MOST]
    if len(found) < 2:
        return
    with st.popover("Kept maps", icon=":material/bookmark:", key="kept-maps"):
        for place, meta in enumerate(found):
            st.button(
                title_of(meta, sources, known),
                key=f"kept-map-{place}",
                type="tertiary",
                on_click=_open,
                args=(meta["request"],),
            )


def _offered(
    request: Mapping[str, Any], step: int, sources: Mapping[str, str], known: Mapping[str, Any]
) -> bool:
    return (
        request["over"] == "one"
        and request["method"] in known
        and request["of"] in sources
        and request["n"] in SIZES
        and request["sample_seed"] == 0
        and request["step"] == step
    )


def title_of(meta: Mapping[str, Any], sources: Mapping[str, str], known: Mapping[str, Any]) -> str:
    """``t-SNE of codes · perplexity 5 · 2-D · 5,000 of test``: what of its settings is not the default is named."""
    request = meta["request"]
    method = known[request["method"]]
    fields = fields_of(method["schema"])
    parts = [f"{method['title']} of {sources[request['of']]}"]
    for name, value in request["settings"].items():
        if name in fields and value != fields[name].default:
            parts.append(in_words(request["method"], name, value, known))
    return " · ".join([*parts, f"{request['dims']}-D", f"{meta['count']:,} of {request['split']}"])


def _open(request: Mapping[str, Any]) -> None:
    """Set the bar to this request: the widgets' own state, which the address follows."""
    state, method = st.session_state, request["method"]
    state["of"], state["method"], state["split"] = request["of"], method, request["split"]
    state["points"] = request["n"]
    if method != OWN:
        state["dims"] = request["dims"]
    knobs = Knobs(method, methods()[method]["schema"])
    for name, value in request["settings"].items():
        if name in knobs.fields:
            state[knobs.key(name)] = widget_value(knobs.fields[name], value)

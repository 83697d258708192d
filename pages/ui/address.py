"""The address bar holds the state: what a copied link needs, and nothing that it should not be trusted with."""

import json
import time
from collections.abc import Iterable
from typing import Any

import streamlit as st

from core.errors import ExplorerError, NoSuchRun
from core.runs import Run
from pages.ui.backend import store
from pages.ui.visitor import opened

MOST_RUNS = 8
LONGEST = 20_000
FORM_ADDRESS = "_form_address"
BROWSER_LAG = 3.0  # seconds for which a browser may still show the address before the last one


def run_ids(name: str = "runs", most: int = MOST_RUNS) -> list[str]:
    """The ids that the address names, each once, at most so many."""
    text = st.query_params.get(name, "")[:LONGEST]
    return list(dict.fromkeys(part for part in text.split(",") if part))[:most]


def run_of_address() -> Run | None:
    """The run that ``?run=`` names; a sentence and None for anything that is no run."""
    run_id = st.query_params.get("run", "")
    if not run_id:
        return None
    try:
        return opened(store(), run_id[:LONGEST])
    except NoSuchRun:
        st.warning(
            "There is no run at this address: the link is cut short or the run was removed.",
            icon=":material/link_off:",
        )
    except ExplorerError as error:
        st.error(str(error), icon=":material/error:")
    return None


def runs_of_address(name: str = "runs", most: int = MOST_RUNS) -> tuple[list[Run], int]:
    """The runs that ``?runs=a,b`` names, and how many of the ids are none."""
    found, missing = [], 0
    for run_id in run_ids(name, most):
        try:
            found.append(opened(store(), run_id))
        except NoSuchRun:
            missing += 1
    return found, missing


def settings_of_address(names: Iterable[str]) -> dict[str, Any]:
    """The settings that the address carries, as JSON values where they are such; others are taken as text."""
    found = {}
    for name in names:
        if name in st.query_params:
            text = st.query_params[name][:LONGEST]
            try:
                found[name] = json.loads(text)
            except ValueError:
                found[name] = text
    return found


def write_address(**values: Any) -> None:
    """Make the address hold exactly these; None and empty ones are left out."""
    wanted = {
        name: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        for name, value in values.items()
        if value not in (None, "", [])
    }
    if dict(st.query_params) != wanted:
        st.query_params.from_dict(wanted)


def is_forms_own() -> bool:
    """Whether the address is the form's work: what it wrote last, or a moment ago.

    Whoever types quickly sends the second value from an address that does not show the first one yet; taken for
    somebody's link, it would undo the first.
    """
    here = dict(st.query_params)
    last, before = st.session_state.get(FORM_ADDRESS, (None, []))
    return here == last or any(here == old and time.monotonic() < until for old, until in before)


def note_forms_own() -> None:
    """Remember the address as it is now for the form's own."""
    here, now = dict(st.query_params), time.monotonic()
    last, before = st.session_state.get(FORM_ADDRESS, (None, []))
    before = [(old, until) for old, until in before if now < until]
    if last not in (None, here):
        before.append((last, now + BROWSER_LAG))
    st.session_state[FORM_ADDRESS] = (here, before)


def link(path: str, **values: str) -> str:
    """The full address of a page in this state, to be copied."""
    url = (st.context.url or "").split("?")[0]
    base = url.rsplit("/", 1)[0] if url.count("/") > 2 else url
    query = "&".join(f"{name}={value}" for name, value in values.items())
    return f"{base}/{path}?{query}"

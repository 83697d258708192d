"""Files to take along, made when they are clicked."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.export import curves
from core.runs import Run
from pages.ui.backend import store

CSV = "text/csv"


def save(label: str, data: Callable[[], bytes], name: str, mime: str, *, key: str) -> None:
    """A button that saves ``data()``, made once it is clicked, under ``name``; the page is not drawn again."""
    st.download_button(
        label, data, name, mime, key=key, icon=":material/download:", on_click="ignore"
    )


def save_curves(runs: Sequence[Run], names: Sequence[str], *, key: str) -> None:
    """A button that saves all that these runs have logged as one CSV table."""

    def made() -> bytes:
        found = [store().scalars(run.id) for run in runs]
        return curves.csv(list(zip(names, found, strict=True)))

    stem = runs[0].id[:6] if len(runs) == 1 else f"{len(runs)}-runs"
    save("Curves (CSV)", made, f"curves-{stem}.csv", CSV, key=key)

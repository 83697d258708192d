"""Bring your own data: a file in, a report out, and the name under which it is kept."""

from typing import Any

import streamlit as st

from core.errors import ExplorerError
from pages.ui.backend import Pending, ask
from pages.ui.forms import Form

WAIT = 30.0


def upload(form: Form) -> None:
    """The file, how it is read, and what came of it; the form then holds its name."""
    file = st.file_uploader(
        "A zip of pictures, .npz, .npy, .csv or IDX files",
        key="own-file",
        help="Folders inside a zip become classes. Pickles are refused; whatever is broken is named and left out.",
    )
    choices = _choices()
    if file is None:
        if not form.values().get("content"):
            st.info(
                "Choose a file to begin: it stays on this server.", icon=":material/upload_file:"
            )
        return
    try:
        with st.spinner("Reading the file"):
            report = ask(
                "import_own",
                wait=WAIT,
                content=file.getvalue(),
                filename=file.name,
                choices=choices,
            )
    except Pending:
        st.info(
            "The file is still being read; it will be there when the page looks again.",
            icon="spinner",
        )
        return
    except ExplorerError as error:
        st.error(str(error), icon=":material/error:")
        return
    _report(form, report)


def _choices() -> dict[str, Any]:
    with st.expander("How it is read", key="own-choices"):
        left, right = st.columns(2)
        size = left.number_input(
            "Pixels on a side",
            4,
            64,
            None,
            key="own-size",
            placeholder="as they are, or 28",
            help="Every picture is resized to this square, up to 64 × 64.",
        )
        fit = right.segmented_control(
            "Made square by",
            ["crop", "pad", "stretch"],
            default="crop",
            required=True,
            key="own-fit",
            help="Cutting the longer side, adding a border, or squeezing.",
        )
        table = left.segmented_control(
            "Rows of a table are",
            ["auto", "pictures", "points"],
            default="auto",
            required=True,
            key="own-table",
            help="auto guesses by the number of columns and their values.",
        )
        label = right.text_input(
            "Column with the classes",
            key="own-label",
            placeholder="none",
            help="Its title, or its number from 1.",
        )
        colour = left.toggle(
            "Keep the colours", key="own-colour", help="Otherwise pictures become grey."
        )
    chosen = {"size": size, "fit": fit, "table": table, "colour": colour}
    return {**chosen, "label_column": label.strip() or None}


def _report(form: Form, report: dict[str, Any]) -> None:
    shape = " × ".join(map(str, report["shape"]))
    what = "pictures" if report["kind"] == "images" else "points"
    st.success(f"{report['count']:,} {what} of {shape} are kept.", icon=":material/check:")
    if problems := report["problems"]:
        with st.expander(f"{len(problems)} left out or changed", key="own-problems"):
            st.markdown("\n".join(f"- {problem}" for problem in problems))
    if st.session_state.get(form.key("content")) != report["hash"]:
        st.session_state[form.key("content")] = report["hash"]
        st.rerun()

"""Several runs side by side from the same seed that differ in one setting, or in the seed alone."""

from typing import Any

import streamlit as st

from core.errors import BadInput
from core.training.changes import changed_spec
from core.training.config import RunSpec
from pages.ui.backend import jobs
from pages.ui.control_bar import attempt
from pages.ui.fields import Field, setting_of
from pages.ui.forms import Form
from pages.ui.visitor import owner

MOST = 8
SEEDS = "0, 1, 2, 3, 4"


def sweep(form: Form, answer: dict[str, Any] | None) -> None:
    """The panel: which setting, which values, and the button that starts them as one group."""
    fields = {**form.parts["run"], **form.parts["model"], **form.parts["training"]}
    with st.expander("Side by side: vary one setting", icon=":material/view_column:", key="sweep"):
        st.markdown(
            "The same data and seed, trained in step; or several seeds, for a mean with its band."
        )
        name = st.selectbox(
            "Setting", list(fields), key="sweep-field", format_func=lambda n: fields[n].title
        )
        text = st.text_input(
            "Values, separated by commas"
            if fields[name].kind != "array"
            else "Values, separated by semicolons",
            value=SEEDS if name == "seed" else "",
            key=f"sweep-values-{name}",
            placeholder=_example(fields[name]),
            help=fields[name].help or None,
        )
        st.button(
            "Train side by side",
            key="sweep-start",
            icon=":material/play_arrow:",
            disabled=not text.strip() or not answer or bool(answer["errors"]),
            on_click=_start,
            args=(fields[name], text, answer),
        )


def _example(field: Field) -> str:
    if field.kind == "choice":
        return ", ".join(map(str, field.schema["enum"][:3]))
    if field.kind == "array":
        return "100, 30; 400"
    return {"boolean": "false, true", "integer": "2, 10, 30"}.get(field.kind, "0.1, 1, 4")


def parsed(field: Field, text: str) -> list[Any]:
    """The values that somebody typed. Raises ``BadInput`` with a sentence for what makes no sense."""
    found: list[Any] = []
    for part in text.split(";" if field.kind == "array" else ","):
        if not part.strip():
            continue
        value = _value(field, part.strip())
        if problem := field.wrong(value):
            raise BadInput(problem)
        if value not in found:
            found.append(value)
    if not 2 <= len(found) <= MOST:
        raise BadInput(f"Give between 2 and {MOST} different values to compare.")
    return found


def _value(field: Field, text: str) -> Any:
    try:
        if field.kind == "array":
            return setting_of(field, text)
        if field.kind == "boolean":
            return {"true": True, "false": False}[text.lower()]
        if field.kind == "choice":
            return next((c for c in field.schema["enum"] if str(c) == text.replace(" ", "_")), text)
        return int(text) if field.kind == "integer" else float(text)
    except (KeyError, ValueError) as error:
        raise BadInput(f"{field.title} cannot be {text!r}.") from error


def _start(field: Field, text: str, answer: dict[str, Any]) -> None:
    def submit() -> list[str]:
        base = RunSpec.model_validate(answer["spec"])
        specs = [changed_spec(base, {field.name: value}) for value in parsed(field, text)]
        return jobs().submit(specs, owner(), group=True)

    if found := attempt(submit):
        st.session_state["_go"] = ("compare", {"runs": ",".join(found)})

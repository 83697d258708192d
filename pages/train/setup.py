"""Choose what to train: data, model, preset and every setting; see what it will be; start."""

from typing import Any

import streamlit as st

from core.errors import ExplorerError
from core.training.config import RunSpec
from pages.train.inside import layer_table
from pages.train.sweep import sweep
from pages.ui.address import is_forms_own, note_forms_own, settings_of_address, write_address
from pages.ui.backend import Pending, ask, jobs
from pages.ui.control_bar import attempt, show_message
from pages.ui.forms import Form, forget
from pages.ui.picture import still_picture
from pages.ui.upload import upload
from pages.ui.visitor import owner

OWN_SETTINGS = "default settings"
DESCRIBE_SECONDS = 20.0
SHOWN = {"images": 32, "points": 1000}
# What is chosen before everything else, and where a first visit begins.
FIRST = {"model": "autoencoder", "dataset": "digits", "preset": ""}


def show(schemas: dict[str, Any]) -> None:
    """The page without a run."""
    st.subheader("Train a model", anchor=False)
    refused = _read_address(schemas)
    show_message()
    model, dataset, preset = _choices(schemas)
    form = Form(schemas, model, dataset, preset)
    refused += form.restore(st.session_state.pop("_address_settings", {}))
    if refused:
        st.warning(
            f"The address holds what this form does not know ({', '.join(refused)}); the defaults took its place.",
            icon=":material/link_off:",
        )
    settings = form.changed()
    answer, trouble = _described(form, model, dataset, preset, settings)
    _head(schemas, form, model, dataset, preset, answer)
    left, right = st.columns([5, 6], gap="large")
    with left:
        _settings(form, dataset)
        sweep(form, answer)
    with right:
        _outlook(schemas, form, dataset, answer, trouble)
    chosen = {"model": model, "dataset": dataset, "preset": preset or ""}
    # What everybody begins with is left out: an address that changes by itself would hold the Back button.
    write_address(**{n: v for n, v in chosen.items() if v != FIRST[n]}, **settings)
    note_forms_own()


def _read_address(schemas: dict[str, Any]) -> list[str]:
    """Take an address over that this form has not written itself. Returns what made no sense."""
    if is_forms_own():
        return []
    note_forms_own()
    forget()
    refused = []
    for name, kind in (("model", "models"), ("dataset", "datasets")):
        chosen = st.query_params.get(name, FIRST[name])
        if chosen not in schemas[kind]:
            refused.append(f"{name} {chosen[:40]!r}")
            chosen = FIRST[name]
        st.session_state[f"pick-{name}"] = (
            chosen if chosen in schemas[kind] else next(iter(schemas[kind]))
        )
    presets = schemas["models"][st.session_state["pick-model"]]["presets"]
    preset = st.query_params.get("preset", "")
    if preset and preset not in presets:
        refused.append(f"preset {preset[:40]!r}")
    st.session_state["pick-preset"] = preset if preset in presets else ""
    rest = [n for n in st.query_params if n not in ("model", "dataset", "preset", "run")]
    st.session_state["_address_settings"] = settings_of_address(rest)
    return refused


def _choices(schemas: dict[str, Any]) -> tuple[str, str, str | None]:
    state = st.session_state
    for name, first in FIRST.items():
        state.setdefault(f"pick-{name}", first)
    presets = schemas["models"][state["pick-model"]]["presets"]
    if state["pick-preset"] not in ("", *presets):
        state["pick-preset"] = ""
    columns = st.columns(4, vertical_alignment="bottom", gap="medium")
    columns[0].selectbox(
        "Data",
        list(schemas["datasets"]),
        key="pick-dataset",
        on_change=_other_data,
        format_func=lambda name: schemas["datasets"][name]["title"],
        help="What the model learns from.",
    )
    columns[1].selectbox(
        "Model",
        list(schemas["models"]),
        key="pick-model",
        on_change=_other_model,
        format_func=lambda name: schemas["models"][name]["title"] or name,
        help="The family of networks.",
    )
    columns[2].selectbox(
        "Preset",
        ["", *presets],
        key="pick-preset",
        on_change=_other_preset,
        args=(schemas,),
        format_func=lambda name: presets[name]["title"] if name else OWN_SETTINGS,
        help="Settings that belong together.",
    )
    st.session_state["_start_place"] = columns[3]
    return state["pick-model"], state["pick-dataset"], state["pick-preset"] or None


def _other_model() -> None:
    st.session_state["pick-preset"] = ""
    forget()


def _other_data() -> None:
    forget()


def _other_preset(schemas: dict[str, Any]) -> None:
    forget()
    presets = schemas["models"][st.session_state["pick-model"]]["presets"]
    chosen = presets.get(st.session_state["pick-preset"], {})
    if chosen.get("dataset"):
        st.session_state["pick-dataset"] = chosen["dataset"]


def _described(
    form: Form, model: str, dataset: str, preset: str | None, settings: dict
) -> tuple[dict | None, str]:
    """What the choices would build; wrong fields go to the form. None while it is being worked out."""
    if form.problems:
        return None, ""
    seed = settings.get("seed", 0)
    flat = {name: value for name, value in settings.items() if name != "seed"}
    try:
        answer = ask(
            "describe", model=model, dataset=dataset, settings=flat, preset=preset, seed=seed
        )
    except Pending as pending:
        return None, str(pending) or "…"
    except ExplorerError as error:
        form.problems["dataset"] = str(error)
        return None, ""
    form.problems |= answer["errors"]
    return answer, ""


def _head(
    schemas, form: Form, model: str, dataset: str, preset: str | None, answer: dict | None
) -> None:
    elsewhere = {n: t for n, t in form.problems.items() if n not in form.fields}
    for text in elsewhere.values():
        st.error(text, icon=":material/error:")
    note = (schemas["models"][model]["presets"].get(preset) or {}).get("note")
    if note:
        st.markdown(f":material/visibility: {note}")
    with st.session_state.pop("_start_place"):
        st.button(
            "Start training",
            icon=":material/play_arrow:",
            type="primary",
            key="start",
            width="stretch",
            shortcut="Mod+Enter",
            disabled=bool(form.problems),
            on_click=_start,
            args=(model, dataset, preset, form),
        )


def _start(model: str, dataset: str, preset: str | None, form: Form) -> None:
    """Queue the run and turn the page to it. A field typed just before the click counts."""
    settings = form.changed()
    seed = settings.pop("seed", 0)

    def submit() -> list[str]:
        answer = jobs().compute.call(
            "describe",
            timeout=DESCRIBE_SECONDS,
            model=model,
            dataset=dataset,
            settings=settings,
            preset=preset,
            seed=seed,
        )
        if answer["errors"]:
            raise ExplorerError(" ".join(answer["errors"].values()))
        return jobs().submit(RunSpec.model_validate(answer["spec"]), owner())

    found = attempt(submit)
    if found:
        st.query_params.from_dict({"run": found[0]})


def _settings(form: Form, dataset: str) -> None:
    st.markdown("**Settings**")
    first = form.essential()
    form.draw_pairs(first)
    # The name of uploaded data is written by the upload, not by hand.
    data = [name for name in form.parts["data"] if name != "content"]
    wrong = any(name in form.problems for name in data)
    with st.expander("The data", expanded=wrong or dataset == "points", key="set-group-data"):
        form.draw_pairs(data)
    form.draw_groups(first)


def _outlook(schemas, form: Form, dataset: str, answer: dict | None, trouble: str) -> None:
    """The data and the network that the choices make."""
    family = schemas["datasets"][dataset]
    st.markdown(f"**{family['title']}**")
    st.caption(family["doc"].split("\n\n")[0].replace("\n", " "))
    if dataset == "own":
        upload(form)
    options = {n: v for n, v in form.values().items() if n in form.parts["data"]}
    bad = [n for n in form.problems if n in form.parts["data"] or n == "dataset"]
    waiting = bool(trouble)
    if not bad:
        try:
            seen = ask("preview", dataset=dataset, options=options, n=SHOWN[family["kind"]])
            _preview(seen)
        except Pending as pending:
            waiting = True
            st.info(str(pending) or "The data are being read.", icon="spinner")
        except ExplorerError as error:
            st.warning(str(error), icon=":material/database_off:")
    if answer and not answer["errors"]:
        with st.expander(
            f"The network: {answer['parameters']:,} parameters", expanded=True, key="network"
        ):
            layer_table(answer)
    if waiting:
        _look_again()


def _preview(seen: dict[str, Any]) -> None:
    pictures = {"x": seen["x"]}
    if seen["classes"]:
        pictures["y"] = seen["y"]
    still_picture(pictures, list(map(str, seen["classes"])), key="preview")
    counts = seen["counts"]
    shape = " × ".join(map(str, seen["shape"]))
    st.caption(
        f"{counts['train']:,} to train on, {counts['validation']:,} to validate, {counts['test']:,} to test; "
        f"each {shape}."
    )


@st.fragment(run_every=0.5)
def _look_again() -> None:
    """While an answer is on its way the page asks again."""
    turns = st.session_state.get("_turns", 0)
    st.session_state["_turns"] = turns + 1
    if turns % 2:
        st.rerun()

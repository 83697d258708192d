"""Before there is a run: presets as large choices, the data (drawn by hand too), and settings of one's own."""

import json
from typing import Any

import streamlit as st

from pages.explore import playground_cures
from pages.explore.playground_presets import (
    DATASET,
    MODEL,
    RIVAL,
    SICK,
    cures_of,
    presets_of,
    short_title,
)
from pages.explore.playground_texts import WHAT_IT_IS
from pages.ui.address import is_forms_own, note_forms_own, settings_of_address, write_address
from pages.ui.backend import jobs
from pages.ui.control_bar import attempt, show_message
from pages.ui.fields import Field, fields_of, spaced
from pages.ui.forms import Form, forget
from pages.ui.pad import pad
from pages.ui.starting import described
from pages.ui.visitor import owner

PREFIX = "play"
DATA, DRAWING, BASE, OTHER = "pick-points", "pick-drawing", "pick-base", "pick-rival"
DRAWN, MOST_DRAWN = "drawn", 1000
RIVALS = (MODEL, RIVAL)
LOUD = (SICK, "good day")  # what to begin with
ACROSS = 4


def show(schemas: dict[str, Any]) -> None:
    """The page without a run."""
    st.subheader("GAN playground", anchor=False)
    refused = _read_address(schemas)
    st.markdown(WHAT_IT_IS)
    show_message()
    if refused:
        st.warning(
            f"The address holds what this page does not know ({', '.join(refused)}); it was left out.",
            icon=":material/link_off:",
        )
    presets = presets_of(schemas)
    drawn = _choose_data(schemas) == DRAWN
    # Whoever draws has the cards beside the square: the click comes next.
    pad_place, cards_place = st.columns([3, 5], gap="large") if drawn else (None, st.container())
    data, ready = _data(pad_place)
    with cards_place:
        _cards(presets, data, ready, 2 if drawn else ACROSS)
    left, right = st.columns(2, gap="large")
    with left, st.container(border=True):
        playground_cures.offer(schemas, data, 0)
    with right:
        _one_cure(presets, data, ready)
        settings = _own(schemas, data, ready)
    chosen = {
        "data": st.session_state.get(DATA),
        "drawing": _drawing() if st.session_state.get(DATA) == DRAWN else None,
        "model": None if st.session_state[OTHER] == MODEL else st.session_state[OTHER],
        "preset": st.session_state[BASE],
    }
    write_address(**chosen, **settings)
    note_forms_own()


# -- the address -------------------------------------------------------------------------------------------------------


def _distributions(schemas: dict[str, Any]) -> Field:
    return fields_of(schemas["datasets"][DATASET]["schema"])["distribution"]


def _read_address(schemas: dict[str, Any]) -> list[str]:
    """Take over an address that this page has not written itself. Returns what made no sense."""
    state = st.session_state
    state.setdefault(OTHER, MODEL)
    state.setdefault(BASE, "")
    if is_forms_own():
        return []
    note_forms_own()
    forget(PREFIX)
    refused = []
    wanted = settings_of_address(st.query_params)
    data = wanted.pop("data", None)
    if data is not None and not _distributions(schemas).accepts(data):
        refused.append("data")
        data = None
    state[DATA] = data
    drawing = wanted.pop("drawing", [])
    field = fields_of(schemas["datasets"][DATASET]["schema"])["drawing"]
    if field.accepts(drawing):
        state[DRAWING] = json.dumps(drawing[:MOST_DRAWN])
    else:
        refused.append("drawing")
    model, preset = wanted.pop("model", MODEL), wanted.pop("preset", "")
    state[OTHER] = model if model in RIVALS and model in schemas["models"] else MODEL
    state[BASE] = preset if preset in presets_of(schemas, state[OTHER]) else ""
    refused += [
        n for n, v, k in (("model", model, OTHER), ("preset", preset, BASE)) if v != state[k]
    ]
    for name in ("run", "runs"):
        wanted.pop(name, None)
    state["_play_settings"] = wanted
    return refused


# -- data --------------------------------------------------------------------------------------------------------------


def _choose_data(schemas: dict[str, Any]) -> str | None:
    """The distribution that every start takes, None for that of its preset."""
    return st.pills(
        "Data",
        _distributions(schemas).schema["enum"],
        key=DATA,
        format_func=lambda name: "✎ draw your own" if name == DRAWN else spaced(name),
        help="What is real. None chosen: the data of the preset.",
    )


def _data(place) -> tuple[dict[str, Any], bool]:
    """The options of the chosen data, none for those of a preset; and whether they are complete.

    In the container ``place``, if there is one, stands the square to draw in.
    """
    chosen = st.session_state.get(DATA)
    if place is None:
        return ({"distribution": chosen} if chosen else {}), True
    with place:
        pad(DRAWING, MOST_DRAWN)
        points = _drawing()
        st.caption("Drag to draw what is real; then click a preset: it trains on what you drew.")
    return {"distribution": DRAWN, "drawing": points}, bool(points)


def _drawing() -> list[list[float]]:
    return json.loads(st.session_state.get(DRAWING) or "[]")


# -- starts ------------------------------------------------------------------------------------------------------------


def begin(model: str, preset: str, title: str, settings: dict[str, Any], seed: int = 0) -> None:
    """Queue a run and turn the page to it."""

    def submit() -> list[str]:
        spec = described(
            {
                "model": model,
                "dataset": DATASET,
                "settings": settings,
                "preset": preset or None,
                "seed": seed,
            }
        )
        return jobs().submit(spec, owner(), title=title)

    if found := attempt(submit):
        st.query_params.from_dict({"run": found[0]})


def _cards(presets: dict[str, Any], data: dict[str, Any], ready: bool, across: int) -> None:
    """A card a preset, what it shows, and the click that starts it."""
    cures = cures_of(presets)
    shown = {name: one for name, one in presets.items() if name not in cures}
    order = sorted(shown, key=lambda name: LOUD.index(name) if name in LOUD else len(LOUD))
    for start in range(0, len(order), across):
        columns = st.columns(across, gap="small")
        for column, name in zip(columns, order[start : start + across], strict=False):
            preset = presets[name]
            with column.container(border=True, height="stretch", key=f"card-{_slug(name)}"):
                st.markdown(f"**{preset['title']}**")
                st.markdown(preset["note"])
                st.space("stretch")
                st.button(
                    "Start",
                    icon=":material/play_arrow:",
                    key=f"begin-{_slug(name)}",
                    type="primary" if name in LOUD else "secondary",
                    disabled=not ready,
                    on_click=begin,
                    args=(MODEL, name, preset["title"], data),
                )


def _one_cure(presets: dict[str, Any], data: dict[str, Any], ready: bool) -> None:
    """The collapsing preset with one cure, by itself."""
    cures = cures_of(presets)
    if not cures:
        return
    with st.container(border=True):
        st.markdown("**The same, cured**")
        chosen = st.selectbox(
            "Cure",
            list(cures),
            key="cure-chosen",
            format_func=lambda name: short_title(cures[name]),
            label_visibility="collapsed",
        )
        st.markdown(cures[chosen]["note"])
        st.button(
            "Start",
            icon=":material/play_arrow:",
            key="begin-cure",
            disabled=not ready,
            on_click=begin,
            args=(MODEL, chosen, cures[chosen]["title"], data),
        )


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower())


def _own(schemas: dict[str, Any], data: dict[str, Any], ready: bool) -> dict[str, Any]:
    """Any setting of one's own. Returns what differs from the preset, for the address."""
    state = st.session_state
    with st.expander("**Settings of your own**: networks, losses, cures", key="play-own"):
        _base(schemas)
        form = Form(schemas, state[OTHER], DATASET, state[BASE] or None, PREFIX)
        form.defaults |= data  # its own settings of the data are those of what was chosen above
        form.restore(state.pop("_play_settings", {}))
        settings = form.changed()
        first = form.essential()
        form.draw_pairs(first)
        form.draw_pairs([n for n in form.parts["data"] if n not in ("distribution", "drawing")])
        form.draw_groups(first)
        given = {name: value for name, value in settings.items() if name != "seed"}
        st.button(
            "Start training",
            icon=":material/play_arrow:",
            type="primary",
            key="play-start",
            disabled=bool(form.problems) or not ready,
            on_click=begin,
            args=(state[OTHER], state[BASE], "", {**given, **data}, settings.get("seed", 0)),
        )
    return settings


def _base(schemas: dict[str, Any]) -> None:
    """Which model, and which of its presets the settings begin with."""
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    with left:
        st.segmented_control(
            "Model",
            [name for name in RIVALS if name in schemas["models"]],
            key=OTHER,
            required=True,
            format_func=lambda name: schemas["models"][name]["title"],
            on_change=_other_base,
            help="A VAE on the same points, to compare: it blurs, but it leaves no mode out.",
        )
    presets = presets_of(schemas, st.session_state[OTHER])
    with right:
        st.selectbox(
            "Begin with",
            ["", *presets],
            key=BASE,
            format_func=lambda name: presets[name]["title"] if name else "default settings",
            on_change=lambda: forget(PREFIX),
        )


def _other_base() -> None:
    st.session_state[BASE] = ""
    forget(PREFIX)

"""A sweep over code sizes: which models, how wide their codes, and how far its training is."""

from typing import Any

import streamlit as st

from core.errors import BadInput
from core.runs import Run
from core.training.config import RunSpec
from pages.ui.backend import jobs, store
from pages.ui.control_bar import attempt
from pages.ui.following import time_left
from pages.ui.starting import described
from pages.ui.visitor import owner
from pages.ui.words import ACTIVE, model_title

MOST = 24  # runs that are measured together
FIRST_DATA, FIRST_SIZES, FIRST_STEPS = "digits", "2, 4, 8, 16, 32", 1500
WIDEST, LONGEST = 1024, 100_000
SIZE = "latent_dim"


def able(schemas: dict[str, Any], dataset: str) -> list[str]:
    """The families that reconstruct these data through a code whose size is a setting."""
    kind = schemas["datasets"][dataset]["kind"]
    return [
        name
        for name, model in schemas["models"].items()
        if SIZE in model["schema"]["properties"]
        and {"encode", "reconstruct"} <= set(model["abilities"])
        and kind in model["kinds"]
    ]


def form(schemas: dict[str, Any], expanded: bool) -> None:
    """Data, families, sizes, steps, and the button that trains them all."""
    with st.expander("Train a sweep", expanded=expanded, icon=":material/tune:", key="sizes-form"):
        left, middle, right = st.columns(3, gap="medium")
        names = list(schemas["datasets"])
        dataset = left.selectbox(
            "Data",
            names,
            index=names.index(FIRST_DATA) if FIRST_DATA in names else 0,
            key="sizes-data",
            format_func=lambda name: schemas["datasets"][name]["title"],
        )
        text = middle.text_input("Code sizes, separated by commas", FIRST_SIZES, key="sizes-values")
        steps = right.number_input(
            "Steps of each run", 1, LONGEST, FIRST_STEPS, step=500, key="sizes-steps"
        )
        offered = able(schemas, dataset)
        # Those that also sample pay for it with a larger error: who wants them in the picture adds them.
        plain = [n for n in offered if "sample" not in schemas["models"][n]["abilities"]]
        chosen = st.pills(
            "Models",
            offered,
            default=plain,
            selection_mode="multi",
            key=f"sizes-models-{dataset}",
            format_func=lambda name: model_title(schemas, name),
        )
        st.button(
            "Train the sweep",
            type="primary",
            icon=":material/play_arrow:",
            key="sizes-start",
            disabled=not chosen or not text.strip(),
            on_click=_start,
            args=(schemas, dataset, chosen, text, steps),
        )
        st.caption(
            "Each family is one group: its models train by turns, with the family's default settings and seed 0; "
            "hidden layers are kept wider than the largest code."
        )


def parsed(text: str) -> list[int]:
    """The sizes that somebody typed, rising. Raises ``BadInput`` with a sentence."""
    try:
        sizes = sorted({int(part) for part in text.split(",") if part.strip()})
    except ValueError as error:
        raise BadInput("Code sizes are whole numbers such as 2, 8, 32.") from error
    if not sizes or not 1 <= sizes[0] <= sizes[-1] <= WIDEST:
        raise BadInput(f"Code sizes lie between 1 and {WIDEST:,}: give at least one.")
    return sizes


def settings(model: dict[str, Any], size: int, widest: int, steps: int) -> dict[str, Any]:
    """The settings of one run: its code, and no hidden layer narrower than the widest code of the sweep."""
    found = {SIZE: size, "steps": steps, "epochs": None}
    sizes = model["schema"]["properties"].get("encoder_sizes", {}).get("default")
    if sizes:
        found["encoder_sizes"] = [one for one in sizes if one > widest] or [2 * widest]
    return found


def _start(schemas, dataset: str, chosen: list[str], text: str, steps: int) -> None:
    def submit() -> list[str]:
        sizes = parsed(text)
        if len(sizes) * len(chosen) > MOST:
            raise BadInput(f"That would be {len(sizes) * len(chosen)} runs: take at most {MOST}.")
        groups = [_specs(schemas, dataset, name, sizes, steps) for name in chosen]
        return [id for specs in groups for id in jobs().submit(specs, owner(), group=True)]

    if found := attempt(submit):
        st.session_state["_go"] = ("code-size", {"runs": ",".join(found)})


def _specs(schemas, dataset: str, name: str, sizes: list[int], steps: int) -> list[RunSpec]:
    model = schemas["models"][name]
    try:
        return [
            described(
                {
                    "model": name,
                    "dataset": dataset,
                    "settings": settings(model, size, sizes[-1], steps),
                }
            )
            for size in sizes
        ]
    except BadInput as error:
        raise BadInput(f"{model['title']}: {' '.join(error.fields.values()) or error}") from error


def progress(runs: list[Run], schemas: dict[str, Any]) -> None:
    """How many are done and how long the rest will take, once a second; the page follows when nothing trains."""

    @st.fragment(run_every=1.0)
    def look() -> None:
        now = [store().get(run.id) for run in runs]
        if not any(run.state in ACTIVE for run in now):
            st.rerun()
        total = sum(run.total_steps or run.spec.training.steps for run in now)
        share = min(1.0, sum(run.steps for run in now) / max(total, 1))
        done = sum(run.state not in ACTIVE for run in now)
        st.progress(share, text=f"**{done}** of {len(now)} runs done{time_left(now, share)}")
        for run in now:
            if run.state == "running":
                size = run.spec.config.get(SIZE)
                st.caption(
                    f"{model_title(schemas, run.model)}, code {size}: step {run.steps:,} of {run.total_steps:,}"
                )

    look()

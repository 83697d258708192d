"""Under the picture: gradients and activations layer by layer, and what this run is."""

from typing import Any

import streamlit as st

from core.figures import palette
from core.figures.layers import layer_bars
from core.runs import Run
from pages.ui.backend import Pending, ask, store
from pages.ui.figure import figure
from pages.ui.history import Scalars, scalars
from pages.ui.knobs import change, current
from pages.ui.visitor import may_command
from pages.ui.words import ACTIVE, ago, duration, number, size

ORDER = ("encoder", "generator", "decoder", "discriminator")
KINDS = {"gradient": "gradient norm", "activation": "mean absolute activation"}
COLOURS = {"gradient": palette.DISCRIMINATOR, "activation": palette.ENCODER}


def inside(run: Run) -> None:
    """Gradient norms and activations, measured while the switch is on."""
    with st.expander("Inside the network: gradients and activations", key="inside"):
        values = current(run, store().commands(run.id))
        on = bool(values.get("layer_stats"))
        if st.session_state.get("_layer_stats_of") != (run.id, on):
            st.session_state["_layer_stats_of"] = (run.id, on)
            st.session_state["layer-stats"] = on
        st.toggle(
            "Measure every layer",
            key="layer-stats",
            disabled=not (may_command(run) and run.state in ("running", "paused")),
            help="Costs a little speed while it is on.",
            on_change=lambda: change(run, "layer_stats", st.session_state["layer-stats"]),
        )
        _bars(run, on)


def _bars(run: Run, on: bool) -> None:
    @st.fragment(run_every=1.0 if on and run.state in ACTIVE else None)
    def bars() -> None:
        found = scalars(store().get(run.id))
        columns = st.columns(2, gap="medium")
        for column, (kind, title) in zip(columns, KINDS.items(), strict=True):
            values = _last(found, kind)
            if values:
                picture = layer_bars(values, title=title, colour=COLOURS[kind])
                with column:
                    alt = f"Bars: {title} of every layer, the last value."
                    figure(picture, key=f"layers-{kind}", alt=alt)
            elif on:
                column.caption(f"The first {title} is on its way.")

    bars()


def _last(found: Scalars, kind: str) -> dict[str, float]:
    """The last value of each layer, in the order in which data pass through the networks."""
    last = {n.split("/", 1)[1]: v[1][-1] for n, v in found.items() if n.startswith(f"{kind}/")}

    def place(name: str) -> tuple:
        head, *rest = name.split(".")
        return (
            ORDER.index(head) if head in ORDER else len(ORDER),
            *(int(p) if p.isdigit() else -1 for p in rest),
        )

    return {name: last[name] for name in sorted(last, key=place)}


def about(run: Run, schemas: dict[str, Any]) -> None:
    """The model in words and equations, its layers, and the run's particulars."""
    family = schemas["models"].get(run.model, {})
    with st.expander("The model: what it minimises", key="about-model"):
        st.markdown(family.get("doc", ""))
    with st.expander("Layers and parameters", key="about-layers", on_change="rerun") as layers:
        if layers.open:
            _layers(run)
    with st.expander("This run", key="about-run"):
        particulars(run)


def _layers(run: Run) -> None:
    training = run.spec.training.model_dump(mode="json")
    settings = {**run.spec.config, **run.spec.data, **training}
    try:
        answer = ask("describe", wait=3.0, model=run.model, dataset=run.dataset, settings=settings)
    except Pending:
        st.caption("The layers are being counted; open this again in a moment.")
        return
    layer_table(answer)


def layer_table(answer: dict[str, Any]) -> None:
    """The rows of ``describe`` as textbooks print them."""
    lines = ["| layer | kind | output | parameters |", "| :-- | :-- | :-- | --: |"]
    for row in answer["rows"]:
        shape = " × ".join(map(str, row["output_shape"]))
        kind = str(row["kind"]).split("(")[0]
        lines.append(f"| {row['layer']} | {kind} | {shape} | {row['parameters']:,} |")
    groups = ", ".join(f"{name} {count:,}" for name, count in answer["groups"].items())
    st.markdown("\n".join(lines))
    st.markdown(f"**{answer['parameters']:,} parameters** ({groups})")
    if answer.get("note"):
        st.caption(answer["note"])


def particulars(run: Run) -> None:
    """Where a run came from, what it reached, what it takes."""
    facts = {
        "Model": f"`{run.model}` on `{run.dataset}`, seed {run.spec.seed}",
        "Begun": ago(run.created),
        "Trained": f"{run.steps:,} steps in {duration(run.seconds)}",
        "On disk": size(store().disk_use(run.id)),
        "Forked from": f"[{run.parent}](train?run={run.parent}) at step {run.parent_step:,}"
        if run.parent
        else "",
        "Tags": ", ".join(run.tags),
    }
    st.markdown("\n".join(f"- {name}: {text}" for name, text in facts.items() if text))
    if run.metrics:
        st.markdown(
            "Last values: "
            + ", ".join(f"`{n}` {number(v)}" for n, v in sorted(run.metrics.items()))
        )
    settings = {**run.spec.config, **run.spec.data, **run.spec.training.model_dump(mode="json")}
    st.markdown("Settings: " + ", ".join(f"`{name}` {value}" for name, value in settings.items()))

"""The grid over two units of the code, and one row of images for each unit."""

from typing import Any

import numpy as np
import streamlit as st

from core.export.pictures import png
from core.figures.palette import GENERATED, LINES
from core.figures.sheets import sheet
from pages.explore.coded import (
    about,
    can_sample,
    choose_class,
    in_space,
    needs_images,
    shape_of,
)
from pages.explore.examples import beginning, choose_split
from pages.ui.asking import answered
from pages.ui.figure import figure
from pages.ui.pick import Chosen
from pages.ui.saving import save
from pages.ui.words import number

SPACINGS = {"codes": "the codes", "prior": "the prior"}
SIDES = (8, 12, 16, 20, 25, 30)
ROWS = (6, 12, 24, 64, 256)
REACHES = (1.0, 2.0, 3.0, 4.0)
COLUMNS = 11  # images in a row
FINE = 41  # points along a curve
GAP = 14  # of an image's width between two of them
MEAN, IMAGE = "the mean code", "an image"


def spacing_control(chosen: Chosen, schemas, key: str) -> str:
    """Whether values are spread as the codes are or as the prior is; only where there is a prior is there a choice."""
    if not can_sample(chosen.run, schemas):
        return "codes"
    return st.segmented_control(
        "Spread as",
        list(SPACINGS),
        format_func=SPACINGS.get,
        default="codes",
        required=True,
        key=key,
    )


def grid(chosen: Chosen, schemas, split: str, y: int | None, found: dict[str, Any], row) -> None:
    """The controls of the grid, in the container ``row``, the grid, and what it shows."""
    best = [int(unit) for unit in np.argsort(-found["interest"], kind="stable")]
    best = sorted(best[:2]) + best[2:]
    with row:
        units = [_unit("To the right", best, 0)]
        if len(best) > 1:
            units.append(_unit("Upwards", best, 1))
        n = st.selectbox("Images on a side", SIDES, index=3, key="grid-n", width=140)
        spacing = spacing_control(chosen, schemas, "grid-spacing")
    if len(set(units)) < len(units):
        st.info("Choose two different units.")
        return
    asked = {"units": units, "n": n, "spacing": spacing, "split": split, "y": y}
    made = answered("latent_grid", "The grid is being decoded", **about(chosen), **asked)
    if made is None:
        return
    kind, size = shape_of(chosen.run, schemas)
    if kind != "images":
        _net(chosen, made, size)
        return
    file = png(made["x"])
    height, width = made["x"].shape[-2:]
    left, right = st.columns([5, 2], gap="large")
    with left:
        figure(
            sheet(
                file,
                _values(made["across"]),
                _values(made["up"][::-1]) if "up" in made else [""],
                across=f"unit {units[0]}",
                down=f"unit {units[1]}" if len(units) > 1 else "",
                ratio=height / width,
                height=640 if len(units) > 1 else 170,
            ),
            key="grid-sheet",
            alt=f"{n} images on each side, decoded while {' and '.join(f'unit {u}' for u in units)} change.",
        )
    with right:
        _about_grid(made, units, spacing, split)
        save("PNG", lambda: file, f"grid-{chosen.run.id[:6]}.png", "image/png", key="grid-png")


def _unit(label: str, best: list[int], place: int) -> int:
    # Another run has another number of units, and others of them say most.
    key = f"grid-unit-{place}-{len(best)}"
    return st.selectbox(
        label, best, index=place, format_func=lambda u: f"unit {u}", key=key, width=130
    )


def _values(values: np.ndarray) -> list[str]:
    """Rising or falling values, told apart by as many decimals as that takes; no zero is negative."""
    step = float(np.abs(np.diff(values)).min(initial=np.inf))
    decimals = int(np.clip(1 - np.floor(np.log10(step)), 0, 9)) if 0 < step < np.inf else 2
    return [f"{value + 0.0:.{decimals}f}" for value in np.round(values, decimals)]


def _about_grid(made: dict[str, Any], units: list[int], spacing: str, split: str) -> None:
    others = made["units"] - len(units)
    st.markdown("Every image is what the decoder makes of the code at its place.")
    if others:
        st.markdown(f"The other {others} unit{'s' * (others > 1)} stand at the mean code.")
    ways = {
        "codes": "Evenly spaced over the inner 98 % of the codes.",
        "prior": "Spaced by the prior's quantiles: each image stands for an equal share of what the prior draws "
        "(Kingma & Welling 2014, figure 4).",
    }
    st.caption(f"{ways[spacing]} Codes of {made['count']:,} examples of the {split} split.")


def _net(chosen: Chosen, made: dict[str, Any], size: int) -> None:
    """The grid of a model of points: a net through the data, or a line."""
    if size > 3:
        needs_images("The grid")
        return
    known = answered("walk_examples", run=chosen.run.id, n=256)
    if known is None:
        return
    flat = made["x"].shape[0] == 1
    values = made["x"][0] if flat else made["x"]
    in_space(
        known["x"],
        {"decoded grid": ("curve" if flat else "surface", values, GENERATED)},
        key="grid-space",
        view=chosen.run.id,
        alt="The data, and the net that the decoder makes of a regular grid of codes.",
    )


def row_controls(chosen: Chosen, schemas, split: str, images: bool) -> dict[str, Any]:
    """Of how many units, how far, and from where: arguments of ``traversals``."""
    start = MEAN
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        most = st.selectbox("Units", ROWS, index=1, key="traverse-most", width=110)
        reach = st.select_slider(
            "How far",
            REACHES,
            value=3.0,
            key="traverse-reach",
            format_func=lambda k: f"±{k:g} σ",
            width=180,
        )
        spacing = spacing_control(chosen, schemas, "traverse-spacing")
        if images:
            start = st.segmented_control(
                "The other units from",
                (MEAN, IMAGE),
                default=MEAN,
                required=True,
                key="traverse-from",
            )
    position = (
        beginning(chosen.run.id, split, "traverse-start", "Images to begin from.")
        if start == IMAGE
        else None
    )
    return {"most": most, "reach": reach, "spacing": spacing, "position": position}


def rows(chosen: Chosen, schemas, split: str, y: int | None) -> dict[str, Any] | None:
    """One row for each unit; returns what was asked, which also says which units the grid begins with."""
    kind, size = shape_of(chosen.run, schemas)
    images = kind == "images"
    asked = row_controls(chosen, schemas, split, images)
    found = answered(
        "traversals",
        "The rows are being decoded",
        **about(chosen),
        **asked,
        split=split,
        y=y,
        n=COLUMNS if images else FINE,
    )
    if found is None:
        return None
    if images:
        _sheet(chosen, found, asked["spacing"])
    else:
        _curves(chosen, found, size)
    _about_rows(found, split)
    return found


def _sheet(chosen: Chosen, found: dict[str, Any], spacing: str) -> None:
    height, width = found["x"].shape[-2:]
    file = png(found["x"], gap=max(width // GAP, 1))
    names = [
        f"unit {u} · {_measure(found, u)}{' · collapsed' * bool(found['collapsed'][u])}"
        for u in found["order"]
    ]
    whose = "of its codes, from their mean" if spacing == "codes" else "of the prior, from 0"
    drawn = sheet(
        file,
        [f"{k:+.1f}" if k else "0" for k in found["at"]],
        names,
        across=f"value of the unit, in standard deviations {whose}",
        down="",
        ratio=height / width,
        height=90 + 62 * len(names),
    )
    drawn.update_layout(margin={"l": 230 if found["collapsed"][found["order"]].any() else 150})
    figure(
        drawn,
        key="traverse-sheet",
        alt=f"A row of images for each of {len(names)} units: {'; '.join(names)}.",
    )
    save(
        "PNG", lambda: file, f"traversals-{chosen.run.id[:6]}.png", "image/png", key="traverse-png"
    )


def _curves(chosen: Chosen, found: dict[str, Any], size: int) -> None:
    """How each unit moves a point: a curve through the data."""
    if size > 3:
        needs_images("This view")
        return
    known = answered("walk_examples", run=chosen.run.id, n=256)
    if known is None:
        return
    curves = {
        f"unit {unit}": ("curve", found["x"][row], LINES[1 + row % (len(LINES) - 1)])
        for row, unit in enumerate(found["order"])
    }
    in_space(
        known["x"],
        curves,
        key="traverse-space",
        view=chosen.run.id,
        alt="The data, and for each unit the curve along which it moves the decoded point.",
    )


def _measure(found: dict[str, Any], unit: int) -> str:
    value = number(float(found["interest"][unit]))
    return f"{value} nats" if found["measure"] == "kl" else f"variance {value}"


def _about_rows(found: dict[str, Any], split: str) -> None:
    by, rule = {
        "kl": ("mean KL from the prior, in nats per example (exact)", "that is below 0.01 nats"),
        "variance": (
            "variance, as this model gives no KL",
            "its standard deviation is at most 1 % of the liveliest unit's",
        ),
    }[found["measure"]]
    dead, units = int(found["collapsed"].sum()), len(found["interest"])
    st.markdown(f"Units in use: **{units - dead} of {units}**; collapsed: **{dead}**.")
    if dead == units:
        st.info(
            "Every unit is collapsed: the code says nothing of an example, and all images are nearly the same."
        )
    st.caption(
        f"Units by their {by}, over {found['count']:,} examples of the {split} split. A unit is collapsed where "
        f"{rule}: it says the same of every example, and its row should not change."
    )


def body(chosen: Chosen, schemas) -> None:
    """The grid above, the rows below; the grid begins with the units that say most."""
    st.markdown("### The grid")
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    with row:
        split = choose_split()
        y = choose_class(chosen.run)
    above = st.container()
    st.markdown("### One row for each unit")
    found = rows(chosen, schemas, split, y)
    if found is not None:
        with above:
            grid(chosen, schemas, split, y, found, row)

"""Several models on the same images, and the error against the size of the code."""

from typing import Any

import numpy as np
import streamlit as st

from core.figures import palette
from core.figures.code_size import Family, error_by_size, in_words
from core.runs import Run
from pages.explore.sweeping import MOST, form, progress
from pages.ui.address import runs_of_address
from pages.ui.asking import answered
from pages.ui.backend import store
from pages.ui.control_bar import show_message
from pages.ui.figure import figure
from pages.ui.gallery import gallery
from pages.ui.warming import when_ready
from pages.ui.words import ACTIVE, dataset_title, model_title, number

SHOWN = 12
IMAGES_AS = {"images": "pixel", "points": "coordinate"}


def families(found: dict[str, Any], schemas) -> list[Family]:
    """A line a model family, its sizes rising; the same size several times becomes their mean."""
    lines = []
    names = list(dict.fromkeys(one["model"] for one in found["runs"]))
    for name, colour in zip(names, palette.LINES * 4, strict=False):
        errors: dict[int, list[float]] = {}
        for one in found["runs"]:
            if one["model"] == name:
                errors.setdefault(one["latent_dim"], []).append(one["test_mse"])
        sizes = sorted(errors)
        means = np.array([np.mean(errors[size]) for size in sizes])
        lines.append(Family(model_title(schemas, name), np.array(sizes), means, colour))
    return lines


def chart(found: dict[str, Any], schemas, kind: str) -> None:
    """The error against the size of the code, exact PCA dashed below it."""
    unit = f"test MSE per {IMAGES_AS[kind]}"
    lines = families(found, schemas)
    exact = None
    if len(found["pca_sizes"]):
        exact = Family("PCA, exact", found["pca_sizes"], found["pca_mse"], palette.MARK)
    st.markdown("### Error against the size of the code")
    log = st.toggle("Log scale", value=True, key="code-size-log")
    drawn = error_by_size(lines, exact, unit=unit, log=log)
    figure(drawn, key="code-size-chart", alt=in_words(lines, unit))
    st.caption(
        f"Mean squared error per {IMAGES_AS[kind]}, in squared data units, over all test examples, with the last "
        "weights of each run. Dashed: the least that any linear code of that size can reach (PCA's closed form, fitted "
        "on the training rows). A bent network may lie below it; a trained linear one never does, but for chance."
    )


def side_by_side(found: dict[str, Any], schemas) -> None:
    """The same test images through the models of one code size."""
    st.markdown("### The same images through every model")
    sizes = sorted({one["latent_dim"] for one in found["runs"]})
    size = sizes[0]
    if len(sizes) > 1:
        size = st.select_slider("Numbers in the code", sizes, key="code-size-shown")
    chosen = [one for one in found["runs"] if one["latent_dim"] == size]
    layers = {"Original": found["x"]}
    for one in chosen:
        title = model_title(schemas, one["model"])
        same = sum(name.startswith(title) for name in layers)
        name = f"{title} ({same + 1})" if same else title
        layers[f"{name}: {number(one['test_mse'])}"] = found["x_hat"][one["index"]]
    gallery(
        layers,
        key="code-size-rows",
        alt=f"{len(found['x'])} test images, and below each what models with a code of {size} numbers restore.",
        columns=SHOWN,
        choose=False,
    )
    st.caption(
        "After each name its test MSE. Look at what a small code keeps first (the class, the slant) and what comes "
        "back only with a larger one (loops, thin strokes)."
    )


def results(runs: list[Run], schemas) -> None:
    """The chart and the rows, once nothing trains any more."""
    ready = [run for run in runs if store().states(run.id)]
    if len(ready) < len(runs):
        st.warning(
            f"{len(runs) - len(ready)} of {len(runs)} runs kept no weights and are left out.",
            icon=":material/error:",
        )
    if not ready:
        return
    found = answered(
        "code_sizes",
        "Measuring every model on the test data",
        runs=[run.id for run in ready],
        n=SHOWN,
    )
    if found is None:
        return
    kind = schemas["datasets"][ready[0].dataset]["kind"]
    if found["x"].ndim == 4:
        kind = "images"
    chart(found, schemas, kind)
    if kind == "images":
        side_by_side(found, schemas)


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Code size", anchor=False)
    st.markdown(
        "How much does an image need? Models of several families are trained with codes of several sizes on the same "
        "data, and measured on the same test images."
    )
    show_message()
    runs, missing = runs_of_address(most=MOST)
    if missing:
        some = "One run" if missing == 1 else f"{missing} runs"
        st.warning(
            f"{some} of this address cannot be found; the rest is shown.",
            icon=":material/link_off:",
        )
    if any(run.state in ACTIVE for run in runs):
        progress(runs, schemas)
    elif runs:
        st.caption(f"{len(runs)} runs on {dataset_title(schemas, runs[0].dataset)}.")
        results(runs, schemas)
    form(schemas, expanded=not runs)


when_ready(page)

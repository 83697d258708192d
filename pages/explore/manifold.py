"""PCA's plane against the autoencoder's curved surface, in 2-D and 3-D."""

from typing import Any

import numpy as np
import streamlit as st

from core.figures import palette
from pages.ui.asking import answered
from pages.ui.following import at_newest, coming, follow
from pages.ui.pick import choose_run
from pages.ui.space import Layer, space
from pages.ui.starting import Start, starts
from pages.ui.warming import when_ready
from pages.ui.words import model_title, number

EXACT = 1e-9  # of a squared data unit: an error below is rounding
STARTS = (
    Start(
        "manifold-plane",
        "A sheet through a cloud",
        "An autoencoder presses three coordinates through two, on points near a tilted plane.",
        {
            "model": "autoencoder",
            "dataset": "plane3d",
            "settings": {"encoder_sizes": [32], "latent_dim": 2, "activation": "tanh"},
        },
    ),
    Start(
        "manifold-moons",
        "One curve through two moons",
        "Two coordinates through one number: the curve must find its way along both moons.",
        {
            "model": "autoencoder",
            "dataset": "points",
            "settings": {
                "distribution": "moons",
                "encoder_sizes": [64, 64],
                "latent_dim": 1,
                "activation": "tanh",
                "steps": 6000,
            },
        },
    ),
    Start(
        "manifold-linear",
        "No bend at all",
        "A linear autoencoder on the same cloud: its plane turns until it lies in PCA's.",
        {"model": "pca", "dataset": "plane3d"},
    ),
)


def layers(found: dict[str, Any], title: str) -> list[Layer]:
    """The data, the two surfaces (or curves), and what each makes of the data."""
    drawn = [Layer("data", "points", found["x"], palette.REAL, 2.0, 0.75)]
    for name, key, colour, alpha in (
        ("PCA", "pca_surface", palette.MARK, 0.5),
        (title, "surface", palette.GENERATED, 0.6),
    ):
        if key in found:
            flat = found[key].ndim == 2
            kind, width = ("curve", 2.6) if flat else ("surface", 0.6)
            drawn.append(Layer(name, kind, found[key], colour, width, alpha + 0.4 * flat))
    made = found["x_hat"]
    drawn += [
        Layer(
            "reconstructions", "points", made, palette.GENERATED, 2.0, 0.9, "surface" not in found
        ),
        Layer(
            "ways to them",
            "links",
            np.stack([found["x"], made], 1),
            palette.GENERATED,
            0.8,
            0.5,
            False,
        ),
        Layer("PCA's reconstructions", "points", found["pca_x_hat"], palette.MARK, 2.0, 0.9, False),
    ]
    return drawn


def against(found: dict[str, Any]) -> str | None:
    """``-12 % against PCA``; None where both are the same, or PCA leaves so little that a share says nothing."""
    if found["pca_mse"] < EXACT:
        return None
    share = round(100 * (found["mse"] / found["pca_mse"] - 1))
    return f"{share:+,} % against PCA" if share else None


def numbers(found: dict[str, Any], title: str, step: int) -> None:
    """Both errors, and what they are."""
    left, right = st.columns(2)
    left.metric(title, number(found["mse"]), against(found), delta_color="inverse")
    right.metric("PCA, exact", number(found["pca_mse"]))
    st.caption(
        f"Mean squared error per coordinate, in squared data units, over all test points, after step {step:,}. "
        f"PCA has as many components as the code has numbers, fitted on the training points."
    )


def explained(found: dict[str, Any]) -> None:
    """What one sees, and what to look for."""
    if "surface" in found:
        what = "sheet" if found["surface"].ndim == 3 else "curve"
        st.markdown(
            f"**What one sees.** Grey: PCA, the flat subspace with the least squared error. Orange: what the decoder "
            f"draws when the code runs over its range, a {what} that may bend. Every point is moved to its "
            "reconstruction; *ways to them* shows how far."
        )
    else:
        st.markdown(
            "**What one sees.** The code has as many numbers as a point has, or more: there is no surface to draw, "
            "only where each point is sent."
        )
    st.markdown(
        "**What to look for.** Where the data are flat, nothing is gained by bending: a linear autoencoder ends in "
        "PCA's subspace (Baldi & Hornik 1989). Where they are curved, the bend follows them; PCA is then the flat "
        "compromise (Hinton & Salakhutdinov 2006). Beyond the data the surface runs wherever it likes."
    )


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Manifold", anchor=False)
    st.markdown(
        "PCA lays a flat line or plane through the data; an autoencoder with a code of the same size may bend it."
    )
    at_newest()
    if coming(schemas):
        return
    chosen = choose_run(schemas, {"reconstruct"}, ("points",))
    if chosen is not None:
        step = follow(chosen)
        title = model_title(schemas, chosen.run.model)
        if found := answered(
            "manifold", "Laying both through the data", run=chosen.run.id, step=step
        ):
            shown(found, title, step, chosen.run.id)
    starts(STARTS, "manifold")


def shown(found: dict[str, Any], title: str, step: int, run: str) -> None:
    """The view and, beside it, numbers and words."""
    left, right = st.columns([5, 3], gap="large")
    with left:
        space(
            layers(found, title),
            key="manifold-space",
            view=run,
            alt=(
                f"{len(found['x'])} points with PCA's flat subspace, error {number(found['pca_mse'])}, and what the "
                f"{title} makes of them, error {number(found['mse'])} (mean squared error per coordinate)."
            ),
        )
    with right:
        numbers(found, title, step)
        explained(found)


when_ready(page)

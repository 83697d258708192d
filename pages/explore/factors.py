"""Disentanglement: does each known factor of the data have a unit of the code to itself?"""

from typing import Any

import numpy as np
import streamlit as st

from core.figures import factors as figures
from pages.ui.asking import answered
from pages.ui.figure import figure
from pages.ui.following import follow
from pages.ui.pick import Chosen
from pages.ui.starting import Start, starts

PAGE, VIEW = "latent", "Disentanglement"
SPLIT = "test"
VAE = {
    "latent_dim": 10,
    "encoder_sizes": [400, 400],
    "likelihood": "bernoulli",
    "binarise": "fixed",
    "steps": 6000,
}
STARTS = (
    Start(
        "factors-vae",
        "Ten units for five factors",
        "A variational autoencoder on drawn shapes: which unit holds the size, which the place? One to two minutes.",
        {"model": "vae", "dataset": "shapes", "settings": {**VAE, "beta": 1.0}},
    ),
    Start(
        "factors-beta",
        "The same under a stronger pull",
        "β = 4: each nat in the code costs four times as much. Fewer units speak, perhaps of one thing each.",
        {"model": "vae", "dataset": "shapes", "settings": {**VAE, "beta": 4.0}},
    ),
)
TEXT = r"""
**What you see.** Each cell is the mutual information $I(z_j; v_k)$ of a unit and a factor, as a share of the factor's
entropy $H(v_k)$: 100 % where the unit alone tells the factor. A disentangled code has one dark cell in each column
and no second one.

**What to look for.** A larger β often darkens single cells and empties units, while images lose detail. Nothing
in the loss asks for it, though: a code that is turned by any angle has the same prior and may reconstruct as well
(Locatello et al. 2019), so another seed may part the same factors differently.
"""


def body(chosen: Chosen, schemas: dict[str, Any]) -> None:
    """The view of one run: both scores and the heat map; an invitation where its data have no known factors."""
    del schemas
    found = answered(
        "disentanglement",
        "The code is being set against the factors",
        run=chosen.run.id,
        step=follow(chosen),
        split=SPLIT,
    )
    if found is None:
        return
    if not found["factors"]:
        st.markdown(
            "These data have no known factors to set the code against: the scores need data that were drawn from some."
        )
        starts(STARTS, PAGE, view=VIEW)
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        _map(found)
    with right:
        _scores(found)
        _gaps(found)
    st.markdown(TEXT)


def _share(found: dict[str, Any]) -> np.ndarray:
    return found["information"] / found["entropy"]


def _map(found: dict[str, Any]) -> None:
    st.markdown("**What each unit knows of each factor**")
    share = _share(found)
    figure(
        figures.information(share, found["information"], found["active"], found["factors"]),
        key="information",
        alt=figures.in_words(share, found["factors"]),
    )
    st.caption(
        f"In each cell the share of the factor's entropy, an estimate from {found['count']:,} examples of the {SPLIT} "
        f"split. A unit and a factor that have nothing in common come to about {found['chance']:.3f} nats, not to 0."
    )


def _scores(found: dict[str, Any]) -> None:
    one, other = st.columns(2)
    one.metric("Mutual information gap", f"{found['mutual_information_gap']:.3f}")
    other.metric("FactorVAE score", f"{found['factor_vae_score']:.3f}")
    gap, votes = found["protocols"]
    st.caption(f"Estimates on the {SPLIT} split, from 0 to 1. **Gap**: {gap}. **Score**: {votes}.")


def _gaps(found: dict[str, Any]) -> None:
    """The gap of each factor, and the two units that it lies between."""
    share = _share(found)
    lines = ["| Factor | Best unit | Second | Gap |", "| --- | --- | --- | --- |"]
    for k, name in enumerate(found["factors"]):
        ranked = np.argsort(-share[:, k], kind="stable")[:2]
        cells = [f"{unit} ({share[unit, k]:.0%})" for unit in ranked] + ["none"]
        lines.append(f"| {name} | {cells[0]} | {cells[1]} | {found['gaps'][k]:.2f} |")
    st.markdown("\n".join(lines))

"""Denoising on a plane: the field from damaged to clean, and points that are damaged and sent back."""

import numpy as np
import streamlit as st

from core import arrays
from core.figures import palette
from core.runs import Run
from pages.ui.asking import answered
from pages.ui.backend import store
from pages.ui.damage import Damage
from pages.ui.picture import live_picture, still_picture
from pages.ui.space import Layer, space
from pages.ui.words import class_names, number

POINTS = 200


def field(run: Run, step: int) -> None:
    """The vector field over the data, on a time slider and live."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        if _has_field(run):
            live_picture(
                run,
                class_names(run),
                key=f"field-{run.id}",
                fork=False,
                only=("Field",),
                nothing="The field follows with the first picture.",
            )
        elif found := answered("vector_field", "Asking for the field", run=run.id, step=step):
            names = {"x": "x", "grid": "grid", "restored": "field"}
            still_picture({new: found[old] for old, new in names.items()}, [], key="field-still")
    with right:
        st.markdown(
            "**What one sees.** Each arrow starts at a place $x$ and points to where the model sends it, its "
            "reconstruction $r(x)$ (half of the way is drawn, long ones are cut); the thin lines follow the arrows. "
            "A denoising autoencoder learns to send noisy points back, so the arrows lead to where the data lie thick:"
        )
        st.latex(r"r(x) - x \;\approx\; \sigma^2 \, \nabla_x \log p(x)")
        st.markdown(
            "for Gaussian noise of small standard deviation $\\sigma$ and a network that can bend enough (Vincent et "
            "al. 2010, *Stacked denoising autoencoders*; Alain & Bengio 2014, *What regularized auto-encoders learn "
            "from the data-generating distribution*).\n\n"
            "**What to look for.** Arrows that shorten as they reach the data; the ridge between two arms where they "
            "part; places far out, where no noisy point ever came and the field means nothing."
        )


def _has_field(run: Run) -> bool:
    """Whether the run's snapshots hold a field; a run that has just begun will show."""
    kept = store().snapshots(run.id)
    return (
        not kept or "grid" in arrays.unpack(store().snapshot_path(run.id, kept[0]).read_bytes())[0]
    )


def points(run: Run, step: int, damage: Damage) -> None:
    """Test points, damaged and restored, with the way that each has come."""
    st.markdown("### Damaged and restored")
    found = answered(
        "reconstructions",
        "Restoring the test points",
        run=run.id,
        step=step,
        order="first",
        n=POINTS,
        corruption=damage.kind,
        level=damage.level,
    )
    if found is None:
        return
    damaged = found.get("corrupted", found["x"])
    ways = np.stack([damaged, found["x_hat"]], axis=1)
    space(
        [
            Layer("original", "points", found["x"], palette.REAL, 2.0, 0.6),
            Layer("way", "links", ways, palette.MARK, 1.0, 0.6),
            Layer("damaged", "points", damaged, palette.MARK, 2.0, 0.9),
            Layer("restored", "points", found["x_hat"], palette.GENERATED, 2.4, 0.9),
        ],
        key="denoise-points",
        view=run.id,
        alt=f"{len(damaged)} test points, where the damage puts them, and where the model sends them back.",
    )
    st.caption(
        f"Squared error of a restored point, mean over {found['count']:,} test points, after step {step:,}: "
        f"**{number(found['mean'])}** (noise from seed 0)."
    )

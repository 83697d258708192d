"""Why the KL term: the same data and seed trained with β = 0 and with β = 1, side by side, live."""

from typing import Any

import streamlit as st

from core.figures import palette
from core.runs import Run
from pages.ui.address import runs_of_address
from pages.ui.backend import jobs
from pages.ui.control_bar import attempt, show_message
from pages.ui.following import time_left, watched
from pages.ui.picture import Track, live_picture, run_heading, shared_time
from pages.ui.starting import described
from pages.ui.visitor import owner
from pages.ui.warming import when_ready
from pages.ui.words import ACTIVE, class_names, run_title

BETAS = (0.0, 1.0)
STEPS = 4000
TOGETHER = "kl-term"
PANELS = ("Codes", "Square", "Samples")
STRIPS = (("mean σ",), ("kl",))
WHAT = r"""
A variational autoencoder gives every image not a point but a cloud of codes, a Gaussian with mean $\mu$ and standard
deviation $\sigma$, and asks the decoder to restore the image from any place in it:
"""
OBJECTIVE = r"""
\mathcal L(\mathbf x) \;=\; \underbrace{-\,\mathbb E_{q(\mathbf z|\mathbf x)}\bigl[\ln p(\mathbf x\,|\,\mathbf z)\bigr]}
_{\text{reconstruction}} \;+\; \beta \;\underbrace{\tfrac12 \textstyle\sum_j \bigl(\mu_j^2 + \sigma_j^2 - 1 - \ln
\sigma_j^2\bigr)}_{\text{KL to the prior } \mathcal N(0, I)}
"""
TEXT = r"""
**β = 0: nothing asks for a cloud.** A narrow cloud is easier to restore from, so $\sigma$ falls towards 0 (left curve)
and the soft ellipses shrink to points; to keep images apart the codes move far out, and the KL (right curve) grows.
What is left is a plain autoencoder. Between the codes lie holes that no training image ever reached: samples from the
prior fall where they fall, and many look like nothing.

The square shows the same part of both codes, three units around the origin, where the prior is.

**β = 1: two forces in balance.** $-\ln \sigma_j^2$ keeps every cloud from collapsing and $\mu_j^2$ keeps it near the
origin; the reconstruction pulls clouds apart as far as it pays. The clouds touch and fill the prior's circles, so every
place of the square decodes to something and samples look like digits. The price is a blurrier restoration: compare the
terms *reconstruction sum* in the curves.

Kingma & Welling 2014, *Auto-encoding variational Bayes*, appendix B for the KL; Higgins et al. 2017, *beta-VAE*, for β.
"""
PROTOCOL = (
    "Mean σ: over both units and 1,000 examples (test first, then validation and train), in code units, at the kept "
    "moments. KL: exact, in nats per example, summed over both units; train: mean over the batches, validation: mean "
    "over the split. Both runs have the same seed, hence the same first weights and the same order of examples."
)


def start() -> None:
    """Queue both as one group, which one worker trains by turns, and show them."""

    def submit() -> list[str]:
        settings = {"latent_dim": 2, "encoder_sizes": [400], "steps": STEPS}
        specs = [
            described({"model": "vae", "dataset": "digits", "settings": {**settings, "beta": beta}})
            for beta in BETAS
        ]
        return jobs().submit(specs, owner(), group=True)

    if found := attempt(submit):
        st.session_state["_go"] = ("kl-term", {"runs": ",".join(found)})


def offer(first: bool) -> None:
    """The one click."""
    st.button(
        "Train both" if first else "Train both again",
        type="primary" if first else "secondary",
        icon=":material/play_arrow:",
        key="kl-start",
        on_click=start,
    )
    if first:
        st.caption(
            f"Two variational autoencoders on 1,797 handwritten digits, {STEPS:,} steps each: about twenty seconds."
        )


def name_of(run: Run, schemas: dict[str, Any]) -> str:
    """``β = 0``, or a title where the run has no β."""
    beta = run.spec.config.get("beta")
    return run_title(run, schemas) if beta is None else f"β = {beta:g}"


def progress(now: list[Run]) -> None:
    """How far both are."""
    total = sum(run.total_steps or run.spec.training.steps for run in now)
    done = sum(run.steps for run in now)
    share = min(1.0, done / max(total, 1))
    words = f"step **{done:,}** of {total:,}, both together{time_left(now, share)}"
    waiting = all(run.state == "queued" for run in now)
    st.progress(share, text="Waiting for a free worker" if waiting else words)


def side_by_side(runs: list[Run], schemas: dict[str, Any]) -> None:
    """The shared slider with both curves, and each run's codes, square and samples."""
    tracks = [
        Track(run.id, name_of(run, schemas), colour)
        for run, colour in zip(runs, (palette.GENERATED, palette.REAL), strict=False)
    ]
    shared_time(TOGETHER, tracks, key="kl-bar", strips=STRIPS)
    for column, run, track in zip(st.columns(2, gap="large"), runs, tracks, strict=False):
        with column:
            run_heading(run, track.name, track.colour)
            live_picture(
                run,
                class_names(run),
                key=f"kl-picture-{run.id}",
                fork=False,
                only=PANELS,
                together=TOGETHER,
                fetch="at once",
            )


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Why the KL term", anchor=False)
    show_message()
    runs, missing = runs_of_address(most=2)
    if missing:
        st.warning(
            "Not every run of this address can be found; the rest is shown.",
            icon=":material/link_off:",
        )
    runs.sort(key=lambda run: run.spec.config.get("beta", 0.0))
    if any(run.state in ACTIVE for run in runs):
        watched(runs, progress)
    if runs:
        side_by_side(runs, schemas)
        st.caption(PROTOCOL)
        st.markdown(TEXT)
        offer(first=False)
        return
    st.markdown(WHAT)
    st.latex(OBJECTIVE)
    st.markdown(
        "What is the second term good for? Train the same network twice, without it and with it."
    )
    offer(first=True)


when_ready(page)

"""New codes: drawn from the prior or from a density fitted to the data's codes, or typed by hand."""

from typing import Any

import numpy as np
import streamlit as st

from core.export.pictures import png
from core.figures.clouds import drawn
from core.figures.palette import GENERATED
from pages.explore.coded import (
    about,
    can_sample,
    choose_class,
    in_space,
    needs_images,
    shape_of,
)
from pages.explore.examples import class_of
from pages.ui.asking import answered
from pages.ui.figure import figure
from pages.ui.gallery import gallery
from pages.ui.pick import Chosen
from pages.ui.saving import save
from pages.ui.words import number

SOURCES = {
    "prior": "the prior",
    "diagonal": "each unit alone",
    "full": "one Gaussian",
    "mixture": "a mixture",
}
WHAT = {
    "prior": "The prior that the model was trained for",
    "diagonal": "A Gaussian for each unit of the code, without their correlations, fitted",
    "full": "One Gaussian with all correlations, fitted",
    "mixture": "A mixture of full Gaussians, fitted by EM",
}
COUNTS = (12, 24, 48, 96)
COMPONENTS = (2, 3, 5, 10, 20, 50)
NEAREST, REAL = "the nearest training image", "real images"
SEED = "sampling-seed"
TEXT = r"""
**What you see.** A code is drawn and decoded. A VAE is trained so that codes of the prior decode to something like the
data. A plain autoencoder's codes lie anywhere, with empty places between them: a density fitted to them afterwards
makes a generative model of it (Ghosh et al. 2020, *From variational to deterministic autoencoders*), a poor one where
the density puts codes into places that the decoder has never seen. The looser the density, the more of them.

**What to look for.** Orange dots where there are no blue ones decode to what is no digit and no shirt. A drawn image
much nearer to a training image than real ones are is a copy.
"""


def controls(chosen: Chosen, schemas) -> dict[str, Any]:
    """From where codes are drawn, how many, and with which noise."""
    sources = [name for name in SOURCES if name != "prior" or can_sample(chosen.run, schemas)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        source = st.segmented_control(
            "Codes from",
            sources,
            format_func=SOURCES.get,
            default="prior" if "prior" in sources else "full",
            required=True,
            key=f"sampling-source-{len(sources)}",
        )
        components = 10
        if source == "mixture":
            components = st.selectbox(
                "Gaussians", COMPONENTS, index=3, key="sampling-components", width=110
            )
        n = st.selectbox("How many", COUNTS, index=1, key="sampling-n", width=110)
        y = choose_class(chosen.run)
        st.button("Other noise", icon=":material/casino:", key="sampling-again", on_click=_again)
    return {
        "source": source,
        "components": components,
        "n": n,
        "seed": st.session_state.get(SEED, 0),
        "y": y,
    }


def _again() -> None:
    st.session_state[SEED] = st.session_state.get(SEED, 0) + 1


def samples(chosen: Chosen, schemas, asked: dict[str, Any]) -> None:
    """What the drawn codes decode to, beside real or nearest images, and where they lie."""
    found = answered("density_samples", "Codes are being drawn", **about(chosen), **asked)
    if found is None:
        return
    kind, size = shape_of(chosen.run, schemas)
    left, right = st.columns([3, 2], gap="large")
    with left:
        if kind == "images":
            _images(chosen, found)
        elif size > 3:
            needs_images("The picture of drawn examples")
        elif (known := answered("walk_examples", run=chosen.run.id, n=256)) is not None:
            in_space(
                known["x"],
                {"drawn": ("points", found["x"], GENERATED)},
                key="sampling-space",
                view=chosen.run.id,
                alt=f"{len(found['x'])} drawn points over points of the data.",
            )
    with right:
        figure(
            drawn(found["cloud"], found["drawn"], found["axes"], what="drawn codes"),
            key="sampling-cloud",
            alt=f"{len(found['drawn'])} drawn codes over {len(found['cloud'])} codes of training examples.",
        )
        _numbers(found, asked["source"])


def _images(chosen: Chosen, found: dict[str, Any]) -> None:
    beside = st.segmented_control(
        "Below each", (NEAREST, REAL), default=NEAREST, required=True, key="sampling-beside"
    )
    near = beside == NEAREST
    far = found["near_distance"] if near else found["real_distance"]
    other = (
        {"Nearest training image": found["near_x"]} if near else {"Real test image": found["real"]}
    )
    gallery(
        {"Drawn": found["x"], **other},
        [number(one) for one in far],
        details=[
            f"{number(one)} from training image {index:,}"
            if near
            else f"the real one: {number(one)} from a training image"
            for one, index in zip(far, found["near_index"], strict=True)
        ],
        key="sampling-images",
        alt=f"{len(far)} images decoded from drawn codes, each above {beside.removeprefix('the ')}.",
        columns=8,
        choose=False,
    )
    whose = "the drawn image" if near else "the real image"
    st.caption(
        f"Under each: Euclidean distance of {whose} from its nearest among {found['count']:,} training images, pixels "
        f"from 0 to 1. Mean: **{number(found['near_distance'].mean())}** for drawn images, "
        f"**{number(found['real_distance'].mean())}** for as many real test images."
    )
    save(
        "PNG",
        lambda: png(found["x"][None], gap=2),
        f"samples-{chosen.run.id[:6]}.png",
        "image/png",
        key="sampling-png",
    )


def _numbers(found: dict[str, Any], source: str) -> None:
    fitted = "" if source == "prior" else f" to the codes of {found['fitted']:,} training examples"
    st.markdown(f"{WHAT[source]}{fitted}.")
    if found["nats"] is None:
        st.caption(
            "It draws entries of the codebook: there is no density of numbers to be measured or shown."
        )
        return
    st.markdown(
        f"Mean log density of the test codes: **{number(found['nats'])} nats** per example."
    )
    st.caption(
        "Exact, of the mean codes of the test split: higher is a better fit to this run's codes. Between runs it says "
        "nothing, as each has units of its own."
    )


def typed(chosen: Chosen, schemas, y: int | None) -> None:
    """A code typed by hand, decoded, beside the training example whose code is nearest."""
    st.markdown("### Type a code")
    text = st.text_input(
        "Code",
        key="sampling-typed",
        placeholder="As many numbers as the code has, such as [-1, 5]",
        width=480,
    )
    if not text.strip():
        st.markdown(
            ":material/keyboard: Type any code, also one far from the data: the decoder always answers."
        )
        return
    found = answered("typed_code", "The code is being decoded", **about(chosen), text=text, y=y)
    if found is None:
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        _typed_pictures(found, shape_of(chosen.run, schemas)[0])
    with right:
        figure(
            drawn(found["cloud"], found["drawn"], found["axes"], what="typed code"),
            key="sampling-typed-cloud",
            alt="The typed code over codes of training examples.",
        )


def _typed_pictures(found: dict[str, Any], kind: str) -> None:
    if kind == "images":
        name = class_of(found["near_y"], found["classes"])
        gallery(
            {"": np.concatenate([found["x"], found["near_x"]])},
            ["decoded", f"nearest code: {f'class {name}' if name else found['near_index']}"],
            key="sampling-typed-images",
            alt="The decoded code, and the training image whose code is nearest.",
            columns=4,
            choose=False,
        )
    else:
        st.markdown(f"Decoded: **{', '.join(number(v) for v in found['x'][0])}** in data units.")
    st.markdown(
        f"The nearest training code is **{number(found['near_distance'])}** away; that of a test example is "
        f"typically {number(found['usual'])} away."
    )
    st.caption(
        f"Euclidean distance in the code, among {found['count']:,} training examples; the typical one is the "
        "median over test examples. Far from all codes the decoder was never trained: it continues what it knows."
    )


def body(chosen: Chosen, schemas) -> None:
    """Drawn codes, then a typed one."""
    asked = controls(chosen, schemas)
    samples(chosen, schemas, asked)
    typed(chosen, schemas, asked["y"])
    st.markdown(TEXT)

"""Damage, restore, and damage again; the field that pulls points back to the data."""

from typing import Any

import numpy as np
import streamlit as st

from core.figures.images import magnitude
from core.runs import Run
from pages.explore.examples import chosen_image, keep_image, place_of
from pages.explore.plane import field, points
from pages.ui.asking import answered
from pages.ui.damage import KINDS, Damage, choose_damage
from pages.ui.following import at_newest, coming, follow
from pages.ui.gallery import gallery
from pages.ui.pick import choose_run
from pages.ui.sketch import sketch
from pages.ui.starting import Start, starts
from pages.ui.warming import when_ready
from pages.ui.words import number

ROWS, TRIES, LINKS = 12, 64, 12
SEED = "denoise-seed"
DRAWN, FOUND = "My own drawing", "An image of the rows"
STARTS = (
    Start(
        "denoise-digits",
        "Digits with holes",
        "An autoencoder learns to fill in 30 % of the pixels.",
        {
            "model": "autoencoder",
            "dataset": "digits",
            "settings": {"corruption": "masking", "noise_level": 0.3},
        },
    ),
    Start(
        "denoise-spiral",
        "A field around a spiral",
        "Noise is added to points on a plane, and the network learns the way back: watch the arrows turn.",
        {
            "model": "autoencoder",
            "dataset": "points",
            "settings": {
                "distribution": "spiral",
                "corruption": "gaussian",
                "noise_level": 0.2,
                "encoder_sizes": [128, 128],
                "activation": "tanh",
                "steps": 6000,
            },
        },
    ),
)


def rows(run: Run, step: int, damage: Damage) -> dict[str, Any] | None:
    """Original, damaged, restored: the first test images. A click chooses one, kept in the address."""
    st.markdown("### Damaged and restored")
    found = answered(
        "reconstructions",
        "Restoring the test images",
        run=run.id,
        step=step,
        order="first",
        n=ROWS,
        corruption=damage.kind,
        level=damage.level,
    )
    if found is None:
        return None
    damaged = found.get("corrupted", found["x"])
    before = np.square((damaged.astype(np.float32) - found["x"]) / 255).reshape(len(damaged), -1)
    chosen = gallery(
        {"Original": found["x"], "Damaged": damaged, "Restored": found["x_hat"]},
        [number(error) for error in found["error"]],
        details=[
            f"Image {index}: squared error {number(was)} as damaged, {number(error)} as restored"
            for index, was, error in zip(found["index"], before.sum(1), found["error"], strict=True)
        ],
        key="denoise-rows",
        alt=f"{len(damaged)} test images, each above its damaged and its restored version.",
        marked=_place(found["position"]),
        columns=ROWS,
    )
    if chosen is not None:
        keep_image(int(found["position"][chosen]))
    st.caption(
        f"Under each: the squared error of the restored image, summed over its pixels (0 to 1). Its mean over "
        f"{found['count']:,} test images is **{number(found['mean'])}** (noise from seed 0). Click one to look closer."
    )
    return found


def _place(positions: np.ndarray) -> int:
    """Which of the rows the address names; the first where it names none."""
    return place_of(chosen_image(), positions) or 0


def one_image(run: Run, step: int, damage: Damage, found: dict[str, Any]) -> None:
    """One image, damaged 64 times, and the chain; the image is one of the rows or drawn by hand."""
    st.markdown("### One image, damaged 64 times")
    grey = found["x"].shape[1] == 1
    about: dict[str, Any] | None = {"position": int(found["position"][_place(found["position"])])}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        source = FOUND
        if grey:
            source = st.segmented_control(
                "Which image",
                (FOUND, DRAWN),
                default=FOUND,
                required=True,
                key="denoise-source",
            )
        st.button("Other noise", icon=":material/casino:", key="denoise-again", on_click=_again)
    if source == DRAWN:
        drawn = sketch(found["x"].shape[-2:], key="denoise-sketch")
        about = None if drawn is None else {"x": drawn}
    if about is None:
        st.info("Draw a digit: the model restores it as it does those of the data.")
        return
    about |= {"run": run.id, "step": step, "seed": st.session_state.get(SEED, 0)}
    about |= {"kind": damage.kind, "level": damage.level}
    spread(about)
    chain(about)


def _again() -> None:
    st.session_state[SEED] = st.session_state.get(SEED, 0) + 1


def spread(about: dict[str, Any]) -> None:
    """The 64 restorations, their mean and how far they differ."""
    found = answered("corruptions", "Damaging it 64 times", n=TRIES, **about)
    if found is None:
        return
    left, right = st.columns([2, 5], gap="large")
    most = float(found["spread"].max())
    images = np.concatenate([found["x"], found["mean"]])
    images = np.broadcast_to(images, (2, 3, *images.shape[2:]))
    with left:
        gallery(
            {"": np.concatenate([images, magnitude(found["spread"])])},
            ["the image", "mean of the 64", f"their spread, up to {most:.2f}"],
            key="denoise-spread",
            alt="The image, the mean of its 64 restorations, and their standard deviation at each pixel.",
            columns=3,
            choose=False,
        )
        st.markdown(
            f"Squared error per restoration: **{number(float(found['errors'].mean()))}** on average, from "
            f"{number(float(found['errors'].min()))} to {number(float(found['errors'].max()))}. Where the spread is "
            "dark, what is left of the image does not decide what belongs there."
        )
    with right:
        gallery(
            {"Damaged": found["corrupted"], "Restored": found["restored"]},
            key="denoise-tries",
            alt=f"{TRIES} damaged versions of the image, each above what the model restores.",
            columns=16,
            choose=False,
        )


def chain(about: dict[str, Any]) -> None:
    """Damage, restore, damage the restored, and so on."""
    st.markdown("### Damage, restore, damage again")
    found = answered("chain", "Following the chain", n=LINKS, **about)
    if found is None:
        return
    gallery(
        {"Damaged": found["corrupted"], "Restored": found["restored"]},
        [str(k) for k in range(1, len(found["restored"]) + 1)],
        key="denoise-chain",
        alt="A strip: each image is the damaged restoration before it, and below it what the model restores.",
        columns=LINKS,
        choose=False,
    )
    st.caption(
        "Each restored image is damaged anew. A model that has learnt the data drifts to other images that look like "
        "them; one that has not drifts away. (Bengio, Yao, Alain & Vincent 2013, *Generalized denoising auto-encoders "
        "as generative models*.)"
    )


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Denoising", anchor=False)
    st.markdown(
        "Damage an input and see what the model makes of it. One that was trained to undo damage has learnt where "
        "the data lie, and pulls what was damaged back there."
    )
    at_newest()
    if coming(schemas):
        return
    chosen = choose_run(schemas, {"reconstruct"})
    if chosen is not None:
        body(schemas, chosen)
    starts(STARTS, "denoising")


def body(schemas, chosen) -> None:
    """The parts for a run on images or on points."""
    run, step = chosen.run, follow(chosen)
    kind = (run.environment.get("data_spec") or {}).get("kind")
    if (kind or schemas["datasets"][run.dataset]["kind"]) == "images":
        damage = choose_damage(run, list(KINDS))
        if (found := rows(run, step, damage)) is not None:
            one_image(run, step, damage, found)
        return
    if (run.environment.get("data_spec") or {}).get("shape", [2]) == [2]:
        field(run, step)
    points(run, step, choose_damage(run, ["gaussian", "masking", "dropout"]))


when_ready(page)

"""How one image moves through the network."""

import math
from typing import Any

import numpy as np
import streamlit as st

from core.figures.images import signed
from pages.explore.examples import chosen_image, class_of, keep_image, place_of
from pages.explore.layer_kinds import PLAIN, kind_of
from pages.ui.asking import answered
from pages.ui.gallery import gallery
from pages.ui.pick import Chosen, choose_run
from pages.ui.warming import when_ready
from pages.ui.words import number

OFFERED = 16
# What bends each number on its own is shown with the layer before it.
BENDS = (
    "ReLU",
    "LeakyReLU",
    "ELU",
    "SELU",
    "GELU",
    "SiLU",
    "Tanh",
    "Sigmoid",
    "Softplus",
    "Softmax",
)
BENDS += ("BatchNorm1d", "BatchNorm2d")
MAPS, ACROSS, WRITTEN = 64, 64, 12
IMAGE_WIDTH = 170
# Across a strip, in CSS pixels: a unit of a long one, at most a unit of a short one, and that whole.
CELL, LARGEST, WIDE = 18, 44, 700
TEXT = r"""
**What you see.** One image on its way: the output of every layer,
$\mathbf h_l = \varphi(W_l \mathbf h_{l-1} + \mathbf b_l)$, positive orange, negative blue, zero the colour of paper,
each layer on its own scale. Vectors are strips with a cell for each unit, feature maps are small images.

**What to look for.** The narrowest place is the code: all that the decoder is given. After a ReLU much is zero; after
a tanh many units sit at an end and say little more than yes or no.
"""


def shown_layers(layers: list[dict[str, Any]], every: bool = False) -> list[dict[str, Any]]:
    """The layers worth seeing, in order, each with ``label``; with ``every`` also what comes before an activation."""
    found: list[dict[str, Any]] = []
    for layer in layers:
        kind = kind_of(layer)
        if kind in PLAIN or not layer["shape"]:
            continue
        fresh = {**layer, "label": kind}
        if not every and found and kind in BENDS and found[-1]["group"] == layer["group"]:
            fresh["label"] = f"{found[-1]['label']} → {kind}"
            found[-1] = fresh
        else:
            found.append(fresh)
    encoder = [layer for layer in found if layer["group"] == "encoder"]
    if encoder and encoder[-1] is not found[-1]:
        encoder[-1]["label"] += ": the code"
    return found


def strip(values: np.ndarray) -> np.ndarray:
    """A vector (d,) as an image (1, H, W) of a cell for each unit, at most 64 across; what is left over is zero."""
    across = min(len(values), ACROSS)
    rows = -(-len(values) // across)
    # As even as can be: 100 units are two rows of 50.
    across = -(-len(values) // rows)
    return np.pad(values, (0, rows * across - len(values))).reshape(1, rows, across)


def choose_image(chosen: Chosen) -> int | None:
    """The first test images to choose from; the position of the chosen one, the first by default."""
    # The question that the page of reconstructions asks first: whoever comes from there has its answer already.
    found = answered(
        "reconstructions",
        "The images are being read",
        run=chosen.run.id,
        step=chosen.step,
        split="test",
        order="first",
        n=24,
        seed=0,
    )
    if found is None:
        return None
    positions = found["position"][:OFFERED]
    position = chosen_image()
    clicked = gallery(
        {"Choose an image": found["x"][:OFFERED]},
        details=[class_of(y, found["classes"]) for y in found["y"][:OFFERED]],
        key=f"layers-{chosen.run.id}",
        alt="Test images: choose one to follow it through the network",
        marked=place_of(int(positions[0]) if position is None else position, positions),
        columns=OFFERED,
    )
    if clicked is not None:
        position = int(positions[clicked])
        keep_image(position)
    return int(positions[0]) if position is None else position


def end(title: str, images: np.ndarray, key: str) -> None:
    """The image that goes in, or the one that comes out."""
    _, channels, height, width = images.shape
    left, right = st.columns([1, 4], gap="medium", vertical_alignment="center")
    left.markdown(f"**{title}**  \n{_by((channels, height, width))}")
    with right.container(width=IMAGE_WIDTH):
        gallery({title: images}, key=key, alt=title, columns=1, choose=False)


def _by(shape: tuple[int, ...] | list[int]) -> str:
    if len(shape) == 1:
        return f"{shape[0]:,} unit{'s' if shape[0] > 1 else ''}"
    return " × ".join(map(str, shape))


def draw(layer: dict[str, Any], shape: tuple[int, ...]) -> None:
    """One layer: what it is at the left, what it says at the right; as many values as an image of ``shape`` are one."""
    values = np.asarray(layer["values"], np.float32)
    if values.ndim == 1 and values.size == math.prod(shape):
        values = values.reshape(shape)
    left, right = st.columns([1, 4], gap="medium", vertical_alignment="center")
    span = f"{number(float(values.min()))} to {number(float(values.max()))}"
    left.markdown(
        f"**{layer['label']}**  \n{_by(layer['shape'])} · {layer['group']}  \n:gray[{span}]"
    )
    with right:
        picture(layer["name"], values, f"Output of {layer['name']}, {span}")


def picture(name: str, values: np.ndarray, alt: str) -> None:
    """Feature maps (C, H, W) as small images, a sequence (T, d) as one, a vector (d,) as a strip with its numbers."""
    key = f"layer-{name.replace('.', '-')}"
    if values.ndim == 3 and len(values) in (1, 3):
        with st.container(width=IMAGE_WIDTH):
            gallery({name: signed(values[None])}, key=key, alt=alt, columns=1, choose=False)
        return
    if values.ndim == 3 and values.shape[1:] != (1, 1):
        maps = values[:MAPS, None]
        images = {f"Map of {name}": signed(maps, together=True)}
        names = [f"map {k} of {len(values)}" for k in range(len(maps))]
        gallery(images, details=names, key=key, alt=alt, columns=16, choose=False)
        return
    flat = values.ravel()
    image = values[None] if values.ndim == 2 else strip(flat)
    cell = max(CELL, min(LARGEST, WIDE // image.shape[-1]))
    with st.container(width=cell * image.shape[-1] + 10):
        gallery({name: signed(image[None])}, key=key, alt=alt, columns=1, choose=False)
    if len(flat) <= WRITTEN:
        st.markdown(" · ".join(number(float(value)) for value in flat))


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Layers", anchor=False)
    chosen = choose_run(schemas, {"reconstruct"}, ("images",))
    if chosen is None:
        return
    position = choose_image(chosen)
    if position is None:
        return
    found = answered(
        "activations",
        "The image is on its way through the network",
        run=chosen.run.id,
        step=chosen.step,
        position=position,
    )
    if found is None:
        return
    every = st.toggle(
        "Every step",
        key="every",
        help="Also what a layer gives before its activation function.",
    )
    end("The image", found["x"], "layers-in")
    for layer in shown_layers(found["layers"], every):
        draw(layer, found["x"].shape[1:])
    if "x_hat" in found:
        end("The reconstruction", found["x_hat"], "layers-out")
    st.markdown(TEXT)


when_ready(page)

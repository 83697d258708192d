"""A film in the page: frames of images that one plays or leafs through, with no server in between."""

import json
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import streamlit as st

from core import arrays
from core.errors import BadInput
from pages.ui.sources import sources

SCRIPTS = ("arrays.js", "draw.js", "film.js")


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component("latent_film", css=sources("film.css"), js=sources(*SCRIPTS))


def film(
    layers: Mapping[str, np.ndarray],
    captions: Sequence[str],
    *,
    key: str,
    alt: str,
    axis: str = "Frame",
    stops: Sequence[int] = (),
    start: int = 0,
) -> None:
    """The ``layers`` side by side, each uint8 (n, 1 or 3, H, W), frame by frame with its caption (n).

    ``axis`` names the slider, ``stops`` are frames with a mark on it, ``start`` is the first to be seen. Play goes
    there and back; the space bar, the arrows, Home and End work while the film has the focus.
    """
    counts = {len(images) for images in layers.values()} | {len(captions)}
    if len(counts) != 1 or any(images.dtype != np.uint8 for images in layers.values()):
        raise BadInput("A film needs as many uint8 images and captions in each of its layers.")
    meta = {
        "names": list(layers),
        "captions": list(captions),
        "alt": alt,
        "axis": axis,
        "stops": [int(stop) for stop in stops],
        "start": int(start),
    }
    # The page may be drawn again at any time: a film that is being watched begins anew only where it is another one.
    version = zlib.crc32(json.dumps(meta).encode())
    for images in layers.values():
        version = zlib.crc32(np.ascontiguousarray(images), version)
    stacks = {str(k): images for k, images in enumerate(layers.values())}
    _component()(key=key, data=arrays.pack(stacks, {**meta, "version": version}))

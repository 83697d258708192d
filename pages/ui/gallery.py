"""Still images that one can point at and click: every item a small stack of pictures of the same thing."""

import json
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import streamlit as st

from core import arrays
from core.errors import BadInput
from pages.ui.sources import sources

SCRIPTS = ("arrays.js", "draw.js", "gallery.js")


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component(
        "latent_gallery", css=sources("gallery.css"), js=sources(*SCRIPTS)
    )


def gallery(
    layers: Mapping[str, np.ndarray],
    captions: Sequence[str] = (),
    *,
    key: str,
    alt: str,
    details: Sequence[str] = (),
    marked: int | None = None,
    columns: int = 8,
    choose: bool = True,
) -> int | None:
    """The number of the item that the visitor has just clicked, else None; what was clicked is the page's to keep.

    ``layers`` are pictures by name, each uint8 (n, 1 or 3, H, W), stacked in this order in every item; pointing at
    one (or focus, or a tap) shows them enlarged side by side with their names. ``captions`` stand under the items,
    ``details`` (the captions by default) in the enlarged view; both have n or no entries. ``marked`` has a frame.
    At most ``columns`` items stand in a row, fewer where the page is narrow. ``alt`` says what all this is.
    """
    stacks = {str(k): _checked(name, images) for k, (name, images) in enumerate(layers.items())}
    counts = {len(images) for images in stacks.values()}
    for texts in (captions, details):
        counts |= {len(texts)} if texts else set()
    if len(counts) != 1:
        raise BadInput("A gallery needs as many pictures and captions in each of its layers.")
    meta = {
        "names": list(layers),
        "captions": list(captions),
        "details": list(details),
        "columns": columns,
        "choose": choose,
        "alt": alt,
    }
    # The page may be drawn again before the mark of the last click reaches it: what is new is told by this number.
    version = zlib.crc32(json.dumps(meta).encode())
    for images in stacks.values():
        version = zlib.crc32(np.ascontiguousarray(images), version)
    data = arrays.pack(stacks, {**meta, "marked": marked, "version": version})
    chosen = _component()(key=key, data=data, on_chosen_change=lambda: None).chosen
    return None if chosen is None else int(chosen)


def _checked(name: str, images: np.ndarray) -> np.ndarray:
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1] not in (1, 3):
        raise BadInput(
            f"{name}: pictures are uint8 (n, 1 or 3, H, W), not {images.dtype} {images.shape}."
        )
    return images

"""The pad: the latent square that one scrubs, with the data's codes on it."""

import re

import streamlit as st

from pages.ui.following import follow
from pages.ui.latent_pad import latent_pad, read_ahead
from pages.ui.pick import Chosen

AXES = re.compile(r"(units|principal|images|classes):\d{1,9}(,\d{1,9}){1,2}")
TEXT = r"""
**What one sees.** Every dot is an example $\mathbf x$ of the data at the place of its code $\mathbf z$, in the colour
of its class; the picture is what the decoder makes of the place that you point at. Around a VAE's dots lies one σ of
$q(\mathbf z \mid \mathbf x)$. *Prior*: the circles that hold 50, 90 and 99 % of the prior's draws as seen on this
square. *Voids*: places farther from every code than three times the distance that 95 % of the codes keep from their
nearest neighbour on the square.

Click a dot for its image, what the model makes of it, and its code. An image of yours, drawn, chosen, pasted or
dropped, is made as small as the data's and put where the encoder puts it.

**What to look for.** How one class turns into another between two clouds. What the decoder draws in the voids, where no
example ever was: a plain autoencoder has large ones, a VAE few, because its KL term draws all codes together and its
noise fills the gaps between them. A unit that changes nothing when its slider moves.
"""


def body(chosen: Chosen, schemas) -> None:
    """The square of the chosen run."""
    del schemas
    run, step = chosen.run, follow(chosen)
    read_ahead(run.id, step)
    asked = st.query_params.get("axes", "")
    asked = asked if AXES.fullmatch(asked) else ""
    axes = latent_pad(run.id, step, key="latent-pad", axes=asked)
    if axes != asked:
        st.query_params["axes"] = axes
    st.markdown(TEXT)

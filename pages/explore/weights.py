"""What each hidden unit looks for and draws, as it develops."""

import streamlit as st

from pages.ui.pick import choose_run
from pages.ui.picture import live_picture
from pages.ui.warming import when_ready
from pages.ui.words import class_names

NOTHING = "This run's pictures were kept without its weights: train it again, or fork it, to watch them develop."
TEXT = r"""
**What you see.** A unit of the outermost hidden layer, $h_j = \varphi(\mathbf w_j^\top \mathbf x + b_j)$, has
as many input weights as the image has pixels: drawn as an image they show what it looks for. In the decoder,
the output weights $\mathbf v_j$ in $\hat{\mathbf x} = \psi\big(\sum_j h_j \mathbf v_j + \mathbf c\big)$ of a
unit are what it draws. Each unit has its own scale.

**What to look for.** They begin as noise. Play the training: strokes and loops appear first where many images
agree. A unit that still looks like noise at the end was never needed. With tied weights both sides are the same
images; a penalty for sparseness or damaged inputs make them more local, and the activity says how few of them
speak at once.
"""


def page(schemas) -> None:
    """The whole page."""
    st.subheader("Weights", anchor=False)
    chosen = choose_run(schemas, {"filters"}, ("images",), steps=False)
    if chosen is None:
        return
    run = chosen.run
    left, right = st.columns([3, 1], gap="large")
    with left:
        live_picture(
            run,
            class_names(run),
            key=f"weights-{run.id}",
            fork=False,
            only=("Weights", "Activity"),
            nothing=NOTHING,
        )
    with right:
        st.markdown(TEXT)


when_ready(page)

"""Over training: the probe's rows at every snapshot, each map begun from the one before, on the time slider."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.explore.making import make
from pages.explore.map_bar import (
    CODES,
    OWN,
    Knobs,
    choose_dims,
    choose_method,
    complete,
    methods,
    numbers,
)
from pages.explore.map_trust import in_a_line
from pages.ui.backend import store
from pages.ui.map import code_map
from pages.ui.pick import Chosen

NAMED = 6  # steps that a sentence names
TEXT = r"""
**What one sees.** The same examples, at most 1,000, the ones that every snapshot of a training looks at, mapped anew at
each moment that was kept. Each map starts from the one before and is laid upon it, so that a dot that moves was moved
by the training; t-SNE and UMAP, begun afresh, would throw everything elsewhere each time.

**What to look for.** At the beginning the code knows nothing of the classes, and yet similar images already lie near
each other: a network that has not learnt anything keeps much of what it is given. Then groups part, most of it within
the first moments on the slider. A group that splits late is something the model learned late. With PCA the axes
belong to each moment: look at who is near whom, not at where on the page it is.
"""


def body(chosen: Chosen, schemas: Mapping[str, Any]) -> None:
    """The controls, the total time, the map that moves, and the way to the run's other pictures."""
    del schemas
    known = methods()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        method = choose_method(chosen, CODES, known)
        dims = numbers(chosen, CODES) if method == OWN else choose_dims()
        knobs = Knobs(method, known[method]["schema"])
        for name in knobs.first:
            knobs.draw(name, width=120)
        knobs.draw_rest(f"moving-more-{method}")
    request = complete(
        {
            "run": chosen.run.id,
            "step": store().states(chosen.run.id)[-1],
            "method": method,
            "settings": knobs.values,
            "dims": dims,
            "over": "training",
        },
        knobs.problems,
    )
    if request is not None:
        _shown(request)
    st.markdown(TEXT)


def _shown(request: dict[str, Any]) -> None:
    head, status = st.container(), st.container()
    with status:
        made = make([request], [""], key="moving", what="the moving map")
    if made is None:
        return
    (one,) = made
    head.caption(f"The **{one.estimate['count']:,}** rows that every snapshot looks at.")
    if one.found or one.going:
        code_map(request["run"], one.key, widget_key="moving-map", live=one.going)
    if one.found:
        st.caption("At the last snapshot: " + in_a_line(one.found["trust"]) + _left_out(one.found))
    st.page_link(
        "explore/time.py",
        label="Losses, samples and reconstructions on the same slider",
        icon=":material/history:",
        query_params={"run": request["run"]},
    )


def _left_out(found: dict[str, Any]) -> str:
    """Snapshots that no map can be made of are not passed over in silence."""
    steps = found["facts"]["left_out"]
    if not steps:
        return ""
    named = ", ".join(f"{step:,}" for step in steps[:NAMED]) + " …" * (len(steps) > NAMED)
    return f" Left out: step {named}, whose codes are no numbers, all the same, or of another size."

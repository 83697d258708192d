"""Side by side: the same points under several settings or methods, each map laid upon the first."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st

from pages.explore.examples import choose_split
from pages.explore.making import Making, make, sample_of
from pages.explore.map_bar import (
    ADDRESS,
    SEED,
    Knobs,
    choose_dims,
    choose_points,
    choose_source,
    complete,
    in_words,
    methods,
    sources,
)
from pages.explore.map_trust import in_a_line
from pages.ui.following import follow
from pages.ui.map import code_map
from pages.ui.pick import Chosen
from pages.ui.picture import shared_time

TOGETHER = "several-maps"
HEIGHTS = {2: 520, 3: 430, 4: 330}  # of each map, in pixels, by how many there are
TEXT = r"""
**What one sees.** The same points, mapped several times; each map is turned, mirrored, scaled and shifted as a whole so
that it lies upon the first as well as it can. Such a move changes nothing that a map says. Draw a lasso around some
points in one map: they light up in all of them.

**What to look for.** What all maps agree on is more likely to be there. A small *perplexity* (or few *neighbours*)
looks at each point's nearest few and breaks groups into crumbs; a large one keeps more of the whole and lets small
groups flow together. Sizes of groups and distances between them change from map to map: they are no measurements.
Compare the three numbers under each map, and several seeds, before you believe a picture.
"""


class Ready(NamedTuple):
    """A comparison to begin with: its name in the address, what it shows, and (method, its settings) for each map."""

    name: str
    help: str
    maps: tuple[tuple[str, dict[str, Any]], ...]


COMPARISONS = {
    "Perplexity": Ready(
        "perplexity",
        "t-SNE that looks at few or at many neighbours.",
        tuple(("tsne", {"perplexity": value}) for value in (5.0, 30.0, 100.0, 50.0)),
    ),
    "Neighbours": Ready(
        "neighbours",
        "UMAP that looks at few or at many neighbours.",
        tuple(("umap", {"n_neighbors": value}) for value in (5, 15, 50, 100)),
    ),
    "Methods": Ready(
        "methods",
        "PCA, t-SNE and UMAP of the same points.",
        (("pca", {}), ("tsne", {}), ("umap", {}), ("tsne", {"perplexity": 100.0})),
    ),
    "Seeds": Ready(
        "seeds",
        "The same settings with other seeds: what differs is chance.",
        tuple(("tsne", {"seed": seed, "initialisation": "random"}) for seed in range(4)),
    ),
}
COUNTS = (2, 3, 4)


def body(chosen: Chosen, schemas: Mapping[str, Any]) -> None:
    """What is mapped, the settings of each map, and the maps."""
    del schemas
    step = follow(chosen)
    offered = sources(chosen, step)
    if offered is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        ready = st.segmented_control(
            "Compare",
            list(COMPARISONS),
            default=next(iter(COMPARISONS)),
            required=True,
            key="compare",
            bind=ADDRESS,
            help="\n".join(f"- **{name}**: {one.help}" for name, one in COMPARISONS.items())
            + "\n\nEvery map can then be given any method and settings.",
        )
        count = st.segmented_control(
            "Maps", COUNTS, default=3, required=True, key="maps", bind=ADDRESS
        )
        of = choose_source(offered)
        dims = choose_dims()
        split = choose_split()
        n = choose_points()
    about = {"run": chosen.run.id, "step": step, "of": of, "split": split, "n": n, "dims": dims}
    asked = []
    for place, column in enumerate(st.columns(count, gap="medium")):
        with column:
            asked.append(
                _settings(
                    f"{COMPARISONS[ready].name}{place}-", *COMPARISONS[ready].maps[place], about
                )
            )
    if all(asked):
        _shown(asked)
    st.markdown(TEXT)


def _settings(prefix: str, method: str, given: dict[str, Any], about: dict[str, Any]):
    """The controls of one map; its complete request, None where they cannot work."""
    known = methods()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        method_now = st.selectbox(
            "Method",
            list(known),
            index=list(known).index(method),
            format_func=lambda name: known[name]["title"],
            key=f"{prefix}method",
            bind=ADDRESS,
            width=125,
        )
        knobs = Knobs(
            method_now,
            known[method_now]["schema"],
            prefix,
            **(given if method_now == method else {}),
        )
        for name in knobs.first:
            knobs.draw(name, width=110)
        knobs.draw_rest(f"{prefix}more")
    values = {"method": method_now, "settings": knobs.values}
    return complete(about | values, knobs.problems)


def title_of(request: dict[str, Any], all_requests: Sequence[dict[str, Any]]) -> str:
    """How a map differs from the others: its method, and those of its settings that are not the same in all."""
    known = methods()
    others = [one for one in all_requests if one["method"] == request["method"]]
    parts = [
        in_words(request["method"], name, value, known)
        for name, value in request["settings"].items()
        if any(one["settings"][name] != value for one in others)
    ]
    return ", ".join([known[request["method"]]["title"], *parts])


def _shown(asked: list[dict[str, Any]]) -> None:
    titles = [title_of(request, asked) for request in asked]
    head, status = st.container(), st.container()
    with status:
        made = make(asked, titles, key="several")
    if made is None:
        return
    with head:
        sample_of(made[0])
    first = made[0].key if made[0].found else ""
    for place, (column, title, one) in enumerate(
        zip(st.columns(len(made), gap="medium"), titles, made, strict=True)
    ):
        with column:
            st.markdown(f"**{title}**")
            _panel(one, place, first if place else "", HEIGHTS[len(made)])
    if any(one.found and SEED in one.request["settings"] for one in made):
        shared_time(TOGETHER, [], key="several-time")


def _panel(one: Making, place: int, first: str, height: int) -> None:
    if one.found is None and not one.going:
        st.caption("Not made yet.")
        return
    code_map(
        one.request["run"],
        one.key,
        widget_key=f"several-{place}",
        align_to=first,
        together=TOGETHER,
        slider=False,
        live=one.going,
        panel=False,
        height=height,
    )
    if one.found:
        st.caption(in_a_line(one.found["trust"]))

"""Home: what this is, three trainings one click away, what ran lately, and what is here.

Nothing heavy is imported and nothing waits for the workers: this page must be there at once.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import streamlit as st

from core import schemas as kept
from core.runs import Run
from core.training.config import RunSpec
from pages.learn import pictures
from pages.ui.backend import Pending, jobs, schemas, visible_runs
from pages.ui.control_bar import attempt, show_message
from pages.ui.history import units_of
from pages.ui.house import EXPLORE, MAIN
from pages.ui.preload import preload
from pages.ui.trouble import explained
from pages.ui.visitor import owner
from pages.ui.words import ACTIVE, ago, badge, number, run_title

RECENT = 5
LOSSES = (("validation/loss", "validation loss"), ("train/loss", "training loss"))
COLD_SECONDS = 30.0
DRAWN, DRAWING_SECONDS = "_home-drawn", 0.3


class Start(NamedTuple):
    """One of the trainings that begin with a click."""

    key: str
    title: str
    text: str
    picture: Callable[[], str]
    choices: dict[str, Any]
    page: str = "train"  # where it is watched


STARTS = (
    Start(
        "autoencoder",
        "Squeeze digits through a bottleneck",
        "An autoencoder learns to draw 1,797 handwritten digits again from a few numbers each.",
        pictures.bottleneck,
        {"model": "autoencoder", "dataset": "digits"},
    ),
    Start(
        "vae",
        "Watch a map of digits form",
        "A variational autoencoder puts every digit at a place on a plane, and can draw what lies between.",
        pictures.clouds,
        {"model": "vae", "dataset": "digits", "preset": "map"},
    ),
    Start(
        "gan",
        "Let two networks compete",
        "A GAN learns to imitate a ring of points: one network invents, the other tells real from invented.",
        pictures.ring,
        {"model": "gan", "dataset": "points", "preset": "ring"},
        "playground",
    ),
)


def begin(start: Start) -> None:
    """Queue the run and lead to where it is watched."""

    def submit() -> list[str]:
        answer = jobs().compute.call("describe", timeout=COLD_SECONDS, **start.choices)
        return jobs().submit(RunSpec.model_validate(answer["spec"]), owner())

    if found := attempt(submit):
        st.session_state["_go"] = (start.page, {"run": found[0]})


def welcome() -> None:
    """What this is, and the three starts."""
    st.title("Latent Explorer", anchor=False)
    st.markdown(
        "Train small autoencoders and generative models and watch them learn, live: the loss, the pictures they draw, "
        "the space inside. Pause at any step, change something, go back in time, try again from there."
    )
    show_message()
    for column, start in zip(st.columns(3, gap="medium"), STARTS, strict=True):
        with column.container(border=True, height="stretch", key=f"start-{start.key}"):
            st.image(start.picture(), width="stretch")
            st.markdown(f"**{start.title}**")
            st.markdown(start.text)
            st.button(
                "Watch it learn",
                icon=":material/play_arrow:",
                type="primary",
                key=f"watch-{start.key}",
                width="stretch",
                on_click=begin,
                args=(start,),
            )


def recent() -> None:
    """The last runs with their state, as it changes; the shipped examples where there are none."""
    runs = visible_runs()
    known = {run.id: run.state for run in runs[:RECENT]}

    @st.fragment(run_every=1.0 if set(known.values()) & set(ACTIVE) else None)
    def listed() -> None:
        now = visible_runs()[:RECENT]
        if {run.id: run.state for run in now} != known:
            st.rerun()
        own = any(not run.shipped for run in now)
        st.markdown("### Recent runs" if own or not now else "### Trained examples")
        if not now:
            st.markdown("No run yet: train one in ten seconds with a button above.")
        for run in now:
            _line(run)

    listed()


def _line(run: Run) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key=f"recent-{run.id}"
    ):
        st.page_link(
            "train/train.py",
            label=f"**{run_title(run, kept.read())}**",
            query_params={"run": run.id},
            icon=":material/visibility:",
        )
        st.markdown(":gray-badge[example]" if run.shipped else badge(run.state))
        facts = [f"step {run.steps:,} of {run.total_steps:,}" if run.total_steps else ""]
        unit = units_of(run).get("loss", "")
        facts += [
            next(
                (
                    f"{words} {number(run.metrics[n])} {unit}".rstrip()
                    for n, words in LOSSES
                    if n in run.metrics
                ),
                "",
            ),
            "" if run.shipped else ago(run.created),
        ]
        st.caption(" · ".join(fact for fact in facts if fact))


def map_of_the_house() -> None:
    """Where everything is."""
    st.markdown("### What is here")
    left, right = st.columns(2, gap="large")
    with left:
        for page in MAIN[1:]:
            # The sentence stands beside its link: a link's own text does not wrap on a phone.
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                link = f"**{page.title}**"
                st.page_link(page.file, label=link, icon=":material/arrow_forward:")
                st.caption(page.help, width="content")
        _looks()
    with right:
        _families()


def _looks() -> None:
    """The exploring pages: what can be looked at once something is trained."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown("**Explore** what a run has learnt:", width="content")
        for page in EXPLORE:
            st.page_link(page.file, label=page.title)


def _families() -> None:
    """The models and data sets; on a cold server they follow as soon as somebody knows them."""
    document = kept.read()

    @st.fragment(run_every=1.0 if document is None else None)
    def listed() -> None:
        if document is not None:
            _links("Models", "model", document["models"])
            _links("Data", "dataset", document["datasets"])
            return
        st.caption("The list of models follows in a moment.")
        with suppress(Pending):
            schemas(wait=0)
            st.rerun()

    listed()


def _links(title: str, name: str, entries: dict[str, Any]) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"**{title}**")
        for key, entry in entries.items():
            st.page_link("train/train.py", label=entry["title"], query_params={name: key})


def let_it_draw() -> None:
    """A moment, at a session's first look, for the browser to draw what it has been sent.

    Without it the browser first reads all that stands below, and the buttons wait with it: a fifth of a second.
    """
    if not st.session_state.get(DRAWN):
        st.session_state[DRAWN] = True
        time.sleep(DRAWING_SECONDS)


welcome()
let_it_draw()
with explained():
    recent()
map_of_the_house()
preload()

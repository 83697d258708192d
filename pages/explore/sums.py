"""a − b + c of three images: through the code, and through the pixels."""

import streamlit as st

from pages.explore.coded import about, named, shape_of
from pages.ui.asking import answered
from pages.ui.gallery import gallery
from pages.ui.pick import Chosen

OFFERED, ACROSS = 24, 12
TERMS, SHUFFLE = "terms", "average-shuffle"
SUM_TEXT = (
    "The code of a, less that of b, and that of c, decoded; beneath it the same sum of pixels, cut off at black and "
    "white. What a has and b has not is given to c, as far as the code is linear in it (Radford, Metz & Chintala "
    "2016, section 6.3.2, with means of three images each)."
)


def arithmetic(chosen: Chosen, schemas, split: str, y: int | None) -> None:
    """a - b + c of three images."""
    if shape_of(chosen.run, schemas)[0] != "images":
        st.info("Adding and subtracting examples needs images: these data are points.")
        return
    terms = _terms(chosen, split)
    if terms is None:
        return
    found = answered(
        "arithmetic", "The sum is being decoded", **about(chosen), positions=terms, y=y
    )
    if found is None:
        return
    for column, (sign, i) in zip(
        st.columns([2, 2, 2, 2, 3], gap="medium")[:4],
        (("a", 0), ("− b", 1), ("+ c", 2), ("=", None)),
        strict=True,
    ):
        with column:
            st.markdown(f"**{sign}**")
            if i is None:
                layers = {"Through the code": found["made"], "Through the pixels": found["pixels"]}
                text = "the sum"
            else:
                layers = {"Image": found["x"][i : i + 1], "Decoded": found["x_hat"][i : i + 1]}
                text = named(found, i)
            gallery(layers, [text], key=f"average-term-{sign}", alt=text, columns=1, choose=False)
    st.caption(SUM_TEXT)
    _choose_terms(chosen, split, terms)


def _terms(chosen: Chosen, split: str) -> list[int] | None:
    """The positions of a, b and c: of the address, else drawn at random."""
    seed = 2000 + st.session_state.get(SHUFFLE, 0)
    drawn = answered("walk_examples", run=chosen.run.id, split=split, n=3, seed=seed)
    if drawn is None:
        return None
    parts = st.query_params.get(TERMS, "").split(",")[:3]
    asked = [int(part) for part in parts if part.isdecimal() and len(part) < 12]
    asked = [one for one in asked if one < drawn["total"]]
    terms = asked if len(asked) == 3 else [int(one) for one in drawn["position"]]
    if len(terms) == 3:
        return terms
    st.info(f"The {split} split has too few examples for this.")
    return None


def _choose_terms(chosen: Chosen, split: str, terms: list[int]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        which = st.segmented_control(
            "A click below sets", ("a", "b", "c"), default="a", required=True, key="average-term"
        )
        st.button("Random three", icon=":material/casino:", key="average-random", on_click=_shuffle)
    seed = st.session_state.get(SHUFFLE, 0)
    some = answered("walk_examples", run=chosen.run.id, split=split, n=OFFERED, seed=seed)
    if some is None:
        return
    clicked = gallery(
        {"": some["x"]},
        key="average-choose",
        details=[named(some, i) for i in range(len(some["x"]))],
        alt=f"Images of the {split} split to choose {which} from.",
        columns=ACROSS,
    )
    if clicked is not None:
        terms = list(terms)
        terms["abc".index(which)] = int(some["position"][clicked])
        st.query_params[TERMS] = ",".join(map(str, terms))
        st.rerun()


def _shuffle() -> None:
    st.session_state[SHUFFLE] = st.session_state.get(SHUFFLE, 0) + 1
    st.query_params.pop(TERMS, None)

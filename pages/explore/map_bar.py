"""What a map is made of and how: the controls above it, each in the address, and the request they add up to."""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import streamlit as st

from core.analysis import maps
from core.analysis.maps.request import requested
from core.errors import BadInput
from pages.explore.examples import choose_split
from pages.explore.layer_kinds import PLAIN, kind_of
from pages.ui.asking import answered
from pages.ui.fields import Field, draw, fields_of, setting_of
from pages.ui.pick import Chosen

SIZES = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
USUAL = 5_000  # so many points are judged exactly
ORDER = ("pca", "tsne", "umap", "own")
OWN, CODES, AS_IT_IS = "own", "codes", "As it is"
ADDRESS, SEED = "query-params", "seed"


@lru_cache(maxsize=1)
def methods() -> dict[str, dict[str, Any]]:
    """The methods as forms know them (``core.analysis.maps.schemas``), the quickest first."""
    found = maps.schemas()
    return {name: found[name] for name in sorted(found, key=_place)}


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


class Knobs:
    """The settings of one method as widgets, each in the address under ``prefix``, the method's and its own name."""

    def __init__(self, method: str, schema: Mapping[str, Any], prefix: str = "", **given: Any):
        self.method, self.prefix, self.given = method, prefix, given
        self.fields = fields_of(schema)
        self.values: dict[str, Any] = {}
        self.problems: dict[str, str] = {}

    @property
    def first(self) -> list[str]:
        """What one turns most: it stands on the bar."""
        return [name for name in self.fields if name != SEED][:1]

    def key(self, name: str) -> str:
        """The widget's key, which is its name in the address."""
        return f"{self.prefix}{self.method}-{name}"

    def draw(self, name: str, **options: Any) -> None:
        """One setting, and under it what is wrong with it."""
        field = self.fields[name]
        default = self.given.get(name, field.default)
        draw(field, self.key(name), default, None, bind=ADDRESS, **options)
        if problem := self._take(field, st.session_state[self.key(name)]):
            st.markdown(f":red[:material/error: {problem}]")

    def _take(self, field: Field, held: Any) -> str | None:
        try:
            self.values[field.name] = setting_of(field, held)
        except ValueError as error:
            problem = str(error)
        else:
            problem = field.wrong(self.values[field.name])
        if problem:
            self.problems[field.name] = problem
        return problem

    def draw_rest(self, key: str) -> None:
        """All but the first in a popover; its button says where something is wrong."""
        rest = sorted(set(self.fields) - set(self.first), key=list(self.fields).index)
        rest.sort(key=SEED.__eq__)
        if not rest:
            return
        with st.popover("More", icon=":material/tune:", key=key):
            for name in rest:
                self.draw(name)


def in_words(method: str, name: str, value: Any, known: Mapping[str, Any]) -> str:
    """A setting of a method as one reads it: ``perplexity 5``."""
    title = fields_of(known[method]["schema"])[name].title.lower()
    return f"{title} {value:g}" if isinstance(value, int | float) else f"{title} {value}"


def sources(chosen: Chosen, step: int) -> dict[str, str] | None:
    """What of a run can be projected, as ``MapRequest.of`` names it, with titles; the code first where there is one.

    None, with a sentence, while the run is being read or where it cannot be.
    """
    known = answered("map_choices", "The run is being read", run=chosen.run.id, step=step)
    if known is None:
        return None
    kind = (chosen.run.environment.get("data_spec") or {}).get("kind", "images")
    found = {CODES: "codes"} if known["codes"] else {}
    found["pixels"] = "pixels" if kind == "images" else "points"
    for layer in known["layers"]:
        if kind_of(layer) in PLAIN:
            continue
        size = " × ".join(map(str, layer["shape"]))
        found[f"layer:{layer['name']}"] = f"{layer['name']}: {kind_of(layer)}, {size}"
    return found


def numbers(chosen: Chosen, of: str) -> int | None:
    """How many numbers a vector of ``of`` has, where the run's settings say so."""
    if of == CODES:
        return chosen.run.spec.config.get("latent_dim")
    shape = (chosen.run.environment.get("data_spec") or {}).get("shape")
    return math.prod(shape) if of == "pixels" and shape else None


def choose_source(offered: Mapping[str, str]) -> str:
    """What is projected, one of ``sources``."""
    return st.selectbox(
        "What is mapped",
        list(offered),
        format_func=lambda one: offered.get(one, one),
        key="of",
        bind=ADDRESS,
        width=135,
        help="The code of each example, the example itself, or what a layer of the network makes of it.",
    )


def choose_points() -> int:
    """How many points; all there are where there are fewer."""
    return st.selectbox(
        "Points",
        SIZES,
        index=SIZES.index(USUAL),
        key="points",
        bind=ADDRESS,
        width=105,
        help="At most so many. Where there are more rows, they are drawn by chance, of every class its share.",
    )


def choose_method(chosen: Chosen, of: str, known: Mapping[str, Any]) -> str:
    """Only where the vectors have two or three numbers can they be shown as they are."""
    offered = [name for name in known if name != OWN or numbers(chosen, of) in (2, 3)]
    return st.segmented_control(
        "Method",
        offered,
        format_func=lambda name: AS_IT_IS if name == OWN else known[name]["title"],
        default=offered[0],
        required=True,
        key="method",
        bind=ADDRESS,
        help="\n".join(f"- **{known[name]['title']}**: {known[name]['help']}" for name in offered),
    )


def choose_dims(key: str = "dims") -> int:
    """Flat, or in space."""
    return st.segmented_control(
        "Dimensions", (2, 3), default=2, required=True, key=key, bind=ADDRESS
    )


def map_bar(chosen: Chosen, step: int, offered: Mapping[str, str], row) -> dict[str, Any] | None:
    """The controls, in the container ``row``; the complete request as JSON, None with a sentence where it cannot be."""
    known = methods()
    with row:
        of = choose_source(offered)
        method = choose_method(chosen, of, known)
        dims = numbers(chosen, of) if method == OWN else choose_dims()
        split = choose_split()
        n = choose_points()
        knobs = Knobs(method, known[method]["schema"])
        for name in knobs.first:
            knobs.draw(name, width=105)
        knobs.draw_rest(f"more-{method}")
    values = {"method": method, "settings": knobs.values, "dims": dims}
    about = {"run": chosen.run.id, "step": step, "of": of, "split": split, "n": n}
    return complete(about | values, knobs.problems)


def complete(values: dict[str, Any], problems: Mapping[str, str]) -> dict[str, Any] | None:
    """The request with every default filled in; None, with a sentence for each thing that is wrong."""
    if not problems:
        try:
            return requested(values).model_dump(mode="json")
        except BadInput as error:
            problems = error.fields or {"": str(error)}
    for problem in problems.values():
        st.warning(problem, icon=":material/error:")
    return None

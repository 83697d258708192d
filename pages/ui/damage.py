"""What is done to a model's input at test time: its kind and its level, both in the address."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from core.runs import Run

KINDS = {
    "masking": "Masking",
    "gaussian": "Gaussian noise",
    "dropout": "Dropout",
    "salt_and_pepper": "Salt and pepper",
}
WORDS = {
    "masking": "Each number becomes 0 with this probability.",
    "gaussian": "Standard deviation of what is added to each number, in data units.",
    "dropout": "Each number becomes 0 with this probability; the others grow so that the sum stays.",
    "salt_and_pepper": "Each pixel becomes black or white with this probability.",
}
FIRST = {"masking": 0.3, "gaussian": 0.2}
MOST = 0.95
KIND, LEVEL = "denoise-kind", "denoise-level"


class Damage(NamedTuple):
    """What is done to the input at test time."""

    kind: str
    level: float


def own_damage(run: Run, kinds: list[str]) -> Damage:
    """What the run was trained against; the first of ``kinds`` for one that saw clean inputs."""
    config = run.spec.config
    kind, level = config.get("corruption"), config.get("noise_level")
    if kind in kinds and isinstance(level, int | float) and level > 0:
        return Damage(kind, min(float(level), MOST))
    return Damage(kinds[0], FIRST[kinds[0]])


def choose_damage(run: Run, kinds: list[str]) -> Damage:
    """The kind and level, from the run's own on; both stand in the address."""
    state, asked = st.session_state, st.query_params
    own = own_damage(run, kinds)
    if state.get("_denoised") != run.id or state.get(KIND) not in kinds:
        state["_denoised"] = run.id
        state[KIND] = asked.get("damage") if asked.get("damage") in kinds else own.kind
        state[LEVEL] = _level(asked.get("level", ""), own.level)
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    kind = left.segmented_control(
        "Damage at test time", kinds, key=KIND, required=True, format_func=KINDS.get
    )
    level = right.slider("Level", 0.0, MOST, step=0.05, key=LEVEL, help=WORDS[kind])
    chosen = Damage(kind, round(level, 2))
    wanted = {"damage": kind, "level": f"{chosen.level:g}"}
    # An address that changes by itself would hold the Back button: it keeps quiet about what the run itself says.
    if (chosen != own or "damage" in asked) and any(asked.get(n) != v for n, v in wanted.items()):
        asked.update(wanted)
    return chosen


def _level(text: str, otherwise: float) -> float:
    try:
        level = float(text)
    except ValueError:
        return otherwise
    return min(MOST, max(0.0, round(level * 20) / 20)) if np.isfinite(level) else otherwise

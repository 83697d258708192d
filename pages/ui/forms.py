"""The form of a run: every setting of the model, its training and its data, from their schemas.

Names are flat and unique, so one dictionary holds the whole form and the address bar can carry it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from pages.ui.fields import Field, draw, fields_of, setting_of, widget_value

ESSENTIAL_TRAINING = ("steps", "learning_rate", "batch_size")
GROUPS = {
    "Optimiser": (
        "optimizer",
        "momentum",
        "nesterov",
        "beta1",
        "beta2",
        "epsilon",
        "rho",
        "weight_decay",
        "clip_norm",
    ),
    "Learning rate over time": ("schedule", "warmup_steps", "schedule_final"),
    "When to stop": ("epochs", "early_stopping", "min_delta", "patience"),
}
FIRST = 5
SEED = Field(
    "seed",
    {
        "type": "integer",
        "minimum": 0,
        "maximum": 2**31 - 1,
        "description": "Decides the first weights, the order of the examples and all noise: same seed, same numbers.",
    },
    0,
)


class Form:
    """The settings of one (model, data set, preset), their defaults and what is wrong with them.

    ``prefix`` keeps the widgets of two forms on one page apart.
    """

    def __init__(
        self,
        schemas: Mapping[str, Any],
        model: str,
        dataset: str,
        preset: str | None = None,
        prefix="set",
    ):
        family = schemas["models"][model]
        chosen = family["presets"].get(preset) or {}
        same_data = chosen.get("dataset") in (None, dataset)
        self.prefix = prefix
        self.parts: dict[str, dict[str, Field]] = {
            "model": fields_of(family["schema"]),
            "training": fields_of(schemas["training"]),
            "data": fields_of(schemas["datasets"][dataset]["schema"]),
            "run": {"seed": SEED},
        }
        self.fields = {n: f for part in self.parts.values() for n, f in part.items()}
        given = {
            **family["training"],
            **chosen.get("config", {}),
            **chosen.get("training", {}),
            **(chosen.get("data", {}) if same_data else {}),
        }
        self.defaults = {n: given.get(n, f.default) for n, f in self.fields.items()}
        self.problems: dict[str, str] = {}

    def key(self, name: str) -> str:
        """The widget key of a setting."""
        return f"{self.prefix}-{name}"

    def restore(self, values: Mapping[str, Any]) -> list[str]:
        """Put values (of the address bar, of a run) into the widgets; the names of those that make no sense."""
        refused = []
        for name, value in values.items():
            field = self.fields.get(name)
            if field is None or not field.accepts(value):
                refused.append(name)
            else:
                st.session_state[self.key(name)] = widget_value(field, value)
        return refused

    def values(self) -> dict[str, Any]:
        """All settings as the widgets hold them now; where one holds no sense, ``problems`` says why."""
        found = {}
        for name, field in self.fields.items():
            key = self.key(name)
            found[name] = self.defaults[name]
            if key in st.session_state:
                try:
                    found[name] = setting_of(field, st.session_state[key])
                except ValueError as error:
                    self.problems[name] = str(error)
                    continue
            if problem := field.wrong(found[name]):
                self.problems[name] = problem
        return found

    def changed(self) -> dict[str, Any]:
        """The settings that differ from their defaults."""
        return {n: v for n, v in self.values().items() if v != self.defaults[n]}

    def draw(self, names: Iterable[str], **options: Any) -> None:
        """The widgets of these settings, those left out whose time has not come (schema extra ``when``)."""
        for name in names:
            if self._applies(self.fields[name]):
                draw(
                    self.fields[name],
                    self.key(name),
                    self.defaults[name],
                    self.problems.get(name),
                    **options,
                )

    def draw_pairs(self, names: list[str]) -> None:
        """The same, two beside each other."""
        shown = [name for name in names if self._applies(self.fields[name])]
        for start in range(0, len(shown), 2):
            for column, name in zip(
                st.columns(2, gap="medium"), shown[start : start + 2], strict=False
            ):
                with column:
                    self.draw([name])

    def _applies(self, field: Field) -> bool:
        for name, choices in field.schema.get("when", {}).items():
            if st.session_state.get(self.key(name), self.defaults.get(name)) not in choices:
                return False
        return True

    def essential(self) -> list[str]:
        """The settings of model and training that one looks at first."""
        model = self.parts["model"]
        chosen = [n for n, f in model.items() if f.schema.get("essential")] or list(model)[:FIRST]
        return [*chosen, *(n for n in ESSENTIAL_TRAINING if n in self.parts["training"]), "seed"]

    def groups(self, first: list[str]) -> dict[str, list[str]]:
        """The settings of model and training that are not among the ``first``, under the heads of their expanders."""
        training = self.parts["training"]
        groups = {"More of the model": [n for n in self.parts["model"] if n not in first]}
        for title, names in GROUPS.items():
            groups[title] = [n for n in names if n in training and n not in first]
        named = {n for names in groups.values() for n in names} | set(first)
        groups["More of the training"] = [n for n in training if n not in named]
        return {title: names for title, names in groups.items() if names}

    def draw_groups(self, first: list[str]) -> None:
        """What is not among the ``first``, each group in an expander that opens where something is wrong."""
        for title, names in self.groups(first).items():
            wrong = any(name in self.problems for name in names)
            marker = " :red[:material/error:]" if wrong else ""
            with st.expander(title + marker, expanded=wrong, key=self.key(f"group {title}")):
                self.draw_pairs(names)

    def forget(self) -> None:
        """Back to the defaults: what another choice of model, data or preset asks for."""
        forget(self.prefix)


def forget(prefix: str = "set") -> None:
    """Drop what the widgets of a form hold."""
    for key in [k for k in st.session_state if isinstance(k, str) and k.startswith(f"{prefix}-")]:
        del st.session_state[key]

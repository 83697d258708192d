"""One setting as a widget, made from its JSON schema: help on every field, a sentence where a value cannot work."""

import json
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.fields import written
from pages.ui.pad import pad

# Choices that stand side by side: so many, of so many letters together.
FEW, SHORT = 4, 36
# Names of settings whose words are not written as they stand there.
SPELT = {"Kl": "KL", "Mmd": "MMD", "N": "How many", "Optimizer": "Optimiser"}
# A drawing travels in the address bar.
MOST_DRAWN = 1000


@dataclass(frozen=True)
class Field:
    """One property of a JSON schema, with references and ``null`` alternatives worked out."""

    name: str
    schema: dict[str, Any]
    default: Any
    optional: bool = False

    @property
    def kind(self) -> str:
        """``choice``, ``boolean``, ``integer``, ``number``, ``array``, ``drawing`` (pairs of numbers) or ``string``."""
        if self.schema.get("items", {}).get("maxItems") == 2:
            return "drawing"
        return "choice" if "enum" in self.schema else self.schema.get("type", "string")

    @property
    def live(self) -> bool:
        """Whether it may change while a run trains."""
        return bool(self.schema.get("live"))

    @property
    def title(self) -> str:
        """``kl_sparsity`` → ``KL sparsity``, unless the schema has a ``label``."""
        words = self.schema.get("label") or self.name.replace("_", " ").capitalize()
        first, *rest = words.split(" ")
        return " ".join([SPELT.get(first, first), *rest])

    @property
    def help(self) -> str:
        """What it does, and within which range."""
        parts = [self.schema.get("description", "")]
        low, high = self._bounds()
        if low or high:
            parts.append(f"Range: {' and '.join(part for part in (low, high) if part)}.")
        return " ".join(part for part in parts if part)

    def _bounds(self) -> tuple[str, str]:
        names = {
            "minimum": "at least {}",
            "exclusiveMinimum": "above {}",
            "maximum": "at most {}",
            "exclusiveMaximum": "below {}",
        }
        found = [
            text.format(written(self.schema[n])) for n, text in names.items() if n in self.schema
        ]
        return (*found, "", "")[:2]

    def accepts(self, value: Any) -> bool:
        """Whether a value from outside has this setting's type; its range is explained at the field."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return {
            "choice": value in self.schema.get("enum", ()),
            "boolean": isinstance(value, bool),
            "integer": number and float(value).is_integer(),
            "number": number,
            "array": isinstance(value, list),
            "drawing": _are_pairs(value),
            "string": isinstance(value, str),
        }.get(self.kind, False) or (value is None and self.optional)

    def wrong(self, value: Any) -> str | None:
        """Why this value cannot work, in a sentence; None if it can, as far as the schema knows."""
        if value is None:
            return None if self.optional else f"{self.title} needs a value."
        if self.kind == "choice" and value not in self.schema["enum"]:
            return f"{self.title} must be one of {', '.join(map(str, self.schema['enum']))}."
        if self.kind in ("integer", "number"):
            return self._out_of_range(value)
        return None

    def _out_of_range(self, value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"{self.title} must be a number, not {value!r}."
        schema = self.schema
        if (
            value < schema.get("minimum", value)
            or value > schema.get("maximum", value)
            or value <= schema.get("exclusiveMinimum", value - 1)
            or value >= schema.get("exclusiveMaximum", value + 1)
        ):
            return f"{self.title} must be {' and '.join(b for b in self._bounds() if b)}, not {written(value)}."
        return None


def fields_of(schema: dict[str, Any]) -> dict[str, Field]:
    """The fields of a pydantic model's JSON schema, in order."""
    found = {}
    for name, entry in schema.get("properties", {}).items():
        merged, optional = dict(entry), False
        for option in entry.get("anyOf", []):
            if option.get("type") == "null":
                optional = True
            else:
                merged |= option
        if "$ref" in merged:
            merged |= schema.get("$defs", {}).get(merged["$ref"].rsplit("/", 1)[-1], {})
        found[name] = Field(name, merged, entry.get("default"), optional)
    return found


def widget_value(field: Field, value: Any) -> Any:
    """A setting as its widget holds it: lists are typed as text."""
    if field.kind in ("array", "drawing"):
        return _as_text(value)
    if field.kind == "number" and value is not None:
        return float(value)
    return value


def setting_of(field: Field, held: Any) -> Any:
    """What a widget holds as a setting. Raises ``ValueError`` with a sentence for text that is no list."""
    if field.kind in ("array", "drawing"):
        return _as_list(held or "", field)
    if field.kind == "choice" and held is None:
        return field.default
    return held


def draw(field: Field, key: str, default: Any, problem: str | None, **options: Any) -> None:
    """The widget, and under it the sentence on what is wrong. Its value lies in ``st.session_state[key]``.

    With ``bind="query-params"`` among the ``options`` the address holds the value too, unless it is the default.
    """
    first = None
    if "bind" in options:
        first = widget_value(
            field, default
        )  # the address and the session both count as more than this
    else:
        st.session_state.setdefault(key, widget_value(field, default))
    common = {"key": key, "help": field.help or None, **options}
    if field.kind == "choice":
        _choice(field, first, common)
    elif field.kind == "boolean":
        st.toggle(field.title, bool(first), **common)
    elif field.kind == "integer":
        st.number_input(field.title, value=first, step=1, placeholder="automatic", **common)
    elif field.kind == "number":
        step = _step(default if "bind" in options else st.session_state[key])
        st.number_input(field.title, value=first, step=step, format="%.6g", **common)
    elif field.kind == "drawing":
        pad(key, MOST_DRAWN)
    else:
        st.text_input(field.title, first or "", **common)
    if problem:
        st.markdown(f":red[:material/error: {problem}]")


def _choice(field: Field, first: Any, common: dict[str, Any]) -> None:
    choices = field.schema["enum"]
    if len(choices) <= FEW and sum(len(str(one)) for one in choices) < SHORT:
        st.segmented_control(
            field.title, choices, default=first, required=True, format_func=spaced, **common
        )
    else:
        index = 0 if first is None else choices.index(first)
        st.selectbox(field.title, choices, index=index, format_func=spaced, **common)


def _are_pairs(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, list) and len(one) == 2 and all(isinstance(v, int | float) for v in one)
        for one in value
    )


def spaced(choice: Any) -> str:
    """A choice as it is read: ``leaky_relu`` → ``leaky relu``, ``non_saturating`` → ``non-saturating``."""
    return str(choice).replace("non_", "non-").replace("_", " ")


def _step(value: Any) -> float:
    """A step of about a tenth of the value, so that 0.001 and 10 are both reached by clicks."""
    if not isinstance(value, int | float) or value == 0:
        return 0.1
    return float(f"{abs(value) / 10:.0e}")


def _as_text(value: Any) -> str:
    if not value:
        return ""
    if all(isinstance(one, int | float) for one in value):
        return ", ".join(f"{one:g}" for one in value)
    return json.dumps(value)


def _as_list(text: str, field: Field) -> list:
    text = text.strip()
    try:
        return json.loads(text if text.startswith("[") else f"[{text}]")
    except ValueError:
        example = _as_text(field.default) or "1, 5, 6"
        raise ValueError(f"{field.title} is a list of numbers such as {example}.") from None

"""What every form, command line and address bar needs of a pydantic config: live fields and clear errors."""

from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from core.errors import BadInput

WHOLE = 1e15  # beyond it the digits say nothing
Schema = TypeVar("Schema", bound=BaseModel)


def live(default: Any, *, json_schema_extra: dict[str, Any] | None = None, **settings: Any) -> Any:
    """A config field that may be changed while the run trains."""
    return Field(default, json_schema_extra={"live": True, **(json_schema_extra or {})}, **settings)


def counting(units: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Schema extra for a setting that decides in what losses are counted: for each of them the unit of each choice.

    Where several settings speak of one loss, what they say is joined: ``squared error`` and ``per example``.
    """
    return {"units": units}


def live_fields(schema: type[BaseModel]) -> set[str]:
    """The fields of a config that may change while the run trains."""
    return {
        name
        for name, info in schema.model_fields.items()
        if isinstance(info.json_schema_extra, dict) and info.json_schema_extra.get("live")
    }


def written(number: float) -> str:
    """A setting's bound as it is read: ``10,000,000`` and not ``1e+07``, others as short as they are."""
    whole = float(number).is_integer() and abs(number) < WHOLE
    return f"{number:,.0f}" if whole else f"{number:g}"


def explain(error: ValidationError) -> BadInput:
    """The same complaint with one plain sentence for each wrong field."""
    fields: dict[str, str] = {}
    for problem in error.errors():
        name = str(problem["loc"][0]) if problem["loc"] else "settings"
        message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
        if problem["type"] == "extra_forbidden":
            message = "there is no such setting"
        fields.setdefault(name, f"{message} (it was {problem['input']!r}).")
    return BadInput.of_fields(fields)


def validated(schema: type[Schema], values: dict[str, Any]) -> Schema:
    """``schema(**values)``; raises ``BadInput`` with one sentence for each wrong field."""
    try:
        return schema(**values)
    except ValidationError as error:
        raise explain(error) from error

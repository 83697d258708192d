"""datasets, models, describe: what there is, and what a choice would build."""

from typing import Annotated, Any

import typer

from core.cli import common
from core.errors import BadInput
from core.fields import written

Name = Annotated[str | None, typer.Argument(help="One of them, with its settings.")]


def datasets(
    name: Name = None,
    take_in: Annotated[
        str | None, typer.Option(help="Take in this file or folder as data of your own.")
    ] = None,
    settings: common.Sets = None,
    as_json: common.AsJson = False,
) -> None:
    """The data sets, or the options of one."""
    if take_in is not None:
        _take_in(take_in, common.settings_of(settings), as_json)
        return
    if settings:
        raise BadInput("--set goes with --take-in: it says how the file is read.")
    known = _schemas()["datasets"]
    if name is not None:
        _show(name, _one(known, name, "data set"), {}, as_json)
        return
    rows = [{"name": key, "title": one["title"], "kind": one["kind"]} for key, one in known.items()]
    _list(rows, as_json)


def models(name: Name = None, as_json: common.AsJson = False) -> None:
    """The models, or the settings and presets of one."""
    document = _schemas()
    known = document["models"]
    if name is not None:
        one = _one(known, name, "model")
        _show(name, one, {"training": document["training"]}, as_json)
        return
    rows = [
        {
            "name": key,
            "title": one["title"],
            "kinds": one["kinds"],
            "abilities": one["abilities"],
            "presets": list(one["presets"]),
        }
        for key, one in known.items()
    ]
    _list(rows, as_json)


def describe(
    model: common.Model,
    dataset: common.Dataset = None,
    settings: common.Sets = None,
    preset: common.Preset = None,
    seed: common.Seed = 0,
    data_dir: common.DataDir = None,
    as_json: common.AsJson = False,
) -> None:
    """What these choices would build, layer by layer."""
    from core import inference

    found = inference.describe(
        model,
        dataset,
        common.settings_of(settings),
        preset,
        seed,
        common.directory(data_dir),
    )
    errors = found.pop("errors")
    if errors:
        raise BadInput.of_fields(errors)
    if as_json:
        spec = found["spec"]
        common.print_json({"model": spec["model"], "dataset": spec["dataset"], **found})
        return
    keys = ("layer", "kind", "output_shape", "parameters")
    rows = [
        [*(row[key] for key in keys[:2]), _shape(row), row["parameters"]] for row in found["rows"]
    ]
    common.print_table(rows, ("layer", "kind", "output", "parameters"))
    parts = ", ".join(f"{group} {count:,}" for group, count in found["groups"].items())
    print(f"{found['parameters']:,} parameters ({parts})")
    if found["note"]:
        print(found["note"])


COMMANDS = (datasets, models, describe)


def _take_in(path: str, choices: dict[str, Any], as_json: bool) -> None:
    """A file or folder becomes a data set that runs can name."""
    from core import inference

    report = inference.import_own(path=path, choices=choices)
    if as_json:
        common.print_json(report)
        return
    for problem in report["problems"]:
        print(problem)
    shape = "×".join(map(str, report["shape"]))
    print(f"{report['count']:,} {report['kind']} of {shape}; train on them with")
    print(f"    python -m core train MODEL --dataset own --set content={report['hash']}")


def _schemas() -> dict[str, Any]:
    """From the file where there is one: then nothing imports torch."""
    from core import schemas

    known = schemas.read()
    if known is None:
        from core import inference

        known = inference.schemas()
    return known


def _one(known: dict[str, dict], name: str, kind: str) -> dict[str, Any]:
    if name not in known:
        raise BadInput(f"There is no {kind} {name!r}; choose one of {', '.join(known)}.")
    return known[name]


def _list(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        common.print_json(rows)
        return
    heads = tuple(rows[0])
    cells = [[", ".join(v) if isinstance(v, list) else v for v in row.values()] for row in rows]
    common.print_table(cells, heads)


def _show(name: str, one: dict[str, Any], more: dict[str, dict], as_json: bool) -> None:
    """One entry with its settings; ``more`` are further schemas that it answers to."""
    if as_json:
        common.print_json({"name": name, **one, **more})
        return
    print(f"{one['title']}\n{one['doc']}\n")
    for title, schema in {"settings": one["schema"], **more}.items():
        rows = [
            (key, _default(field), _range(field), field.get("description", ""))
            for key, field in schema["properties"].items()
        ]
        common.print_table(rows, (title, "default", "range", ""))
        print()
    for key, preset in one.get("presets", {}).items():
        print(f"preset {key!r}: {preset['title']}. {preset['note']}")


def _default(field: dict[str, Any]) -> str:
    value = field.get("default")
    return value if isinstance(value, str) else common.in_json(value)


def _range(field: dict[str, Any]) -> str:
    """The values that a field takes, in the words of its JSON schema."""
    kinds = [field, *field.get("anyOf", [])]
    for kind in kinds:
        if "enum" in kind:
            return " | ".join(map(str, kind["enum"]))
    for kind in kinds:
        low = kind.get("minimum", kind.get("exclusiveMinimum"))
        high = kind.get("maximum", kind.get("exclusiveMaximum"))
        if low is not None or high is not None:
            return "…".join("" if end is None else written(end) for end in (low, high))
    return ""


def _shape(row: dict[str, Any]) -> str:
    return "×".join(map(str, row["output_shape"]))

"""From what a person chose to a complete run spec: flat names, presets, defaults, and one sentence for each mistake."""

from typing import Any

from core import datasets, models
from core.datasets.base import Data
from core.errors import BadInput
from core.fields import validated
from core.models.base import DataSpec, Model, Preset
from core.training.config import RunSpec, TrainConfig

DEFAULT_DATASET = "digits"


def preset_of(family: type[Model], name: str | None) -> Preset:
    """The preset ``name`` of a family (an empty one for None). ``BadInput`` lists the choices."""
    if name is None:
        return Preset("", "")
    if name not in family.presets:
        choices = ", ".join(repr(p) for p in family.presets) or "none"
        raise BadInput.of_fields({"preset": f"There is no {name!r}; choose from {choices}."})
    return family.presets[name]


def sort_settings(
    family: type[Model], dataset: str, settings: dict[str, Any]
) -> tuple[dict, dict, dict]:
    """Split flat settings into (model config, data options, training); ``BadInput`` names those that fit nowhere."""
    schemas = (family.Config, datasets.get(dataset).Options, TrainConfig)
    parts: tuple[dict, dict, dict] = ({}, {}, {})
    unknown = {}
    for name, value in settings.items():
        home = [part for part, s in zip(parts, schemas, strict=True) if name in s.model_fields]
        if home:
            home[0][name] = value
        else:
            unknown[name] = f"Neither {family.title}, {dataset} nor training has such a setting."
    if unknown:
        raise BadInput.of_fields(unknown)
    return parts


def resolve(
    model: str,
    dataset: str | None = None,
    settings: dict[str, Any] | None = None,
    *,
    preset: str | None = None,
    seed: int = 0,
    data_dir: str | None = None,
) -> RunSpec:
    """The complete spec of a run: the family's defaults, then the preset's, then ``settings`` (flat names).

    Raises ``BadInput`` with a sentence for each wrong field. Fit between model and data is checked by ``check_fit``.
    """
    family = models.get(model)
    chosen = preset_of(family, preset)
    dataset = dataset or chosen.dataset or DEFAULT_DATASET
    data = chosen.data if dataset == (chosen.dataset or dataset) else {}
    config, options, training = sort_settings(family, dataset, settings or {})
    problems: dict[str, str] = {}
    values = []
    for schema, given in (
        (family.Config, {**chosen.config, **config}),
        (datasets.get(dataset).Options, {**data, **options}),
        (TrainConfig, {**family.training, **chosen.training, **training}),
    ):
        try:
            values.append(validated(schema, given))
        except BadInput as error:
            problems |= error.fields
    if not 0 <= seed < 2**31:
        problems["seed"] = "The seed must lie between 0 and 2147483647."
    if problems:
        raise BadInput.of_fields(problems)
    full, chosen_data, train = values
    return RunSpec(
        model=model,
        config=full.model_dump(mode="json"),
        dataset=dataset,
        data=chosen_data.model_dump(mode="json"),
        training=train,
        seed=seed,
        data_dir=data_dir,
    )


def check_fit(spec: RunSpec, data: Data) -> None:
    """Raise ``BadInput`` where model, settings and data cannot work together, a sentence for each field."""
    family = models.get(spec.model)
    problems = family.check(validated(family.Config, spec.config), DataSpec.of(data))
    if not len(data.splits["train"]):
        problems["dataset"] = "No training examples are left with these options."
    if spec.training.early_stopping and not len(data.splits["validation"]):
        problems["early_stopping"] = "Early stopping needs validation rows: give them a share."
    if spec.training.early_stopping and family.losses is Model.losses:
        problems["early_stopping"] = "Networks that compete have no one loss whose fall counts."
    if problems:
        raise BadInput.of_fields(problems)

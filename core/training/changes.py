"""What of a run may be changed: while it trains, and by a fork."""

from typing import Any

from core.errors import BadInput
from core.fields import live_fields, validated
from core.training.config import RunSpec, TrainConfig


def changed_spec(spec: RunSpec, changes: dict[str, Any]) -> RunSpec:
    """``spec`` with flat ``changes``; ``BadInput`` for the data set, and for names that it does not have."""
    config, training, rest = dict(spec.config), spec.training.model_dump(), {}
    wrong = {}
    for name, value in changes.items():
        if name in config:
            config[name] = value
        elif name in training:
            training[name] = value
            if name == "steps":
                training["epochs"] = None
        elif name == "seed":
            rest["seed"] = value
        elif name in spec.data or name in ("dataset", "model", "data_dir"):
            wrong[name] = "A fork keeps its model and its data; start a new run to change them."
        else:
            wrong[name] = "There is no such setting."
    if wrong:
        raise BadInput.of_fields(wrong)
    return validated(
        RunSpec,
        {
            **spec.model_dump(),
            "config": config,
            "training": validated(TrainConfig, training),
            **rest,
        },
    )


def check_live(name: str, value: Any) -> None:
    """Ranges of training settings are known here; a model's own are checked by the worker."""
    if name not in TrainConfig.model_fields:
        return
    if name not in live_fields(TrainConfig):
        raise BadInput.of_fields({name: "This cannot change while a run trains; fork it instead."})
    validated(TrainConfig, {name: value})

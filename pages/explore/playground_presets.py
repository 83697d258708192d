"""What the playground knows of presets: which of them collapse, which are cures, and which one a run was begun with."""

from typing import Any

from core.runs import Run
from pages.ui.fields import fields_of

MODEL, RIVAL, DATASET = "gan", "vae", "points"
SICK = "collapse"  # the name of the collapsing preset
CURE, PREFIX = "cure: ", "Cured? "  # what the names and the titles of its cures begin with
# What can stand beside cures without being one.
OTHERS = {
    RIVAL: {
        "title": "A VAE instead",
        "note": "No judge: an encoder learns with the decoder. On the ring all eight, evenly, but between them too.",
    }
}

Presets = dict[str, dict[str, Any]]


def presets_of(schemas: dict[str, Any], model: str = MODEL) -> Presets:
    """A model's presets on points by name: title, note, data, config, training."""
    found = schemas["models"].get(model, {}).get("presets", {})
    return {name: one for name, one in found.items() if one["dataset"] == DATASET}


def cures_of(presets: Presets) -> Presets:
    """Those that are the collapsing one with something changed."""
    return {name: one for name, one in presets.items() if name.startswith(CURE)}


def beside_of(presets: Presets) -> Presets:
    """What can stand beside the collapsing one: its cures, and another family on the same points."""
    return {**cures_of(presets), **OTHERS}


def short_title(preset: dict[str, Any]) -> str:
    """``Cured? PacGAN 2`` is ``PacGAN 2`` among cures."""
    return preset["title"].removeprefix(PREFIX)


def changed_by(presets: Presets, name: str) -> dict[str, Any]:
    """The flat settings in which a cure differs from the collapsing preset."""
    sick = presets.get(SICK, {"config": {}, "training": {}})
    return {
        setting: value
        for part in ("config", "training")
        for setting, value in presets[name][part].items()
        if sick[part].get(setting) != value
    }


def settings_of_rival(base: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """The flat settings of the other family on the points of ``base``, with hidden layers of the size of G's."""
    data = fields_of(schemas["datasets"][DATASET]["schema"])
    sizes = fields_of(schemas["models"][MODEL]["schema"])["generator_sizes"].default
    kept = {*data, "latent_dim", "steps", "epochs", "batch_size"}
    own = {name: value for name, value in base.items() if name in kept}
    return own | {"encoder_sizes": base.get("generator_sizes", sizes)[::-1]}


def preset_of(run: Run, schemas: dict[str, Any]) -> dict[str, Any] | None:
    """The preset whose data, networks, losses and cures a run has, None where it has none's.

    A link need not carry it: it is known by what the run itself says.
    """
    family = schemas["models"].get(run.model)
    if family is None:
        return None
    defaults = {name: field.default for name, field in fields_of(family["schema"]).items()}
    training = run.spec.training.model_dump(mode="json")
    for preset in presets_of(schemas, run.model).values():
        asked = {**family["training"], **preset["training"], "steps": training["steps"]}
        if (
            run.spec.config == {**defaults, **preset["config"]}
            and preset["data"].items() <= run.spec.data.items()
            and asked.items() <= training.items()
        ):
            return preset
    return None

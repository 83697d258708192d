"""What the diagram of a GAN's two networks says: the sizes of their layers, and their settings as they stand."""

from collections.abc import Mapping
from typing import Any

from core.runs import Run
from pages.ui.fields import spaced

# What holds a network back or changes what it is shown, by the setting's name; said where it is in force.
OF_G = {"average": "averaged {:g}", "unrolled_steps": "looks {} ahead"}
OF_D = {
    "r1": "R1 {:g}",
    "r2": "R2 {:g}",
    "gradient_penalty": "slope penalty {:g}",
    "weight_clip": "clipped at {:g}",
    "spectral_norm": "spectral norm",
    "label_smoothing": "smoothing {:g}",
    "instance_noise": "noise {:g}",
    "replay": "replay {replay_share:.0%}",
}


def networks_of(run: Run, values: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """The sizes of G's and D's layers from input to output, and how many ``classes`` both are told, as far as is known.

    ``frozen`` says whether D stands still in G's turn; ``says`` are two lines for each network, from the settings
    ``values`` as they stand, by default those of the start. None for a run without the two.
    """
    config = run.spec.config
    if not {"latent_dim", "generator_sizes", "discriminator_sizes"} <= set(config):
        return None
    values = values or {**config, **run.spec.training.model_dump(mode="json")}
    classes = len(run.environment.get("classes", [])) if config.get("conditional") else 0
    return {
        "G": [config["latent_dim"] + classes, *config["generator_sizes"], 2],
        "D": [config.get("packing", 1) * (2 + classes), *config["discriminator_sizes"], 1],
        "classes": classes,
        "frozen": values.get("freeze_discriminator", True),
        "says": {
            "G": _lines("generator", OF_G, values),
            "D": _lines("discriminator", OF_D, values),
        },
    }


def _lines(network: str, special: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    """How it learns, and what it is made of."""
    loss, updates = spaced(values[f"{network}_loss"]), values[f"{network}_updates"]
    rate = values["learning_rate"] * values[f"{network}_rate"]
    made = [spaced(values["activation"])]
    if network == "generator":
        made.insert(0, f"{values['prior']} z")
    if values["batch_norm"] in (network, "both"):
        made.append("batch norm")
    if network == "discriminator":
        made += [f"minibatch {values['minibatch']}"] if values["minibatch"] != "none" else []
        made += [f"packs of {values['packing']}"] if values["packing"] > 1 else []
    made += [text.format(values[name], **values) for name, text in special.items() if values[name]]
    return [f"{loss} loss, rate {rate:g}, {updates} × a step", ", ".join(made)]

"""The registry of models: a file in this folder is a model, its stem is the name."""

from core import registry

SHARED = {
    "adversarial",
    "adversarial_layers",
    "autoencoder_presets",
    "base",
    "blocks",
    "chains",
    "convolutions",
    "corruption",
    "gan_looks",
    "gan_parts",
    "gan_presets",
    "gan_settings",
    "linear",
    "quick_convolutions",
    "vae_parts",
    "vae_presets",
}


def names() -> list[str]:
    """The names of all models, without importing any."""
    return registry.names(__name__)


def get(name: str) -> type:
    """The one ``Model`` subclass that file ``name`` defines.

    Raises ``BadInput`` for an unknown name and ``TypeError`` for a file that defines none or several.
    """
    from core.models.base import Model

    module = registry.load(__name__, name)
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Model)
        and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise TypeError(f"core/models/{name}.py must define one Model, it defines {len(found)}.")
    return found[0]

"""What kind a layer is, and which kinds show nothing new."""

from typing import Any

# What only rearranges numbers, or does nothing once the training is over.
PLAIN = ("Flatten", "Unflatten", "Identity", "Dropout", "Reshape", "View")


def kind_of(layer: dict[str, Any]) -> str:
    """``Linear`` of ``Linear(in_features=64, …)``."""
    return layer["kind"].split("(")[0].strip()

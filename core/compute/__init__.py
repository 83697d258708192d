"""Questions to trained models, answered by processes that do nothing else, so that no page ever loads torch."""

from core.compute.client import Call, Compute

__all__ = ["Call", "Compute"]

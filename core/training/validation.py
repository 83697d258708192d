"""What a model in evaluation makes of rows that it does not train on."""

from torch import Tensor

from core.models.base import Model, Phase
from core.training.feed import Feed

BATCH = 1000  # rows at once


def terms_over(
    rows: Tensor, model: Model, phases: dict[str, Phase], feed: Feed
) -> dict[str, float]:
    """The mean of every phase's terms over these rows (n,), and what only this model can report of itself."""
    sums: dict[str, float] = {}
    for part in rows.split(BATCH):
        batch = feed.batch(part)
        for name, phase in phases.items():
            prefix = "validation/" if name == "step" else f"validation/{name}/"
            for term, value in phase.losses(batch).items():
                sums[prefix + term] = sums.get(prefix + term, 0.0) + value.item() * len(part)
    values = {name: total / len(rows) for name, total in sums.items()}
    if hasattr(model, "metrics"):
        values |= {f"validation/{name}": value for name, value in model.metrics(batch.x).items()}
    return values

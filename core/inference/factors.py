"""What the page on disentanglement asks: what each unit of a run's code knows of each factor of its data."""

from typing import Any

import numpy as np

from core.analysis import disentanglement as analysis
from core.analysis.codes import UNITS
from core.errors import BadInput
from core.inference import asking
from core.inference.weights import load

__all__ = ["disentanglement"]


def disentanglement(
    run: str, split: str = "test", step: int | None = None, seed: int = 0
) -> dict[str, Any]:
    """Both scores of a run's code against the known factors of its data, and the matrices behind them.

    ``factors`` are their titles (none where the data have fewer than two: then there is nothing else);
    ``information`` (d, K) and ``entropy`` (K,) in nats, ``gaps`` (K,), ``votes`` (d, K), ``active`` (d,) bool;
    ``mutual_information_gap`` and ``factor_vae_score`` with ``protocols``, a sentence each; ``chance``, the information
    in nats of a unit and a factor that have nothing in common; ``count`` examples. Raises ``BadInput`` for a split of
    fewer than 500 examples and for a code of more than 256 units.
    """
    loaded = load(run, step)
    loaded.ability("encode")
    asking.seed(seed)
    data = loaded.data
    rows = asking.rows_of(data, split, analysis.MOST)
    if len(data.factor_info) < 2:
        return {"factors": []}
    if len(rows) < analysis.FEWEST:
        raise BadInput(
            f"The {split} split has {len(rows):,} examples: the scores need {analysis.FEWEST:,}."
        )
    found = analysis.measured(loaded.model, data, rows, seed)
    if found is None:
        raise BadInput(f"This code has more than {UNITS} units: too many to set against factors.")
    return {
        "factors": [data.factor_info[name].title for name in found.factors],
        "information": found.information.astype(np.float32),
        "entropy": found.entropy.astype(np.float32),
        "gaps": found.gaps.astype(np.float32),
        "votes": found.votes,
        "active": found.active,
        "mutual_information_gap": found.gap,
        "factor_vae_score": found.factor_vae,
        "protocols": list(analysis.protocols(found, data)),
        "chance": found.chance,
        "count": len(rows),
    }

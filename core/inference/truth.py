"""What true data of a distribution in the plane reach by the measures that training logs of generated ones."""

from typing import Any

from core import datasets
from core.analysis.modes import SAMPLES, floors, truth_of

__all__ = ["true_points"]


def true_points(options: dict[str, Any]) -> dict[str, Any]:
    """Of ``points`` with these options: ``floors`` by the names of ``core.training.coverage.measured``, and ``modes``.

    Floors are what 2,500 true samples reach on average (``core.analysis.modes.floors``), ``exact`` whether the truth
    they are held against is a formula; ``modes`` are the centres [[x, y], …], none for a set without.
    Raises ``BadInput`` for options that make no data.
    """
    data = datasets.load("points", options)
    truth = truth_of(data, options)
    return {
        "floors": floors(data, truth),
        "exact": truth.exact,
        "modes": [] if data.modes is None else data.modes.tolist(),
        "samples": SAMPLES,
    }

"""What a page may ask of a map once it is there, written into the map's meta: so that it offers nothing in vain."""

from typing import Any

from core.analysis import columns, maps
from core.analysis.posteriors import takes_class
from core.analysis.vectors import LAYER
from core.inference.mapped import Wanted
from core.inference.weights import load
from core.models.base import abilities

__all__ = ["offers"]


def offers(asked: Wanted) -> dict[str, Any]:
    """``data`` (which data set: positions in another with the same name and options are the same rows), ``columns``.

    ``columns`` are what the points can be coloured by (``core.analysis.columns.available``). ``can_decode`` tells
    whether a place between the points can be decoded, ``can_place`` whether new examples can be placed, and
    ``can_sample`` whether the model draws some; ``can_reconstruct`` whether it reconstructs those of the map, and
    ``told`` whether it is told a class when it decodes or draws.
    """
    loaded = load(asked.run.id)  # any weights: what a model can do does not depend on them
    request, method, able = (
        asked.request,
        maps.get(asked.request.method),
        abilities(loaded.model),
    )
    decodes = request.of == "pixels" or ("decode" in able and not request.of.startswith(LAYER))
    places = hasattr(method, "place")
    return {
        "data": asked.run.spec.data_identity,
        "columns": columns.available(loaded.model, loaded.data),
        "can_decode": hasattr(method, "back") and decodes,
        "can_place": places,
        "can_sample": places and "sample" in able,
        "can_reconstruct": "reconstruct" in able,
        "told": takes_class(loaded.model),
    }

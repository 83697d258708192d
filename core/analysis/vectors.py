"""What is projected of each example: its code, its pixels, or what a layer makes of it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import numpy as np
from torch import Tensor

from core.analysis.activations import at_layer, met_by_examples, reads_examples
from core.analysis.passes import batches, device_of, quiet
from core.datasets.base import Data
from core.errors import BadInput
from core.models.base import Model, abilities

__all__ = ["LAYER", "MOST", "layers", "vectors"]

LAYER = "layer:"
MOST = 2**26  # numbers in all, 256 MiB: what wider layers make of many examples is refused


def vectors(
    model: Model,
    data: Data,
    rows: np.ndarray,
    of: str = "codes",
    progress: Callable[[float, str], None] | None = None,
) -> np.ndarray:
    """(n, d) float32, a row for each of the examples at ``rows`` (n,).

    ``of`` is "codes" (the means, flattened), "pixels" (of images in [0, 1]; points as they are) or "layer:NAME" (the
    activations of a layer that ``layers`` lists, flattened, the first time that data meet it). Numbers of a diverged
    run stay what they are. Raises ``BadInput`` for what this model does not have, and where (n, d) would be more than
    256 MiB, before it is.
    """
    found, done = None, 0
    # Closed whatever happens, so that the model is left as it was.
    with closing(_parts(model, data, rows, of)) as parts:
        for part in parts:
            values = part.flatten(1).float().cpu().numpy()
            if found is None:
                found = np.empty((len(rows), _allowed(of, values.shape[1], len(rows))), np.float32)
            found[done : done + len(values)] = values
            done += len(values)
            if progress is not None:
                progress(done / len(rows), f"Read {done:,} of {len(rows):,} examples")
    if found is None:
        raise BadInput("There are no examples to map.")
    return found


def layers(model: Model, data: Data) -> list[dict[str, Any]]:
    """The layers that can be asked for, in the order in which data meet them: ``name``, ``kind``, ``group``, ``shape``.

    ``shape`` is that of one example's activations. Empty where a model reads no examples.
    """
    two = np.resize(data.splits["train"], 2)
    return met_by_examples(model, next(batches(data, two, device_of(model))))


def _parts(model: Model, data: Data, rows: np.ndarray, of: str) -> Iterator[Tensor]:
    """What is asked of a batch of the examples after the other: (B, …)."""
    read = batches(data, rows, device_of(model))
    if of == "pixels":
        yield from (batch.x for batch in read)
    elif of == "codes":
        if "encode" not in abilities(model):
            raise BadInput(
                f"This model ({model.title}) has no codes of examples: map pixels or a layer."
            )
        with quiet(model, 0):
            yield from (model.encode(batch.x, batch.y).mean for batch in read)
    elif of.startswith(LAYER):
        yield from at_layer(model, read, _layer(model, data, of.removeprefix(LAYER)))
    else:
        raise BadInput(f"of: codes, pixels or {LAYER}NAME, not {of!r}.")


def _layer(model: Model, data: Data, name: str) -> str:
    """``name``, if it is that of a layer that reads examples."""
    if not reads_examples(model):
        raise BadInput(f"This model ({model.title}) reads no examples: map their pixels.")
    known = [layer["name"] for layer in layers(model, data)]
    if name not in known:
        raise BadInput(f"of: there is no layer {name!r}; choose one of {', '.join(known)}.")
    return name


def _allowed(of: str, d: int, n: int) -> int:
    """``d``, if ``n`` examples of so many numbers can be held."""
    if n * d > MOST:
        instead = " or a smaller layer" * of.startswith(LAYER)
        raise BadInput(
            f"{of}: {d:,} numbers for each of {n:,} examples are more than can be held: "
            f"choose at most {MOST // d:,} examples{instead}."
        )
    return d

"""Questions to one trained run: its codes, pictures and figures.

``run`` is a run's id (or its unique beginning), ``step`` a training step (None: the last). Images are float32 in
[0, 1] of shape (N, C, H, W), points float32 (N, D) in data units; ``index`` (N,) is the row in the source file.
"""

from typing import Any

import numpy as np
import torch

from core.analysis import disentanglement, evaluation
from core.analysis.passes import BATCH, batches, device_of, positions, quiet
from core.errors import BadInput
from core.inference import asking
from core.inference.weights import Loaded, load
from core.models.base import abilities

__all__ = ["decode", "encode", "evaluate", "reconstruct", "sample"]

MOST_SAMPLES = 100_000
MOST_DRAWS = 10_000


def encode(
    run: str, split: str = "test", step: int | None = None, limit: int | None = None
) -> dict[str, np.ndarray]:
    """The (mean) codes of a split's first ``limit`` rows: ``z`` (N, …) float32, ``y`` (N,), ``index`` (N,).

    ``y`` is -1 where the data have no classes. A discrete code also has ``indices`` (N, words), into its codebook.
    """
    loaded = load(run, step)
    method = loaded.ability("encode")
    data, rows = _rows(loaded, split, limit)
    with quiet(loaded.model, 0):
        codes = [method(batch.x, batch.y) for batch in batches(data, rows, device_of(loaded.model))]
    answer = {
        "z": _array([code.mean for code in codes]),
        "y": asking.labels(data, rows),
        "index": data.index[rows],
    }
    if codes[0].indices is not None:
        answer["indices"] = torch.cat([code.indices for code in codes]).cpu().numpy()
    return answer


def decode(
    run: str, z: Any, step: int | None = None, y: int | None = None
) -> dict[str, np.ndarray]:
    """What the codes ``z`` (N, …) decode to, ``x``; of a conditional model given the class number ``y``."""
    loaded = load(run, step)
    method = loaded.ability("decode")
    codes = _codes(loaded, z)
    with quiet(loaded.model, 0):
        x = [
            method(part.to(device_of(loaded.model)), asking.one_class(loaded, y, len(part)))
            for part in codes.split(BATCH)
        ]
    return {"x": _array(x)}


def reconstruct(
    run: str, split: str = "test", step: int | None = None, limit: int | None = None, seed: int = 0
) -> dict[str, np.ndarray]:
    """A split's first ``limit`` rows, ``x`` and ``x_hat``, and their ``index``."""
    loaded = load(run, step)
    method = loaded.ability("reconstruct")
    data, rows = _rows(loaded, split, limit)
    inputs, outputs = [], []
    with quiet(loaded.model, seed) as generator:
        for batch in batches(data, rows, device_of(loaded.model)):
            inputs.append(batch.x)
            outputs.append(method(batch.x, generator, batch.y))
    return {"x": _array(inputs), "x_hat": _array(outputs), "index": data.index[rows]}


def sample(
    run: str, n: int = 64, seed: int = 0, step: int | None = None, y: int | None = None
) -> dict[str, np.ndarray]:
    """``n`` new examples, ``x``, the same for the same ``seed``; of a conditional model of the class number ``y``."""
    loaded = load(run, step)
    method = loaded.ability("sample")
    asking.whole("n", n, 1, MOST_SAMPLES)
    asking.seed(seed)
    with quiet(loaded.model, seed) as generator:
        x = [
            method(count, generator, asking.one_class(loaded, y, count))
            for count in (min(BATCH, n - done) for done in range(0, n, BATCH))
        ]
    return {"x": _array(x)}


def evaluate(
    run: str,
    split: str = "test",
    step: int | None = None,
    seed: int = 0,
    corruption: str = "none",
    level: float = 0.0,
    samples: int = 0,
    examples: int = evaluation.EXAMPLES,
) -> dict[str, dict[str, Any]]:
    """Every figure of ``core.analysis.evaluation`` by name: value (or a list), unit, split, protocol, kind.

    With a ``corruption`` of some ``level`` also ``{split}_restored_mse`` and ``{split}_restored_sse``; with ``samples``
    of at most ``examples`` examples also ``{split}_nll`` of a model that only has a bound; for a code of data with
    known factors ``mutual_information_gap`` and ``factor_vae_score`` (``core.analysis.disentanglement``).
    """
    loaded = load(run, step)
    if corruption != "none":
        loaded.ability("reconstruct")
    asking.damage(corruption, level, loaded.data, "corruption")
    asking.whole("samples", samples, 0, MOST_DRAWS)
    asking.whole("examples", examples, 1, MOST_SAMPLES)
    found = evaluation.evaluate(
        loaded.model, loaded.data, split, seed, corruption, level, samples, examples
    )
    if "encode" in abilities(loaded.model):
        found |= disentanglement.metrics(loaded.model, loaded.data, split, seed)
    return found


def _rows(loaded: Loaded, split: str, limit: int | None) -> tuple[Any, np.ndarray]:
    rows = positions(loaded.data, split, limit)
    if not len(rows):
        raise BadInput(f"split: this run's data have no {split} rows.")
    return loaded.data, rows


def _codes(loaded: Loaded, z: Any) -> torch.Tensor:
    """``z`` as float32 codes of the model's own shape."""
    shape = loaded.model.latents["z"]
    try:
        codes = np.asarray(z, np.float32)
    except (TypeError, ValueError) as error:
        raise BadInput("z: not a rectangular list of numbers.") from error
    if codes.ndim != 1 + len(shape) or codes.shape[1:] != shape or not len(codes):
        wanted = " × ".join(map(str, ("N", *shape)))
        raise BadInput(
            f"z: this model's codes are {wanted}, these are {' × '.join(map(str, codes.shape))}."
        )
    if not np.isfinite(codes).all():
        raise BadInput("z: every number must be finite.")
    return torch.from_numpy(codes)


def _array(parts: list[torch.Tensor]) -> np.ndarray:
    return torch.cat(parts).float().cpu().numpy()

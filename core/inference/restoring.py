"""What the denoising page asks: one image or point, damaged and restored, many times or by turns.

``kind`` and ``level`` as in ``core.models.corruption``. The clean example is the one at ``position`` in the data set,
or a drawn image ``x``: rows of 0 to 255 (H, W) of the data's own size, taken into every channel. Images come as
uint8 (n, C, H, W), clipped to be shown (the model sees the damage unclipped), points as float32 (n, D).
"""

from typing import Any

from core.analysis import denoising
from core.analysis.evaluation import squared_errors
from core.inference import asking
from core.inference.weights import load
from core.models.base import Batch

__all__ = ["chain", "corruptions"]

MOST = 256


def corruptions(
    run: str,
    kind: str,
    level: float,
    position: int | None = None,
    x: list[list[int]] | None = None,
    n: int = 64,
    seed: int = 0,
    step: int | None = None,
) -> dict[str, Any]:
    """One example damaged ``n`` times: ``x`` (1, …), ``corrupted`` and ``restored`` (n, …), ``mean`` (1, …).

    ``spread`` (1, …) float32 is the standard deviation of the restored at each pixel, in data units; ``errors`` (n,)
    their squared differences from the clean example, summed.
    """
    data, clean, damaged, restored = _asked(
        denoising.restored, run, kind, level, position, x, n, seed, step
    )
    return {
        "x": asking.as_shown(data, clean),
        "corrupted": asking.as_shown(data, damaged),
        "restored": asking.as_shown(data, restored),
        "mean": asking.as_shown(data, restored.mean(0, keepdim=True)),
        "spread": restored.std(0, correction=0, keepdim=True).cpu().numpy(),
        "errors": squared_errors(restored, clean).float().cpu().numpy(),
    }


def chain(
    run: str,
    kind: str,
    level: float,
    position: int | None = None,
    x: list[list[int]] | None = None,
    n: int = 12,
    seed: int = 0,
    step: int | None = None,
) -> dict[str, Any]:
    """Damage and restore, and the restored again, ``n`` times: ``x`` (1, …), ``corrupted``, ``restored`` (n, …)."""
    data, clean, damaged, restored = _asked(
        denoising.chained, run, kind, level, position, x, n, seed, step
    )
    return {
        "x": asking.as_shown(data, clean),
        "corrupted": asking.as_shown(data, damaged),
        "restored": asking.as_shown(data, restored),
    }


def _asked(way, run, kind, level, position, x, n, seed, step) -> tuple:
    """The data, the clean example, and what ``way`` makes of it: the damaged and the restored."""
    loaded = load(run, step)
    loaded.ability("reconstruct")
    asking.damage(kind, level, loaded.data)
    asking.whole("n", n, 1, MOST)
    asking.seed(seed)
    clean = asking.example(loaded, position, x)
    y = None if position is None else asking.classes(loaded, asking.position(loaded.data, position))
    return loaded.data, clean, *way(loaded.model, Batch(clean, y), kind, level, n, seed)

"""What the pages on points ask: where a model moves every place of the plane, and the sheet it lays through space.

All arrays of points are float32 in data units.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.analysis import principal
from core.analysis.codes import encoded
from core.analysis.evaluation import mean_squared_error
from core.analysis.manifold import decoded_grid, plane
from core.analysis.passes import BATCH, device_of, quiet
from core.errors import BadInput
from core.inference import asking
from core.inference.weights import Loaded, load
from core.models.base import abilities
from core.training.grids import box_of, grid_over

__all__ = ["manifold", "vector_field"]

BACKGROUND_POINTS = 1000
SHOWN = 2000
FINEST = 101


def vector_field(run: str, step: int | None = None, n: int = 24) -> dict[str, Any]:
    """Where the model moves a grid of ``n`` × ``n`` places: ``grid`` and ``restored`` (n·n, 2), along x first.

    ``x`` (at most 1,000, 2) are data and ``box`` their extent with a quarter on each side: [left, right, bottom, top].
    """
    loaded = load(run, step)
    loaded.ability("reconstruct")
    data = loaded.data
    _need_points(loaded, (2,))
    asking.whole("n", n, 2, FINEST)
    box = box_of(data.x)
    grid = grid_over(box, n)
    rows = asking.rows_of(data, "test", BACKGROUND_POINTS)
    return {"grid": grid, "restored": _reconstructed(loaded, grid), "x": data.x[rows], "box": box}


def manifold(run: str, step: int | None = None, m: int = 31) -> dict[str, Any]:
    """Test points ``x`` (at most 2,000, D) in 2-D or 3-D, their reconstructions, and PCA's with as wide a code.

    ``x_hat``, ``pca_x_hat``; ``mse`` and ``pca_mse`` (fitted on the training rows) over all test rows; ``y`` and
    ``classes``. ``surface`` is what the codes' inner 98 % decode to, (m, D) for a code of one number, (m, m, D) for
    two, absent for more; ``pca_surface`` (2, D) or (2, 2, D) the ends or corners of PCA's.
    """
    loaded = load(run, step)
    for name in ("reconstruct", "encode"):
        loaded.ability(name)
    data, model = loaded.data, loaded.model
    _need_points(loaded, (2, 3))
    asking.whole("m", m, 2, FINEST)
    rows = asking.rows_of(data, "test", SHOWN)
    x, codes = torch.from_numpy(data.x[rows]), encoded(model, data, rows)
    width = codes.shape[1]
    k = min(width, data.shape[0])
    basis = principal.fitted(data)
    answer = {
        "x": data.x[rows],
        "x_hat": _reconstructed(loaded, data.x[rows], asking.classes(loaded, rows)),
        "y": asking.labels(data, rows),
        "classes": list(data.classes),
        "mse": mean_squared_error(model, data),
        "pca_x_hat": basis.back(basis.scores(x, k)).float().numpy(),
        "pca_mse": float(principal.mean_errors(basis, data, data.splits["test"])[k]),
    }
    if width <= 2 and "decode" in abilities(model):
        answer["surface"] = decoded_grid(model, codes, m)
    if k <= 2:
        answer["pca_surface"] = plane(basis, x, k)
    return answer


def _need_points(loaded: Loaded, dimensions: tuple[int, ...]) -> None:
    data = loaded.data
    if data.kind != "points" or data.shape[0] not in dimensions:
        wanted = " or ".join(f"{d}-D" for d in dimensions)
        given = "images" if data.kind == "images" else f"points of {data.shape[0]} numbers"
        raise BadInput(
            f"run: this picture is drawn of {wanted} points, and this run's are {given}."
        )


def _reconstructed(loaded: Loaded, points: np.ndarray, y: Tensor | None = None) -> np.ndarray:
    with quiet(loaded.model, 0) as generator:
        x = torch.from_numpy(points).to(device_of(loaded.model)).split(BATCH)
        given = [None] * len(x) if y is None else y.split(BATCH)
        parts = [
            loaded.model.reconstruct(part, generator, classes)
            for part, classes in zip(x, given, strict=True)
        ]
    return torch.cat(parts).float().cpu().numpy()

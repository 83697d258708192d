"""What the page on code sizes asks: runs on the same data side by side, and the best that a plane could do."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from core import datasets
from core.analysis import principal
from core.analysis.evaluation import mean_squared_error
from core.analysis.reconstruction import survey
from core.errors import BadInput
from core.inference import asking
from core.inference.weights import Loaded, load

__all__ = ["code_sizes"]

RUNS = 24
SHOWN = 64
CURVE = 40


def code_sizes(
    runs: list[str], n: int = 8, progress: Callable[[float, str], None] | None = None
) -> dict[str, Any]:
    """Runs on the same data: the same first ``n`` test examples ``x`` (n, …), ``x_hat`` (len(runs), n, …) of each.

    ``runs`` lists of each its ``run``, ``model``, ``latent_dim`` (numbers in the code), ``test_mse`` and its
    ``index`` in ``x_hat``. ``pca_sizes`` (s,) and ``pca_mse`` (s,) are the test error of exact PCA, fitted on the
    training rows, at up to 40 sizes from 1 to the widest code; empty for data of more than 4,096 numbers each.
    ``progress(share, text)`` hears how far it is.
    """
    tell = progress or (lambda share, text: None)
    loaded = _same_data(runs)
    data = loaded[0].data
    asking.whole("n", n, 1, SHOWN)
    rows = asking.rows_of(data, "test", n, evenly=False)
    about, pictures = [], []
    for i, one in enumerate(loaded):
        tell(i / (len(loaded) + 1), f"Measuring run {i + 1} of {len(loaded)}")
        about.append(
            {
                "run": one.run.id,
                "model": one.run.model,
                "latent_dim": prod(one.model.latents["z"]),
                "test_mse": mean_squared_error(one.model, data),
                "index": i,
            }
        )
        found = survey(one.model, data, rows, n=n)
        pictures.append(asking.as_shown(data, found["x_hat"]))
    tell(len(loaded) / (len(loaded) + 1), "Fitting PCA")
    sizes, errors = _pca(loaded, [one["latent_dim"] for one in about])
    return {
        "runs": about,
        "x": data.x[rows],
        "x_hat": np.stack(pictures),
        "pca_sizes": sizes,
        "pca_mse": errors,
    }


def _same_data(runs: list[str]) -> list[Loaded]:
    """The models of ``runs``, in this order; all reconstruct, and all were trained on one data set."""
    if not isinstance(runs, list) or not 1 <= len(runs) <= RUNS:
        raise BadInput(f"runs: a list of 1 to {RUNS} runs.")
    loaded = [load(run) for run in runs]
    for one in loaded:
        one.ability("reconstruct")
        if "z" not in one.model.latents:
            raise BadInput(f"runs: a {one.model.title} has no code whose size could be compared.")
    specs = [one.run.spec for one in loaded]
    chosen = [(spec.dataset, datasets.options(spec.dataset, spec.data)) for spec in specs]
    if any(one != chosen[0] for one in chosen):
        raise BadInput(
            "runs: only runs on the same data set with the same options can be compared."
        )
    return loaded


def _pca(loaded: list[Loaded], asked: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Sizes and test errors of PCA up to the widest code, the asked ones among them."""
    data = loaded[0].data
    most = prod(data.shape)
    if most > principal.MOST:
        return np.zeros(0, np.int64), np.zeros(0)
    top = min(max(asked), most)
    exact = {min(size, most) for size in asked}
    between = np.geomspace(1, top, max(CURVE - len(exact), 2)).round().astype(np.int64)
    sizes = np.arange(1, top + 1) if top <= CURVE else np.unique([*exact, *between])
    errors = principal.mean_errors(principal.fitted(data), data, data.splits["test"])
    return sizes, errors[sizes]

"""What the latent page asks of new codes: drawn from the prior or from a density fitted to the data's, or typed.

Arguments as in ``core.inference.latent``.
"""

import json
import math
import re
from functools import lru_cache
from typing import Any

import numpy as np

from core.analysis import code_densities
from core.analysis.neighbours import distances, nearest_of_each
from core.analysis.passes import quiet, spread
from core.analysis.posteriors import is_discrete, prior_std
from core.errors import BadInput
from core.inference import asking
from core.inference.averages import placed
from core.inference.coded import class_given, coded, loaded_coder, shown
from core.inference.weights import Loaded

__all__ = ["density_samples", "typed_code"]

SOURCES = ("prior", *code_densities.KINDS)
FITTED = 20_000  # training rows whose codes a density is fitted to, and among which the nearest is looked for
MIXED = 5_000  # of them a mixture is fitted to: EM over 64 numbers takes seconds
MOST = 144
COMPONENTS = 50
WIDEST = (
    128  # numbers in a code: a mixture of full covariances of more takes minutes and means little
)
DOTS = 1500
LONGEST = 20_000  # characters of a typed code


def density_samples(
    run: str,
    source: str = "mixture",
    n: int = 24,
    components: int = 10,
    seed: int = 0,
    step: int | None = None,
    y: int | None = None,
) -> dict[str, Any]:
    """``n`` codes from ``source`` (prior, or a diagonal, full or mixture density fitted to training codes), decoded.

    ``x`` (n, …), each beside the nearest training example, ``near_x`` and ``near_distance`` (n,) (Euclidean, in
    pixels from 0 to 1 or data units); ``real`` (n, …) test examples drawn at random with their ``real_distance``.
    ``cloud`` (at most 1,500, 2) training codes and ``drawn`` (n, 2), by ``axes``; ``nats``, the mean log density of
    the test codes in nats per example; ``count`` the training rows, of which ``fitted`` were fitted to. The prior of
    a discrete code has no density: there ``nats`` is None and ``drawn`` empty.
    """
    loaded = loaded_coder(run, step)
    asking.choice("source", source, SOURCES)
    asking.whole("n", n, 1, MOST)
    asking.whole("components", components, 1, COMPONENTS)
    asking.seed(seed)
    data, known = loaded.data, coded(loaded, "train", FITTED)
    z, x, nats = _drawn(loaded, source, components if source == "mixture" else 1, n, seed, y)
    rows = np.random.default_rng(seed).permutation(asking.rows_of(data, "test", len(data.x)))[:n]
    train = data.x[known.rows]
    at, near = nearest_of_each(train, x)
    _, real = nearest_of_each(train, data.x[rows])
    cloud, axes = placed(known.mean, spread(known.mean, DOTS))
    return {
        "x": x,
        "near_x": train[at],
        "near_distance": near,
        "near_index": data.index[known.rows[at]],
        "real": data.x[rows],
        "real_distance": real,
        "cloud": cloud,
        "cloud_y": asking.labels(data, spread(known.rows, DOTS)),
        "drawn": placed(known.mean, z)[0],
        "axes": axes,
        "classes": list(data.classes),
        "nats": nats,
        "count": len(known.rows),
        "fitted": 0 if source == "prior" else min(len(known.rows), _rows(source)),
    }


def _drawn(
    loaded: Loaded, source: str, components: int, n: int, seed: int, y: int | None
) -> tuple[np.ndarray, np.ndarray, float | None]:
    """Drawn codes (n, d), what they decode to, and the density of the test codes; of a discrete prior x alone."""
    if source == "prior" and is_discrete(loaded.model, loaded.data):
        with quiet(loaded.model, seed) as generator:
            x = loaded.ability("sample")(n, generator)
        return (
            np.empty((0, coded(loaded, "train", FITTED).mean.shape[1])),
            asking.as_shown(loaded.data, x),
            None,
        )
    density = _density(loaded, source, components)
    z = density.draw(n, seed)
    nats = float(density.nats(coded(loaded, "test").mean).mean())
    return z, shown(loaded, z, class_given(loaded, y)), nats


def _rows(source: str) -> int:
    """How many training codes a density is fitted to, at most."""
    return MIXED if source == "mixture" else FITTED


@lru_cache(maxsize=8)
def _density(loaded: Loaded, source: str, components: int) -> code_densities.Density:
    """The density, kept: another seed of the draws needs no other fit. The fit itself begins from seed 0."""
    codes = coded(loaded, "train", FITTED).mean
    d = codes.shape[1]
    if source == "prior":
        loaded.ability("sample")
        return code_densities.standard(d, prior_std(loaded.model))
    if source == "mixture" and d > WIDEST:
        raise BadInput(
            f"source: this code has {d} numbers; a mixture is fitted to at most {WIDEST}: choose full or diagonal."
        )
    return code_densities.fitted(spread(codes, _rows(source)), source, components)


def typed_code(
    run: str, text: str, step: int | None = None, y: int | None = None
) -> dict[str, Any]:
    """What a code typed as ``text`` ("[-1, 5]", "-1 5") decodes to: ``x`` (1, …), and its numbers ``z`` (d,).

    ``near_x`` (1, …), ``near_index``, ``near_y``, ``near_distance``: the training example whose code is nearest;
    ``usual``: the median of that distance among test examples. ``cloud``, ``cloud_y``, ``drawn`` (1, 2), ``axes`` as
    in ``density_samples``.
    """
    loaded = loaded_coder(run, step)
    data, known = loaded.data, coded(loaded, "train", FITTED)
    z = parsed(text, known.mean.shape[1])
    apart = distances(known.mean, z)
    at = int(apart.argmin())
    row = known.rows[at : at + 1]
    tests = spread(coded(loaded, "test").mean, 200)
    cloud, axes = placed(known.mean, spread(known.mean, DOTS))
    return {
        "x": shown(loaded, z[None], class_given(loaded, y)),
        "z": z.astype(np.float32),
        "near_x": data.x[row],
        "near_index": int(data.index[row][0]),
        "near_y": int(asking.labels(data, row)[0]),
        "near_distance": float(apart[at]),
        "usual": float(np.median(nearest_of_each(known.mean, tests)[1])),
        "cloud": cloud,
        "cloud_y": asking.labels(data, spread(known.rows, DOTS)),
        "drawn": placed(known.mean, z[None])[0],
        "axes": axes,
        "classes": list(data.classes),
        "count": len(known.rows),
    }


def parsed(text: Any, d: int) -> np.ndarray:
    """The ``d`` numbers of a typed code, (d,) float64: between commas, semicolons or spaces, in brackets or not."""
    such = json.dumps([0.0, 1.5, -1.0, 0.5][:d])
    such = such if d <= 4 else such[:-1] + ", …]"
    count = f"{d} numbers" if d > 1 else "one number"
    if not isinstance(text, str) or len(text) > LONGEST:
        raise BadInput(f"Type {count}, such as {such}.")
    words = re.findall(r"[^\s,;\[\](){}]+", text.replace("−", "-"))
    values = []
    for word in words:
        try:
            values.append(float(word))
        except ValueError:
            raise BadInput(
                f"“{word[:30]}” is not a number: type {count}, such as {such}."
            ) from None
    if len(values) != d:
        verb = "is" if len(values) == 1 else "are"
        raise BadInput(f"This model's code has {count}, and {len(values)} {verb} typed here.")
    # What float32 cannot hold is no code either.
    if not all(math.isfinite(value) and abs(value) < 3e38 for value in values):
        raise BadInput("Every number of a code must be finite.")
    return np.array(values)

"""Maps of codes: t-SNE against scikit-learn's, and UMAP in a warmed process against umap-learn's second call.

The codes are those of the dense autoencoder 784-100-30-10 of MNIST, trained here; all maps with the settings that each
side comes with. What a person sees of maps in the browser is measured by ``core.bench.maps_in_browser``.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from core import datasets
from core.analysis import maps
from core.analysis.maps.umap import warm_up
from core.analysis.sampling import by_class
from core.analysis.trust import trust
from core.analysis.vectors import vectors
from core.errors import ExplorerError
from core.training.specs import resolve
from core.training.trainer import Trainer

__all__ = ["GOALS", "bench_projections"]

GOALS = {"tsne": 3.0, "trust": -0.005, "umap": 1.2}
SETTINGS = {"latent_dim": 10, "steps": 1500}


def bench_projections(
    n: int = 10_000,
    more: int = 20_000,
    rounds: int = 1,
    data_dir: str | None = None,
    dataset: str = "mnist",
    steps: int = SETTINGS["steps"],
    report: Callable[[dict[str, Any]], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """One row a figure: ``bench``, ``value``, ``unit``, ``goal`` (None where there is none), ``protocol``, ``parts``.

    Each contest is held ``rounds`` times, by turns; times and trustworthiness are medians. ``report`` hears of each row
    as it is measured.
    """
    some, many = _codes(n, more, data_dir, dataset, steps)
    rows = []
    for contest in (
        lambda: _tsne(some, rounds),
        lambda: _larger(many),
        lambda: _umap(some, rounds),
    ):
        for row in contest():
            rows.append(row)
            report(row)
    return rows


def _codes(n: int, more: int, data_dir: str | None, dataset: str, steps: int) -> list[np.ndarray]:
    """The codes (k, 10) of ``n`` and of ``more`` training rows, of each class its share."""
    spec = resolve("autoencoder", dataset, {**SETTINGS, "steps": steps}, data_dir=data_dir)
    data = datasets.load(spec.dataset, spec.data, data_dir=data_dir)
    trainer = Trainer(spec, data)
    for event in trainer.events():
        if event.kind == "failed":
            raise ExplorerError(f"The training of the codes failed: {event.text}")
    return [vectors(trainer.model, data, by_class(data, "train", k)) for k in (n, more)]


def _tsne(codes: np.ndarray, rounds: int) -> list[dict[str, Any]]:
    from sklearn.manifold import TSNE

    contestants = {
        "ours": lambda: _fit("tsne", codes),
        "scikit-learn": lambda: TSNE(random_state=0).fit_transform(codes),
    }
    times, made = _by_turns(contestants, rounds)
    figures = {name: _trusted(codes, found) for name, found in made.items()}
    error = trust(codes, made["ours"][0])["trustworthiness"]["error"]
    what = f"{len(codes):,} codes of {codes.shape[1]} numbers; each with its defaults"
    return [
        {
            "bench": "t-SNE, scikit-learn's time over ours",
            "value": times["scikit-learn"] / times["ours"],
            "unit": "×",
            "goal": GOALS["tsne"],
            "protocol": f"{what}; median of {rounds}, by turns",
            "parts": {f"{name} (s)": seconds for name, seconds in times.items()},
        },
        {
            "bench": "t-SNE, our trustworthiness less scikit-learn's",
            "value": figures["ours"] - figures["scikit-learn"],
            "unit": "of 1",
            "goal": GOALS["trust"],
            "protocol": f"{what}; 15 neighbours, the same queries for both; standard error of one "
            + ("none, exact" if error is None else f"{error:.2g}"),
            "parts": figures,
        },
    ]


def _larger(codes: np.ndarray) -> list[dict[str, Any]]:
    """A longer t-SNE map, and how long it is ever silent: so long may a stop, or a page's bar, have to wait."""
    heard = [time.perf_counter()]
    _fit("tsne", codes, lambda share, text: heard.append(time.perf_counter()))
    heard.append(time.perf_counter())
    return [
        {
            "bench": "t-SNE of more codes",
            "value": heard[-1] - heard[0],
            "unit": "s",
            "goal": None,
            "protocol": f"{len(codes):,} codes of {codes.shape[1]} numbers, once",
            "parts": {"longest without a word of progress (s)": float(np.diff(heard).max())},
        }
    ]


def _umap(codes: np.ndarray, rounds: int) -> list[dict[str, Any]]:
    import umap

    begun = time.perf_counter()
    warm_up()
    warming = time.perf_counter() - begun
    contestants = {
        "ours": lambda: _fit("umap", codes),
        "umap-learn": lambda: umap.UMAP().fit_transform(codes),
        "umap-learn with a seed": lambda: umap.UMAP(random_state=0, n_jobs=1).fit_transform(codes),
    }
    first, _ = _by_turns({name: make for name, make in contestants.items() if name != "ours"}, 1)
    times, made = _by_turns(contestants, rounds)
    trusted = {name: _trusted(codes, found) for name, found in made.items()}
    return [
        {
            "bench": "UMAP, our time over umap-learn's second call",
            "value": times["ours"] / times["umap-learn"],
            "unit": "×",
            "goal": GOALS["umap"],
            "protocol": f"{len(codes):,} codes of {codes.shape[1]} numbers; each with its "
            f"defaults, ours with a seed and so on one thread, after its warm-up; one process, median of {rounds}",
            "parts": {
                **{f"{name} (s)": seconds for name, seconds in times.items()},
                "our warm-up (s)": warming,
                **{f"{name}, first call after it (s)": seconds for name, seconds in first.items()},
                **{f"{name}, trustworthiness": value for name, value in trusted.items()},
            },
        }
    ]


def _trusted(codes: np.ndarray, found: list[np.ndarray]) -> float:
    """The median trustworthiness of maps of the ``codes``."""
    return statistics.median(trust(codes, at)["trustworthiness"]["value"] for at in found)


def _fit(
    name: str, codes: np.ndarray, progress: Callable[[float, str], None] | None = None
) -> np.ndarray:
    """Our map of the codes with the method's defaults, told of as the pages are."""
    method = maps.get(name)
    heard = progress or (lambda share, text: None)
    return method.fit(codes, method.Settings(), 2, progress=heard).at


def _by_turns(
    contestants: dict[str, Callable[[], np.ndarray]], rounds: int
) -> tuple[dict[str, float], dict[str, list[np.ndarray]]]:
    """The median seconds of each contestant, and the maps it made."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    made: dict[str, list[np.ndarray]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, make in contestants.items():
            begun = time.perf_counter()
            made[name].append(make())
            times[name].append(time.perf_counter() - begun)
    return {name: statistics.median(seconds) for name, seconds in times.items()}, made

"""Mode collapse and its cures by the protocol of the papers: how many modes, how good the samples, how even.

Ring of 8 (radius 1, σ 0.01) and grid {-4, -2, 0, 2, 4}² (σ 0.05); 2,500 samples after training; mean and standard
error over seeds. Each training is a case with a seed, on one thread, and its seconds are processor time: other programs
do not count. Where a case is given a time, it trains at a constant rate until that is over.

What is done is kept under ``EXPLORER_HOME``, a file for each case and seed, named by all that decides it: an
interrupted bench goes on, and a changed setting begins anew.
"""

import hashlib
import json
import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from core import arrays, datasets
from core.analysis.modes import coverage, truth_of
from core.errors import BadInput
from core.models.gan_presets import CURES
from core.settings import settings
from core.training.config import RunSpec
from core.training.specs import resolve
from core.training.trainer import Trainer

__all__ = ["CASES", "FIGURES", "Case", "bench_modes", "table"]

FIGURES = ("modes", "high_quality", "reverse_kl", "kl", "js", "seconds")
ENDLESS = 10_000_000
FORMAT = 1  # of the kept files: a change of the protocol counts it up


class Goal(NamedTuple):
    """What the mean over the seeds must reach: modes at least (or at most), the share of good samples, reverse KL."""

    least_modes: float = 0.0
    most_modes: float = float("inf")
    high_quality: float = 0.0
    reverse_kl: float = float("inf")
    seconds: float = float("inf")


class Case(NamedTuple):
    """A training: a preset of the GAN on the ring or the grid, for so many seconds, or for the preset's own steps."""

    title: str
    preset: str
    distribution: str = "ring"
    seconds: float | None = None
    goal: Goal | None = None
    published: str = ""


BEST = {
    "ring": Goal(8.0, high_quality=0.96, reverse_kl=0.01, seconds=180),
    "grid": Goal(25.0, high_quality=0.96, reverse_kl=0.015, seconds=180),
}
PUBLISHED = {
    "ring": "PacGAN2 7.9 / 95.6 % / 0.07; plain GAN 6.3 / 98.2 % / 0.45; 400,000 steps each",
    "grid": "PacGAN4 24.8 / 93.6 % / 0.04; VEEGAN 24.6 / 40 %",
}
CASES: dict[str, Case] = {
    "collapse": Case("*Collapse in 20 seconds*", "collapse", seconds=20, goal=Goal(most_modes=4.0)),
    "ring": Case("*A good day*, ring", "good day", "ring", None, BEST["ring"], PUBLISHED["ring"]),
    "grid": Case(
        "*A good day, 25 clumps*", "good day, grid", "grid", None, BEST["grid"], PUBLISHED["grid"]
    ),
    "uncured": Case("Uncured", "collapse", seconds=60),
    **{
        name: Case(cure.title.removeprefix("Cured? "), name, seconds=60)
        for name, cure in CURES.items()
    },
}
FEW_MODES = 5  # of a collapsed run
FEW_SHARE = 0.8  # of the seeds must have no more


def bench_modes(
    seeds: int = 10,
    only: Sequence[str] | None = None,
    minutes: float | None = None,
    report: Callable[[dict[str, Any]], None] = lambda _: None,
) -> dict[str, Any]:
    """``rows``, one for each seed and case, and their ``summary``; no new training begins after ``minutes``.

    Seed by seed, so that an early end leaves whole comparisons. ``report`` hears of each row, kept ones too. Raises
    ``BadInput`` for a case that there is not.
    """
    names = list(only or CASES)
    if unknown := set(names) - set(CASES):
        raise BadInput(f"There is no case {', '.join(sorted(unknown))}; choose {', '.join(CASES)}.")
    end = float("inf") if minutes is None else time.monotonic() + 60 * minutes
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    rows = []
    try:
        for seed in range(seeds):
            for name in names:
                row = _kept(name, seed)
                if row is None and time.monotonic() < end:
                    row = _train(name, seed)
                if row is not None:
                    rows.append(row)
                    report(row)
    finally:
        torch.set_num_threads(threads)
    return {"rows": rows, "summary": _summary(names, rows)}


# -- one training ------------------------------------------------------------------------------------------------------


def _spec(case: Case, seed: int) -> RunSpec:
    given = {"distribution": case.distribution} | ({"steps": ENDLESS} if case.seconds else {})
    return resolve("gan", "points", given, preset=case.preset, seed=seed)


def _train(name: str, seed: int) -> dict[str, Any]:
    """Train, measure and keep one row."""
    case = CASES[name]
    spec = _spec(case, seed)
    data = datasets.load(spec.dataset, spec.data)
    trainer = Trainer(spec, data)
    begun, seconds, broken = time.process_time(), 0.0, ""
    for event in trainer.events():
        if event.kind == "failed":
            broken = event.text
        trainer.drain()
        seconds = time.process_time() - begun
        if case.seconds and seconds >= case.seconds:
            break
    found = coverage(trainer.model, data, truth_of(data, spec.data))
    row = {
        "case": name,
        "seed": seed,
        **found.measures,
        "counts": found.counts.tolist(),
        "steps": trainer.step,
        "seconds": seconds,
        "broken": broken,
    }
    arrays.write_bytes(_place(name, seed), json.dumps(row).encode())
    return row


def _place(name: str, seed: int) -> Path:
    """Where the row of a case and a seed is kept; all that decides its numbers decides the name."""
    case = CASES[name]
    what = [FORMAT, _spec(case, seed).model_dump(mode="json", exclude={"data_dir"}), case.seconds]
    digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]
    return settings().home / "bench" / "modes" / f"{name.replace(' ', '-')}-{seed}-{digest}.json"


def _kept(name: str, seed: int) -> dict[str, Any] | None:
    """The row of an earlier bench; None where there is none that can be read."""
    with suppress(OSError, ValueError):
        return json.loads(_place(name, seed).read_text(encoding="utf-8"))
    return None


# -- all of them -------------------------------------------------------------------------------------------------------


def _summary(names: list[str], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each case with at least one row: means, standard errors, and whether it reaches what it must."""
    found = {}
    for name in names:
        own = [row for row in rows if row["case"] == name]
        if own:
            found[name] = _of_case(name, own)
    uncured = found.get("uncured")
    for name, one in found.items():
        if uncured and name in CURES:
            one["helped"] = _helped(one["modes"], uncured["modes"])
    return list(found.values())


def _helped(cured: dict[str, float | None], uncured: dict[str, float | None]) -> str:
    """``yes`` or ``no`` where the modes are more or fewer by over two standard errors of the difference."""
    more = cured["mean"] - uncured["mean"]
    if abs(more) <= 2 * math.hypot(cured["error"] or 0.0, uncured["error"] or 0.0):
        return "within the error"
    return "yes" if more > 0 else "no"


def _of_case(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    case = CASES[name]
    one: dict[str, Any] = {
        "case": name,
        "title": case.title,
        "runs": len(rows),
        "published": case.published,
        "few_modes": sum(row["modes"] <= FEW_MODES for row in rows),
        "broken": sum(bool(row["broken"]) for row in rows),
    }
    for figure in FIGURES:
        values = np.array([row[figure] for row in rows], np.float64)
        error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
        one[figure] = {"mean": float(values.mean()), "error": error, "most": float(values.max())}
    if case.goal is not None:
        one["goal"] = {k: v for k, v in case.goal._asdict().items() if v not in (0.0, float("inf"))}
        one["reached"] = _reached(case.goal, one)
    return one


def _reached(goal: Goal, one: dict[str, Any]) -> bool:
    if goal.most_modes < float("inf") and one["few_modes"] < FEW_SHARE * one["runs"]:
        return False
    return (
        goal.least_modes <= one["modes"]["mean"] <= goal.most_modes
        and one["high_quality"]["mean"] >= goal.high_quality
        and one["reverse_kl"]["mean"] <= goal.reverse_kl
        and one["seconds"]["most"] <= goal.seconds
    )


HEAD = "| case | modes | high quality | reverse KL (nats) | seconds | seeds | helped or reached |"


def table(summary: list[dict[str, Any]]) -> str:
    """The summary in Markdown: means over the seeds ± their standard errors, and what was published."""
    lines = [HEAD, "| --- " * HEAD.count(" |") + "|"]
    for one in summary:
        cells = (
            one["title"],
            _mean(one["modes"], 1),
            f"{_mean(one['high_quality'], 1, 100)} %",
            _mean(one["reverse_kl"], 4 if one["reverse_kl"]["mean"] < 0.01 else 3),
            f"{one['seconds']['mean']:.0f}",
            str(one["runs"]),
            _verdict(one),
        )
        lines.append(f"| {' | '.join(cells)} |")
    known = [
        f"{one['title']}: published {one['published']}." for one in summary if one["published"]
    ]
    return "\n".join([*lines, *(["", *known] if known else [])])


def _mean(figure: dict[str, float | None], digits: int, unit: float = 1.0) -> str:
    error = figure["error"]
    mean = f"{unit * figure['mean']:.{digits}f}"
    return mean if error is None else f"{mean} ± {unit * error:.{digits}f}"


def _verdict(one: dict[str, Any]) -> str:
    words = [one["helped"]] if "helped" in one else []
    if "reached" in one:
        words.append("reached" if one["reached"] else "not reached")
    if "most_modes" in one.get("goal", {}):
        words.append(f"{one['few_modes']} of {one['runs']} with {FEW_MODES} modes or fewer")
    return ", ".join(words + ([f"{one['broken']} broke"] if one["broken"] else []))

"""Presets that are known to fail do so in the way that their line says."""

import numpy as np

from core import datasets
from core.training.coverage import sampled
from core.training.specs import resolve
from core.training.trainer import Trainer


def trained(preset: str, steps: int) -> tuple[np.ndarray, dict[str, list[float]]]:
    """Samples (2500, 2) after so many steps, and what was logged every 20, by name."""
    spec = resolve("gan", "points", {"steps": steps, "log_every": 20}, preset=preset)
    trainer = Trainer(spec, datasets.load(spec.dataset, spec.data))
    for _ in trainer.events():
        pass
    found: dict[str, list[float]] = {}
    for scalar in trainer.drain():
        found.setdefault(scalar.name, []).append(scalar.value)
    with trainer.looking() as model:
        return sampled(model), found


def test_the_vanishing_gradient_vanishes_and_the_points_stand():
    half, _ = trained("vanishing gradient", 300)
    whole, logged = trained("vanishing gradient", 600)
    assert logged["train/G/gradient"][-1] < 0.01 * logged["train/G/gradient"][0]
    assert logged["train/D/accuracy_generated"][-1] > 0.999
    moved = np.linalg.norm(whole - half, axis=1)
    assert moved.max() < 0.02  # of a ring of radius 3


def test_an_unfrozen_judge_is_bribed_and_the_points_fly_away():
    samples, logged = trained("D not frozen", 1500)
    assert logged["train/D/accuracy_generated"][-1] == 0
    assert np.linalg.norm(samples, axis=1).min() > 2  # of a ring of radius 1

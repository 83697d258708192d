"""The account of a run's numbers, over stretches longer than what is read at once."""

import math

import torch

from core.training.log import TOGETHER, Log

STEPS = 2 * TOGETHER + 50


def test_a_long_stretch_has_the_mean_of_all_its_steps():
    values = torch.rand(STEPS, generator=torch.Generator().manual_seed(0))
    log = Log()
    for step, value in enumerate(values, 1):
        log.add("train/loss", value)
        log.end_step(step)
    assert len(log.fresh["train/loss"]) == STEPS % TOGETHER  # the rest has been let go
    assert log.close(STEPS) is None
    ((step, name, mean),) = log.drain()
    assert (step, name) == (STEPS, "train/loss")
    assert mean == sum(values.tolist()) / STEPS


def test_the_step_at_which_a_loss_broke_is_named_though_it_was_read_long_before():
    log = Log()
    for step in range(1, STEPS + 1):
        log.add("train/loss", torch.tensor(math.nan if step >= TOGETHER + 7 else 1.0))
        log.end_step(step)
    assert log.close(STEPS) == ("became nan", TOGETHER + 7)


def test_of_several_updates_a_step_the_one_that_broke_names_its_step():
    log = Log()
    for step in range(1, 11):
        for repeat in range(3):
            log.add("train/D/loss", torch.tensor(math.inf if (step, repeat) == (7, 1) else 1.0))
        log.add("train/G/loss", torch.tensor(1.0))
        log.end_step(step)
    assert log.close(10) == ("became inf", 7)

"""Optimisers and learning-rate schedules by their names in ``TrainConfig``."""

import math
from collections.abc import Iterable

import torch
from torch import nn

from core.training.config import TrainConfig

KERNELS = {torch.optim.Adam: torch._fused_adam_, torch.optim.AdamW: torch._fused_adamw_}


def make_optimizer(
    config: TrainConfig, parameters: Iterable[nn.Parameter]
) -> torch.optim.Optimizer:
    """The optimiser that ``config`` names; fused into one kernel where torch has one (1.1-1.4 times faster)."""
    c, parameters = config, list(parameters)
    common = {"lr": c.learning_rate, "weight_decay": c.weight_decay}
    if c.optimizer == "sgd":
        return torch.optim.SGD(
            parameters,
            momentum=c.momentum,
            nesterov=c.nesterov and c.momentum > 0,
            fused=True,
            **common,
        )
    if c.optimizer == "rmsprop":
        return torch.optim.RMSprop(
            parameters, alpha=c.rho, eps=c.epsilon, momentum=c.momentum, **common
        )
    common |= {"betas": (c.beta1, c.beta2), "eps": c.epsilon}
    if c.optimizer == "nadam":
        return torch.optim.NAdam(parameters, **common)
    family = torch.optim.Adam if c.optimizer == "adam" else torch.optim.AdamW
    return family(parameters, fused=True, **common)


def take_step(optimizer: torch.optim.Optimizer) -> None:
    """One step of ``optimizer``, after which its parameters have no gradient.

    Of Adam it is torch's kernel alone, the same to the bit: what the class does around it at every step costs a small
    network a seventh of its time.
    """
    (group,) = optimizer.param_groups
    learning = [p for p in group["params"] if p.grad is not None]
    memory = [optimizer.state.get(p) for p in learning]
    kernel = KERNELS.get(type(optimizer))
    if kernel is None or not all(memory):  # at first they remember nothing
        optimizer.step()
    else:
        steps = [m["step"] for m in memory]
        beta1, beta2 = group["betas"]
        with torch.no_grad():
            torch._foreach_add_(steps, 1)
            kernel(
                learning,
                [p.grad for p in learning],
                [m["exp_avg"] for m in memory],
                [m["exp_avg_sq"] for m in memory],
                [],
                steps,
                lr=group["lr"],
                beta1=beta1,
                beta2=beta2,
                weight_decay=group["weight_decay"],
                eps=group["eps"],
                amsgrad=False,
                maximize=False,
            )
    for parameter in learning:
        parameter.grad = None


def rate_factor(config: TrainConfig, step: int, total: int) -> float:
    """What multiplies the learning rate in the step that follows ``step`` done of ``total``: at most 1."""
    if step < config.warmup_steps:
        return (step + 1) / config.warmup_steps
    span = max(total - config.warmup_steps, 1)
    t = min((step - config.warmup_steps) / span, 1.0)
    final = config.schedule_final
    if config.schedule == "linear":
        return 1 + (final - 1) * t
    if config.schedule == "cosine":
        return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * t))
    if config.schedule == "exponential":
        return max(final, 1e-6) ** t
    return 1.0

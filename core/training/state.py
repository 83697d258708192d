"""What a trainer must remember to go on, to the bit, as if it had never stopped."""

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from core.errors import DamagedFile

if TYPE_CHECKING:
    from core.training.trainer import Trainer


def capture(trainer: "Trainer") -> tuple[dict[str, np.ndarray], dict]:
    """All that decides what comes next: weights, optimisers, noise; and a JSON-able rest."""
    arrays = {f"model/{k}": v.detach().cpu().numpy() for k, v in trainer.model.state_dict().items()}
    for phase, optimizer in trainer.optimizers.items():
        for i, values in optimizer.state_dict()["state"].items():
            for key, value in values.items():
                if value is not None:
                    number = torch.as_tensor(value).cpu().numpy()
                    arrays[f"optimizer/{phase}/{i}/{key}"] = number
    for i, state in enumerate(trainer.noise.state):
        arrays[f"noise/{i}"] = state.numpy()
    trainer.log.read()
    for name, numbers in trainer.log.values.items():
        arrays[f"pending/{name}"] = np.array(numbers, np.float32)
    meta = {
        "step": trainer.step,
        "optimizer": trainer.config.optimizer,
        "epoch": trainer.feed.epoch,
        "offset": trainer.feed.offset,
        "live": trainer.live_values(),
        "first_loss": trainer.log.first_loss,
        "best_loss": None if math.isinf(trainer.best_loss) else trainer.best_loss,
        "waited": trainer.waited,
        "ended": trainer.ended,
        "pending_steps": list(trainer.log.steps),
    }
    return {k: np.array(v) for k, v in arrays.items()}, meta


def reinstate(trainer: "Trainer", arrays: dict[str, np.ndarray], meta: dict) -> None:
    """Put ``trainer`` where ``capture`` found another; live settings that ``meta`` does not name stay.

    Raises ``DamagedFile`` if the arrays do not fit this model.
    """
    groups: dict[str, dict[str, Tensor]] = {}
    for key, array in arrays.items():
        group, name = key.split("/", 1)
        groups.setdefault(group, {})[name] = torch.from_numpy(np.array(array))
    try:
        trainer.model.load_state_dict(groups["model"])
        trainer.step = meta["step"]
        trainer.set(meta["live"])
        trainer.enter(trainer.model.stage(max(trainer.step - 1, 0)))
        # One rule's memory means nothing to another: a fork that changed the rule starts with none.
        if meta["optimizer"] == trainer.config.optimizer:
            _load_optimizers(trainer, groups.get("optimizer", {}))
        trainer.noise.state = [groups["noise"][str(i)] for i in range(len(trainer.noise.state))]
        trainer.feed.epoch, trainer.feed.offset = meta["epoch"], meta["offset"]
    except (KeyError, RuntimeError, ValueError) as error:
        raise DamagedFile(f"These weights do not fit the model: {error}") from error
    trainer.waited, trainer.ended = meta["waited"], meta["ended"]
    trainer.best_loss = math.inf if meta["best_loss"] is None else meta["best_loss"]
    trainer.log.first_loss, trainer.log.steps = meta["first_loss"], list(meta["pending_steps"])
    pending = groups.get("pending", {})
    trainer.log.values = {name: v.tolist() for name, v in pending.items()}


def _load_optimizers(trainer: "Trainer", saved: dict[str, Tensor]) -> None:
    """Give each optimiser its memory back."""
    for phase, optimizer in trainer.optimizers.items():
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in saved.items():
            name, i, entry = key.split("/")
            if name == phase:
                state.setdefault(int(i), {})[entry] = value
        if state:
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": state, "param_groups": groups})
        # Fused kernels walk through memory: there an array must lie as its parameter does, and a file knows no order.
        for parameter, memory in optimizer.state.items():
            for entry, value in memory.items():
                if isinstance(value, Tensor) and value.shape == parameter.shape:
                    memory[entry] = torch.empty_like(parameter).copy_(value)

"""Examples on their way through a network: what every layer makes of one, what one layer makes of many."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from core.analysis.passes import quiet
from core.models.base import Batch, Model, abilities

__all__ = ["at_layer", "followed", "met_by_examples", "reads_examples"]


def followed(
    model: Model, batch: Batch, seed: int = 0
) -> tuple[list[dict[str, Any]], Tensor | None]:
    """What each layer gives for the one example of ``batch``, in the order in which data meets the layers.

    Each is ``name`` (its path), ``kind`` (as ``core.models.base.summary`` prints it), ``group`` (encoder, decoder,
    …), ``shape`` and ``values``, a float32 array of that shape. A layer that is met twice is told once. Beside them
    the reconstruction (1, *shape), or None where the model makes none.
    """
    met: dict[str, dict[str, Any]] = {}

    def note(name: str, module: nn.Module, output: Tensor) -> None:
        if name not in met:
            met[name] = _layer(name, module, output)

    can, x_hat = abilities(model), None
    with _noting(model, note), quiet(model, seed) as generator:
        if "reconstruct" in can:
            x_hat = model.reconstruct(batch.x, generator, batch.y)
        elif "encode" in can:
            model.encode(batch.x, batch.y)
        else:
            for phase in model.phases().values():
                phase.losses(batch)
    return list(met.values()), x_hat


def reads_examples(model: Model) -> bool:
    """Whether there is a way through the model that begins with an example and with nothing else."""
    return bool({"reconstruct", "encode"} & abilities(model)) or hasattr(model, "judge")


def met_by_examples(model: Model, batch: Batch) -> list[dict[str, Any]]:
    """The layers that a batch of at least two passes, as ``followed`` gives them without ``values``.

    Only those that give an array for each example; none of a model that reads no examples.
    """
    met: dict[str, dict[str, Any]] = {}

    def note(name: str, module: nn.Module, output: Tensor) -> None:
        if len(output) == len(batch.x) and output.dim() > 1 and name not in met:
            layer = _layer(name, module, output)
            met[name] = {key: value for key, value in layer.items() if key != "values"}

    if reads_examples(model):
        with _noting(model, note), quiet(model, 0) as generator:
            _read(model, batch, generator)
    return list(met.values())


def at_layer(model: Model, batches: Iterable[Batch], layer: str, seed: int = 0) -> Iterator[Tensor]:
    """What ``layer`` makes of each batch the first time that it meets it: (B, …), of which nothing else is kept."""
    met: list[Tensor] = []

    def note(name: str, _module: nn.Module, output: Tensor) -> None:
        if name == layer and not met:
            # A copy: the next layer may write into the same memory.
            met.append(output.detach().clone())

    with _noting(model, note), quiet(model, seed) as generator:
        for batch in batches:
            _read(model, batch, generator)
            yield met.pop()


def _read(model: Model, batch: Batch, generator: torch.Generator) -> None:
    can = abilities(model)
    if "reconstruct" in can:
        model.reconstruct(batch.x, generator, batch.y)
    elif "encode" in can:
        model.encode(batch.x, batch.y)
    else:
        model.judge(batch.x)


@contextmanager
def _noting(model: Model, note: Callable[[str, nn.Module, Tensor], None]) -> Iterator[None]:
    """Tell ``note`` each layer's name, the layer and its output, whenever data meet it."""

    def hooked(name: str) -> Callable:
        def hook(module: nn.Module, _inputs: Any, output: Any) -> None:
            if isinstance(output, tuple):
                output = output[0]  # a recurrent layer also gives its last states
            if isinstance(output, Tensor):
                note(name, module, output)

        return hook

    leaves = [(n, m) for n, m in model.named_modules() if n and not any(True for _ in m.children())]
    hooks = [module.register_forward_hook(hooked(name)) for name, module in leaves]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _layer(name: str, module: nn.Module, output: Tensor) -> dict[str, Any]:
    # A copy: the next layer may write into the same memory.
    values = output.detach()[0].float().cpu().clone().contiguous().numpy()
    return {
        "name": name,
        "kind": str(module).split("\n")[0].rstrip("("),
        "group": name.split(".")[0],
        "shape": list(values.shape),
        "values": values,
    }

"""One example on its way through a network: what every layer makes of it."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from core.analysis.passes import quiet
from core.models.base import Batch, Model, abilities

__all__ = ["followed"]


def followed(
    model: Model, batch: Batch, seed: int = 0
) -> tuple[list[dict[str, Any]], Tensor | None]:
    """What each layer gives for the one example of ``batch``, in the order in which data meets the layers.

    Each is ``name`` (its path), ``kind`` (as ``core.models.base.summary`` prints it), ``group`` (encoder, decoder,
    …), ``shape`` and ``values``, a float32 array of that shape. A layer that is met twice is told once. Beside them
    the reconstruction (1, *shape), or None where the model makes none.
    """
    met: dict[str, dict[str, Any]] = {}

    def note(name: str) -> Callable:
        def hook(module: nn.Module, _inputs: Any, output: Any) -> None:
            if isinstance(output, tuple):
                output = output[0]  # a recurrent layer also gives its last states
            if isinstance(output, Tensor) and name not in met:
                met[name] = _layer(name, module, output)

        return hook

    leaves = [(n, m) for n, m in model.named_modules() if n and not any(True for _ in m.children())]
    hooks = [module.register_forward_hook(note(name)) for name, module in leaves]
    can, x_hat = abilities(model), None
    try:
        with quiet(model, seed) as generator:
            if "reconstruct" in can:
                x_hat = model.reconstruct(batch.x, generator, batch.y)
            elif "encode" in can:
                model.encode(batch.x, batch.y)
            else:
                for phase in model.phases().values():
                    phase.losses(batch)
    finally:
        for hook in hooks:
            hook.remove()
    return list(met.values()), x_hat


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

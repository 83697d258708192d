"""What happens inside networks, and inside their layers for those who ask: gradient norms, mean activations.

It only looks.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from core.models.blocks import Transposed

WEIGHTED = (nn.Linear, Transposed, nn.Conv2d, nn.ConvTranspose2d, nn.LSTM)


@contextmanager
def watched(model: nn.Module, into: dict[str, Tensor]) -> Iterator[None]:
    """Within it, each weighted layer's mean absolute output goes to ``into["activation/<layer>"]``."""

    def hook(name: str):
        def note(_module, _inputs, output) -> None:
            if isinstance(output, tuple):
                output = output[0]  # a recurrent layer also gives its last states
            if isinstance(output, Tensor):
                into[f"activation/{name}"] = output.detach().abs().mean()

        return note

    hooks = [
        module.register_forward_hook(hook(name))
        for name, module in model.named_modules()
        if isinstance(module, WEIGHTED)
    ]
    try:
        yield
    finally:
        for handle in hooks:
            handle.remove()


def gradient_norms(model: nn.Module) -> dict[str, Tensor]:
    """``gradient/<layer>``: the Euclidean length of the gradient of each weighted layer's own parameters."""
    norms = {}
    for name, module in model.named_modules():
        gradients = [p.grad for p in module.parameters(recurse=False) if p.grad is not None]
        if isinstance(module, WEIGHTED) and gradients:
            norms[f"gradient/{name}"] = torch.linalg.vector_norm(
                torch.stack([torch.linalg.vector_norm(g) for g in gradients])
            )
    return norms


def gradient_norm(parameters: Iterable[Tensor]) -> Tensor:
    """The Euclidean length of all their gradients taken as one vector, ()."""
    return nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])

"""The contract between a model and everything else: what a model may know, must say, and can do.

A model is one file: the equation and its source in the module docstring, a ``Config`` (the form, the command line,
the address bar and the validation all come from it), the network, the loss. The trainer asks it for ``losses`` (or,
where several networks take turns, for ``phases``); the pages ask which abilities it defines and show nothing else.

    encode(x, y=None) -> Code                what the model knows of an example
    decode(z, y=None) -> Tensor              (B, latent_dim) -> (B, *shape), in data units
    sample(n, generator, y=None) -> Tensor   (n, *shape), new examples
    reconstruct(x, generator, y=None)        (B, *shape); not always decode(encode(x))
    log_prob(x, y=None) -> Likelihood        nats per example, and whether exact, a bound or an estimate; where it is
                                             a bound, ``samples`` > 1 asks for an estimate from so many draws
    fit(x)                                   the closed form, where there is one, kept in buffers
    filters() -> dict[str, Tensor]           "input" and "output" weights of each hidden unit, (units, C, h, w)
    metrics(x) -> dict[str, float]           what only this model can report of itself at each validation
    noise(n, generator=None) -> Tensor       (n, latent_dim), what ``sample`` decodes; each of its turns draws it first

What only a model with a judge can tell, always of examples in data units:

    realness(x, real, generated) -> Tensor   (B,) in [0, 1], how real the judge takes each x for, by itself among
                                             ``generated`` (a Batch, as ``real``)
    push(generated, real) -> Tensor          (B, *shape), where the judge sends each of a Batch: -∂L/∂x of one
    rehearse(phase, batch)                   what a turn would come by, {event: {name: Tensor}}; draws from torch's
                                             global generator what the turn itself would draw

``y`` (B,) are classes. Only a model that is ``conditional`` looks at them, and it can do without.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from core.errors import BadInput
from core.fields import live, validated
from core.models.chains import DenseLayer, chain_of

__all__ = [
    "Batch",
    "Code",
    "DataSpec",
    "EncoderDecoder",
    "Likelihood",
    "Model",
    "ModelConfig",
    "Phase",
    "Preset",
    "Stage",
    "abilities",
    "build",
    "live",
    "summary",
]

ABILITIES = (
    *("encode", "decode", "sample", "reconstruct", "log_prob", "fit", "metrics", "filters"),
    *("noise", "realness", "push", "rehearse"),
)


@dataclass
class Batch:
    """Examples ``x`` (B, *shape) float32 (images in [0, 1]), labels ``y`` (B,), rows ``index`` (B,)."""

    x: Tensor
    y: Tensor | None = None
    target: Tensor | None = None
    index: Tensor | None = None


class Code(NamedTuple):
    """What an encoder says of each example: ``mean`` (B, latent_dim); ``log_var`` alike, or None."""

    mean: Tensor
    log_var: Tensor | None = None
    indices: Tensor | None = None


class Likelihood(NamedTuple):
    """``nats`` (B,): log p(x) per example in natural logarithms, and what kind of number that is."""

    nats: Tensor
    kind: Literal["exact", "bound", "estimate"]


@dataclass(frozen=True)
class Phase:
    """One network's turn within a step: its losses, its parameters (name prefixes; None = all) and how often.

    ``rate`` multiplies the learning rate; ``events`` name the moments at which a slow motion can halt; ``after`` is
    called, without gradients, once the parameters have taken their step.
    """

    losses: Callable[[Batch], dict[str, Tensor]]
    parameters: tuple[str, ...] | None = None
    repeats: int = 1
    rate: float = 1.0
    events: tuple[str, ...] = ()
    after: Callable[[], None] | None = None


@dataclass(frozen=True)
class Stage:
    """What holds from one step to a later one; a new stage begins with fresh optimisers."""

    name: str = "train"
    trainable: tuple[str, ...] | None = None
    batch_size: int | None = None
    resolution: int | None = None
    alpha: float = 1.0


@dataclass(frozen=True)
class DataSpec:
    """What a model may know of the data: the shape of one example, its kind, its classes, if pixels are 0/1."""

    shape: tuple[int, ...]
    kind: str
    classes: int = 0
    binary: bool = False

    @property
    def size(self) -> int:
        """Numbers in one example."""
        return int(torch.Size(self.shape).numel())

    @classmethod
    def of(cls, data) -> "DataSpec":
        """The spec of a ``core.datasets`` data set."""
        return cls(tuple(data.shape), data.kind, len(data.classes), data.binary or data.dynamic)


@dataclass(frozen=True)
class Preset:
    """Settings that belong together under a name, with a line on what to look for."""

    title: str
    note: str
    dataset: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)


class ModelConfig(BaseModel):
    """The settings of a family: every field has a default, a range and one sentence of help.

    One that decides in what a loss is counted says so, for the pages to tell (``core.fields.counting``).
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class Model(nn.Module):
    """A network with its loss. Subclasses set ``Config``, build in ``__init__`` and define ``losses`` or ``phases``."""

    Config: ClassVar[type[ModelConfig]] = ModelConfig
    title: ClassVar[str] = ""
    kinds: ClassVar[tuple[str, ...]] = ("images", "points")
    training: ClassVar[dict[str, Any]] = {}
    presets: ClassVar[dict[str, Preset]] = {}
    latents: dict[str, tuple[int, ...]]
    conditional: bool = False
    # Convolutions run faster over interleaved channels, and large activations are worth keeping in the process.
    channels_last: ClassVar[bool] = False
    large_activations: ClassVar[bool] = False
    # The standard deviation of each number of z under a Gaussian prior N(0, σ²I); None where there is none.
    prior_deviation: float | None = None

    def __init__(self, config: ModelConfig, spec: DataSpec):
        super().__init__()
        self.config = config
        self.spec = spec
        self.latents = {}

    @classmethod
    def check(cls, config: ModelConfig, spec: DataSpec) -> dict[str, str]:
        """What cannot work with these data: a sentence for each field at fault. Empty if all is well."""
        del config
        if spec.kind not in cls.kinds:
            return {
                "dataset": f"{cls.title} works on {' and '.join(cls.kinds)}, not on {spec.kind}."
            }
        return {}

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Scalars by name; ``loss`` is minimised, every other is plotted as it stands."""
        raise TypeError(f"{type(self).__name__} defines neither losses nor phases.")

    def phases(self) -> dict[str, Phase]:
        """The turns within one step, in order. One, named ``step``, unless networks compete."""
        return {"step": Phase(self.losses)}

    def stage(self, step: int) -> Stage:
        """What holds when ``step`` steps are done; a function of the step (and the config) alone."""
        del step
        return Stage()

    def enter(self, stage: Stage) -> None:
        """Hear that ``stage`` begins. What the losses need of it is kept in a buffer, so that weights remember it."""

    def quantile(self, share: Tensor) -> Tensor | None:
        """What each number of z stays below in a ``share`` (0 to 1) of all draws; None where there is no prior."""
        if self.prior_deviation is None:
            return None
        return self.prior_deviation * torch.special.ndtri(share)

    def dense_decoder(self) -> list[DenseLayer]:
        """``decode`` as dense layers, so that a page can do without us; empty where it is more than that."""
        if not hasattr(self, "decode") or len(self.latents["z"]) > 1:
            return []
        decoder = getattr(self, "decoder", None)
        return chain_of(decoder, self.decode, self.latents["z"][0], self.spec.classes)

    def count_note(self) -> str:
        """A sentence under the parameter counts where a textbook counts otherwise; empty where it does not."""
        return ""


class EncoderDecoder(Model):
    """A model whose reconstruction is the decoded mean code."""

    def reconstruct(
        self, x: Tensor, generator: torch.Generator | None = None, y: Tensor | None = None
    ) -> Tensor:
        """(B, *shape) -> (B, *shape), in data units."""
        del generator
        return self.decode(self.encode(x, y).mean, y)


def abilities(model: Model | type[Model]) -> set[str]:
    """The optional methods that this model defines."""
    return {name for name in ABILITIES if hasattr(model, name)}


def build(family: type[Model], config: dict[str, Any], spec: DataSpec, seed: int) -> Model:
    """A new model with weights drawn from ``seed``.

    Leaves torch's global generator at the start of the training noise: what the trainer draws next belongs to the
    same stream. Raises ``BadInput`` where config and data do not fit.
    """
    settings = validated(family.Config, config)
    if problems := family.check(settings, spec):
        raise BadInput.of_fields(problems)
    torch.manual_seed(seed)
    return family(settings, spec)


def summary(model: Model) -> list[dict[str, Any]]:
    """The layers in the order in which data meets them, as textbooks print them.

    Each row: ``group`` (encoder, decoder, …), ``layer`` (its path), ``kind``, ``output_shape`` (without the batch) and
    ``parameters`` (its own, counted once).
    """
    rows: dict[str, dict[str, Any]] = {}

    def note(name: str, module: nn.Module) -> Callable:
        def hook(_module, _inputs, output) -> None:
            if isinstance(output, tuple):
                output = output[0]  # a recurrent layer also gives its last states
            if isinstance(output, Tensor) and name not in rows:
                rows[name] = {
                    "group": name.split(".")[0],
                    "layer": name,
                    "kind": str(module).split("\n")[0].rstrip("("),
                    "output_shape": list(output.shape[1:]),
                    "parameters": sum(p.numel() for p in module.parameters(recurse=False)),
                }

        return hook

    leaves = [(n, m) for n, m in model.named_modules() if n and not any(True for _ in m.children())]
    hooks = [module.register_forward_hook(note(name, module)) for name, module in leaves]
    device = next(model.parameters()).device
    batch = Batch(torch.zeros(2, *model.spec.shape, device=device))
    if model.spec.classes:
        batch.y = torch.zeros(2, dtype=torch.int64, device=device)
    state, mode = torch.get_rng_state(), model.training
    try:
        model.eval()
        with torch.no_grad():
            for phase in model.phases().values():
                phase.losses(batch)
    finally:
        model.train(mode)
        torch.set_rng_state(state)
        for hook in hooks:
            hook.remove()
    return list(rows.values())

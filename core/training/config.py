"""What a run is: a model, a data set, how it trains, and a seed. No torch here: pages read these too."""

import hashlib
import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.fields import live


class TrainConfig(BaseModel):
    """How a run trains. ``steps`` counts updates of the whole model; ``epochs``, if given, sets them instead."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    steps: int = Field(3000, ge=1, le=10_000_000, description="How many steps to train.")
    epochs: int | None = Field(
        None, ge=1, le=100_000, description="Passes through the training data; overrides steps."
    )
    batch_size: int = Field(128, ge=1, le=8192, description="Examples in one step.")
    replacement: bool = Field(
        False,
        description="Draw every example anew from all of them, instead of each once an epoch.",
    )
    optimizer: Literal["adam", "adamw", "nadam", "sgd", "rmsprop"] = Field(
        "adam", description="The rule that turns gradients into changes of the weights."
    )
    learning_rate: float = live(
        1e-3, gt=0, le=10, description="How far each step goes along the gradient."
    )
    momentum: float = Field(
        0.0, ge=0, lt=1, description="How much of the last change SGD and RMSprop carry on."
    )
    nesterov: bool = Field(False, description="SGD looks ahead along its momentum first.")
    beta1: float = Field(0.9, ge=0, lt=1, description="Adam's memory of the gradient.")
    beta2: float = Field(0.999, ge=0, lt=1, description="Adam's memory of the squared gradient.")
    epsilon: float = Field(
        1e-8,
        gt=0,
        le=1,
        description="Keeps Adam's and RMSprop's steps finite where gradients vanish; Keras takes 1e-7.",
    )
    rho: float = Field(
        0.99,
        ge=0,
        lt=1,
        description="RMSprop's memory of the squared gradient; Keras takes 0.9.",
    )
    weight_decay: float = Field(0.0, ge=0, le=1, description="Pull of every weight towards 0.")
    schedule: Literal["constant", "linear", "cosine", "exponential"] = Field(
        "constant", description="How the learning rate falls from start to end."
    )
    warmup_steps: int = Field(
        0, ge=0, description="Steps over which the learning rate first rises."
    )
    schedule_final: float = Field(
        0.01, ge=0, le=1, description="Share of the learning rate left at the end of a schedule."
    )
    clip_norm: float = live(
        0.0, ge=0, le=1e6, description="Gradients longer than this are shortened to it; 0 = never."
    )
    early_stopping: bool = Field(
        False, description="Stop once the validation loss has stopped falling."
    )
    min_delta: float = Field(
        1e-4, ge=0, description="A fall of the validation loss smaller than this does not count."
    )
    patience: int = Field(
        10, ge=1, le=10_000, description="Epochs without a fall before an early stop."
    )
    validation_rows: int = Field(
        2000,
        ge=0,
        description="Validation examples looked at after each epoch (after a few, if short), always the same; 0 = all.",
    )
    precision: Literal["f32", "bf16"] = Field(
        "f32", description="Numbers of 32 bits, or layers computed in bfloat16 (faster, coarser)."
    )
    layer_stats: bool = live(
        False, description="Log each layer's gradient norm and mean absolute activation."
    )
    log_every: int = Field(
        0,
        ge=0,
        le=10_000,
        description="Steps averaged into one logged point; 0 = about 2,000 points.",
    )


class RunSpec(BaseModel):
    """All that decides a run's numbers: equal specs give equal runs, to the bit, on one kind of machine.

    ``config`` and ``data`` are complete (every default written out). ``data_dir`` only says where files were found.
    """

    model_config = ConfigDict(extra="forbid")

    model: str
    config: dict[str, Any] = Field(default_factory=dict)
    dataset: str
    data: dict[str, Any] = Field(default_factory=dict)
    training: TrainConfig = Field(default_factory=TrainConfig)
    seed: int = Field(0, ge=0, lt=2**31)
    data_dir: str | None = None

    @property
    def data_identity(self) -> str:
        """What runs on the same data share: in them a position means the same example."""
        options = json.dumps(self.data, sort_keys=True)
        return f"{self.dataset}-{hashlib.sha256(options.encode()).hexdigest()[:12]}"

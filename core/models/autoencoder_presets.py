"""The dense autoencoders that lectures and papers train, under the names that they have there.

Where a lecture uses Keras, the loss is a mean over pixels, the weights start Glorot-uniform with zero biases, and what
it leaves unsaid is Keras's default.
"""

from typing import Any

from core.models.base import Preset

__all__ = ["PRESETS"]

# Settings that several lectures share.
SMALL = {"encoder_sizes": [10], "code_activation": "relu", "loss": "bce"}
SMALL_TRAINING = {
    "optimizer": "sgd",
    "learning_rate": 0.2,
    "momentum": 0.9,
    "nesterov": True,
    "batch_size": 50,
    "epochs": 20,
    "early_stopping": True,
    "min_delta": 1e-4,
    "patience": 10,
}
SELU = {"activation": "selu", "code_activation": "selu", "loss": "bce"}
SPARSE = {
    "encoder_sizes": [100, 300],
    "activation": "selu",
    "code_activation": "sigmoid",
    "loss": "bce",
}


def sgd(rate: float, epochs: int) -> dict[str, Any]:
    """Plain gradient descent in batches of 32, Keras's default size."""
    return {"optimizer": "sgd", "learning_rate": rate, "batch_size": 32, "epochs": epochs}


PRESETS = {
    "stacked": Preset(
        "Stacked 100-30",
        "Thirty numbers hold a digit well: look at the strokes that get lost.",
    ),
    "two numbers": Preset(
        "Code of two numbers",
        "The code can be drawn as a map: watch the classes drift apart.",
        config={"encoder_sizes": [128, 32], "latent_dim": 2, "activation": "elu"},
    ),
    "deep": Preset(
        "Deep (Hinton & Salakhutdinov 2006)",
        "784-1000-500-250-30 and back, but with ReLU in place of logistic units, and all layers at once by Adam "
        "in place of stacked Boltzmann machines.",
        dataset="mnist",
        config={"encoder_sizes": [1000, 500, 250, 30]},
    ),
    "tied": Preset(
        "784-10-784, tied",
        "Half the weights of its twin without tying: compare the errors.",
        dataset="mnist",
        config={**SMALL, "tied": True},
        training=SMALL_TRAINING,
    ),
    "input dropout": Preset(
        "784-10-784 with input dropout",
        "Three pixels in ten go dark while it trains: the filters get smoother.",
        dataset="mnist",
        config={**SMALL, "corruption": "dropout", "noise_level": 0.3},
        training=SMALL_TRAINING,
    ),
    "selu": Preset(
        "Stacked 100-30, SELU",
        "Cross-entropy and plain gradient descent at a rate of 1.5: it only works as a mean over pixels.",
        dataset="mnist",
        config=SELU,
        training=sgd(1.5, 20),
    ),
    "selu tied": Preset(
        "Stacked 100-30, SELU, tied",
        "Both layers are used twice; the rounded accuracy hardly minds.",
        dataset="mnist",
        config={**SELU, "tied": True},
        training=sgd(1.5, 10),
    ),
    "three digits": Preset(
        "A map of the digits 1, 5 and 6",
        "784-500-300-2 with tanh: three clouds part within 2,500 steps.",
        dataset="mnist",
        data={"keep": [1, 5, 6]},
        config={
            "encoder_sizes": [500, 300],
            "latent_dim": 2,
            "activation": "tanh",
            "output": "linear",
            "initialisation": "normal",
        },
        training={
            "learning_rate": 1e-4,
            "epsilon": 1e-7,
            "batch_size": 50,
            "replacement": True,
            "steps": 2500,
        },
    ),
    "greedy": Preset(
        "One layer at a time, then all",
        "The curve falls in steps: outer layers, inner layers, then fine-tuning.",
        config={"greedy_steps": 1000},
        training={"steps": 4000},
    ),
    "sparse": Preset(
        "Sparse by L1",
        "300 units, and most are silent for any one image: see the histogram of the code.",
        dataset="mnist",
        config={**SPARSE, "l1": 1e-3},
        training=sgd(1.0, 10),
    ),
    "sparse KL": Preset(
        "Sparse by KL",
        "Each of 300 units is asked to be active a tenth of the time.",
        dataset="mnist",
        config={**SPARSE, "kl_sparsity": 0.05, "target_activity": 0.1},
        training=sgd(1.0, 10),
    ),
    "denoising": Preset(
        "Denoising: half of the pixels dropped",
        "It learns to fill in what is missing: 100-30 SELU behind a dropout of 0.5.",
        dataset="mnist",
        config={**SELU, "corruption": "dropout", "noise_level": 0.5},
        training=sgd(1.0, 10),
    ),
    "overcomplete": Preset(
        "Denoising: a code wider than the image",
        "1,000 units could copy 784 pixels; Gaussian noise forces them to find strokes instead.",
        dataset="mnist",
        config={"encoder_sizes": [1000], "code_activation": "relu", "corruption": "gaussian"},
    ),
    "contractive": Preset(
        "Contractive",
        "The code moves only along the strokes: most of its slopes in x vanish.",
        config={
            "encoder_sizes": [300],
            "code_activation": "sigmoid",
            "tied": True,
            "loss": "bce",
            "reduction": "sum",
            "contractive": 0.1,
        },
    ),
}

"""GANs that are known to work and some that are known to fail, each with what to look for."""

from core.models.base import Preset

__all__ = ["PRESETS"]

PRESETS = {
    "ring": Preset(
        "A ring of eight",
        "Eight clumps of points: does the generator find them all, or hop from one to the next?",
        dataset="points",
        data={"distribution": "ring"},
    ),
    "digits": Preset(
        "Invented digits",
        "Noise in, digits out: they come slowly, and they wobble.",
        dataset="digits",
        config={
            "latent_dim": 32,
            "generator_sizes": [128, 256],
            "discriminator_sizes": [256, 128],
        },
        training={"learning_rate": 3e-4},
    ),
}

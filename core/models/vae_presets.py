"""Variational autoencoders worth a look, each with what to look for."""

from core.models.base import Preset

__all__ = ["PRESETS"]

MAP = {"latent_dim": 2, "encoder_sizes": [400]}
LITERATURE = {"latent_dim": 40, "encoder_sizes": [400]}

PRESETS = {
    "map": Preset(
        "A map of two numbers",
        "The codes fill a round cloud and every place in it decodes to something.",
        config=MAP,
    ),
    "no KL": Preset(
        "Without the KL term",
        "β = 0: σ shrinks, the codes scatter, holes open between them.",
        config={**MAP, "beta": 0.0},
    ),
    "beta 4": Preset(
        "β = 4",
        "Ten numbers, each made to pay fourfold: few stay active, and those tend to mean one thing each.",
        config={"latent_dim": 10, "encoder_sizes": [400], "beta": 4.0},
    ),
    "warm-up": Preset(
        "β rising from 0",
        "The code fills first and is paid for later: fewer units collapse.",
        config={
            "latent_dim": 20,
            "encoder_sizes": [400],
            "beta_schedule": "warm_up",
            "beta_steps": 2000,
        },
    ),
    "cyclic": Preset(
        "β rising again and again",
        "At each fall of β the codes spread; at each rise they come back better filled.",
        config={
            "latent_dim": 20,
            "encoder_sizes": [400],
            "beta_schedule": "cyclic",
            "beta_steps": 1000,
        },
    ),
    "free bits": Preset(
        "Half a nat free for each unit",
        "No unit collapses: saving below half a nat earns nothing.",
        config={"latent_dim": 20, "encoder_sizes": [400], "free_bits": 0.5},
    ),
    "conditional": Preset(
        "Conditional on the class",
        "The class is given, so the code holds what is left: slant, weight, roundness, alike for every digit.",
        config={**MAP, "conditional": True},
    ),
    "convolutional": Preset(
        "Convolutions around a code of two",
        "The same map with filters: sharper strokes, and slower.",
        config={"latent_dim": 2, "encoder_sizes": [], "channels": [16, 32]},
    ),
    "learnt variance": Preset(
        "Gaussian, its variance learnt",
        "The balance of error and KL finds itself: watch the loss fall below 0, for it is a density.",
        config={
            "latent_dim": 10,
            "encoder_sizes": [400],
            "likelihood": "gaussian",
            "variance": "learnt",
        },
    ),
    "binarised": Preset(
        "784-400-40, black and white",
        "The network of the literature, on pixels of which its likelihood is one.",
        data={"binarise": "fixed"},
        config=LITERATURE,
    ),
    "importance-weighted": Preset(
        "Importance-weighted, 5 draws",
        "Five draws of z, the better ones weighed more: a tighter bound, and more active units.",
        data={"binarise": "fixed"},
        config={**LITERATURE, "importance_samples": 5},
    ),
}

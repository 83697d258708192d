"""GANs that are known to work and some that are known to fail, each with what to look for.

``CURES`` are the collapsing one with one thing changed, so that each can be held against it.
"""

from typing import Any

from core.models.base import Preset

__all__ = ["CURES", "PRESETS"]

RING = {"distribution": "ring"}
# Nothing but the usual memory of Adam's steps, 0.9: D and G overshoot, and G goes in one heap from clump to clump.
COLLAPSE_TRAINING = {"beta1": 0.9, "steps": 20_000}
# Three layers let G tear its sheet between the clumps, R1 alone leaves it free to, and the rate falls to nothing.
BEST = {
    "generator_sizes": [96, 96, 96],
    "discriminator_sizes": [128, 128],
    "r1": 0.1,
    "average": 0.999,
}
BEST_TRAINING = {
    "learning_rate": 3e-3,
    "batch_size": 256,
    "schedule": "linear",
    "schedule_final": 0.0,
    "steps": 30_000,
}


def ring(title: str, note: str, config: dict[str, Any], **training: Any) -> Preset:
    """A preset on the ring of eight."""
    return Preset(title, note, "points", RING, config, training)


def cured(title: str, note: str, **changed: Any) -> Preset:
    """The collapsing GAN with these settings changed."""
    return ring(title, note, changed, **COLLAPSE_TRAINING)


CURES: dict[str, Preset] = {
    "cure: two time scales": cured(
        "Cured? Two time scales",
        "D learns three times as fast as G instead of slower: it is no longer outrun.",
        discriminator_rate=3.0,
    ),
    "cure: R1 and R2": cured(
        "Cured? Flat slopes at both",
        "D's slope is held down at real and generated points: arrows shrink as G comes close.",
        r1=0.1,
        r2=0.1,
    ),
    "cure: relativistic": cured(
        "Cured? Relativistic pairs",
        "D only compares; with its slopes held down this is R3GAN's recipe.",
        discriminator_loss="relativistic",
        generator_loss="relativistic",
        r1=0.1,
        r2=0.1,
    ),
    "cure: WGAN": cured(
        "Cured? Wasserstein, clipped",
        "D's weights stay within ±0.1: a smooth critic, slow and steady.",
        discriminator_loss="wasserstein",
        generator_loss="wasserstein",
        weight_clip=0.1,
        discriminator_updates=5,
    ),
    "cure: WGAN-GP": cured(
        "Cured? Wasserstein, slope one",
        "D's slope between real and generated points is pulled to 1: a ramp from one to the other.",
        discriminator_loss="wasserstein",
        generator_loss="wasserstein",
        gradient_penalty=1.0,
        discriminator_updates=5,
    ),
    "cure: spectral norm": cured(
        "Cured? Spectral normalisation",
        "Each layer of D stretches by at most 1: its surface stays gentle, too gentle for small clumps.",
        spectral_norm=True,
        discriminator_loss="hinge",
        generator_loss="wasserstein",
    ),
    "cure: unrolled": cured(
        "Cured? Unrolled, by a slow D",
        "G looks five of D's updates ahead, and D learns at a third: a heap that D will see is not worth it.",
        unrolled_steps=5,
        discriminator_rate=0.3,
    ),
    "cure: packing": cured(
        "Cured? PacGAN 2",
        "D sees two points at once: two that are always alike give G away.",
        packing=2,
    ),
    "cure: minibatch discrimination": cured(
        "Cured? Minibatch discrimination",
        "D sees how close the points of a batch lie: a heap is easy to tell.",
        minibatch="discrimination",
    ),
    "cure: minibatch deviation": cured(
        "Cured? Minibatch deviation",
        "D sees one number more, how much its batch varies: too little is suspicious.",
        minibatch="deviation",
    ),
    "cure: replay": cured(
        "Cured? Experience replay",
        "Half of what D sees is old: going back to an earlier clump no longer pays.",
        replay=10_000,
    ),
    "cure: instance noise": cured(
        "Cured? Instance noise",
        "Real and generated points are blurred, less and less: there is always a slope to follow.",
        instance_noise=0.3,
        instance_noise_steps=15_000,
    ),
    "cure: label smoothing": cured(
        "Cured? Label smoothing",
        "D aims at 0.9 for real points: it may not become sure, but it does not become fair.",
        label_smoothing=0.1,
    ),
    "cure: averaging": cured(
        "Cured? Averaged weights",
        "Samples come from the mean of many G's: the hopping blurs into a ring, not into clumps.",
        average=0.999,
    ),
    "cure: conditional": cured(
        "Cured? Conditional on the class",
        "G is told which clump to draw, and D which it should be: none can be left out.",
        conditional=True,
    ),
}

PRESETS: dict[str, Preset] = {
    "ring": ring(
        "A ring of eight",
        "Eight clumps of points: does the generator find them all, or hop from one to the next?",
        {},
    ),
    "good day": ring(
        "A good day",
        "All eight clumps within seconds, even bars, then sharper and sharper.",
        BEST,
        **BEST_TRAINING,
    ),
    "good day, grid": Preset(
        "A good day, 25 clumps",
        "The same recipe on the grid: first a carpet, then it tears into clumps.",
        "points",
        {"distribution": "grid"},
        BEST,
        BEST_TRAINING,
    ),
    "collapse": ring(
        "Collapse in 20 seconds",
        "G heaps on one clump, D notices, G hops to the next: watch the bars, then replay it.",
        {},
        **COLLAPSE_TRAINING,
    ),
    **CURES,
    "D too strong": ring(
        "D too strong",
        "D learns ten times as fast, with no penalty: its verdict is certain and its arrows useless.",
        {"discriminator_updates": 5, "discriminator_rate": 2.0, "discriminator_sizes": [256, 256]},
    ),
    "vanishing gradient": ring(
        "Vanishing gradient",
        "Minimax as first written: once D is sure, G's gradient is nothing, and nothing moves.",
        {
            "generator_loss": "minimax",
            "discriminator_updates": 5,
            "discriminator_sizes": [128, 128],
        },
    ),
    "oscillation": ring(
        "Oscillation",
        "A Wasserstein critic without its leash: losses swing wider, the points circle.",
        {"discriminator_loss": "wasserstein", "generator_loss": "wasserstein"},
        beta1=0.9,
    ),
    "D not frozen": ring(
        "D not frozen while G learns",
        "The classical mistake: G's step also teaches D to approve, and nobody learns anything.",
        {"freeze_discriminator": False},
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

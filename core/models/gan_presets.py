"""GANs that are known to work and some that are known to fail, each with what to look for.

``CURES`` are the collapsing one with one thing changed, so that each can be held against it. What is said of them was
measured over ten seeds, a minute of one core each (``core.bench.modes``).
"""

from typing import Any

from core.models.base import Preset

__all__ = ["CURES", "PRESETS"]

RING = {"distribution": "ring"}
# Long steps with the usual memory of Adam, 0.9, by a D half as fast as G: G finds most clumps and then leaves one after
# the other, because whatever D learns against the heap comes too late.
COLLAPSE = {"discriminator_rate": 0.5}
COLLAPSE_TRAINING = {"learning_rate": 6e-3, "beta1": 0.9, "steps": 20_000}
# Three layers let G tear its sheet between the clumps, R1 alone leaves it free to, steps without momentum do not
# overshoot, and the rate falls to nothing.
BEST = {
    "generator_sizes": [96, 96, 96],
    "discriminator_sizes": [128, 128],
    "r1": 0.1,
    "average": 0.999,
}
BEST_TRAINING = {
    "learning_rate": 3e-3,
    "beta1": 0.0,
    "batch_size": 256,
    "schedule": "linear",
    "schedule_final": 0.0,
    "steps": 40_000,
}


def ring(title: str, note: str, config: dict[str, Any], **training: Any) -> Preset:
    """A preset on the ring of eight."""
    return Preset(title, note, "points", RING, config, training)


def cured(title: str, note: str, beta1: float = 0.9, **changed: Any) -> Preset:
    """The collapsing GAN with these settings changed; ``beta1`` where a cure's paper trains it with another."""
    return ring(title, note, COLLAPSE | changed, **COLLAPSE_TRAINING | {"beta1": beta1})


CURES: dict[str, Preset] = {
    "cure: less momentum": cured(
        "Cured? Less momentum",
        "β₁ = 0.5 instead of 0.9, and nothing else. Here it did not help: no more clumps than uncured.",
        beta1=0.5,
    ),
    "cure: two time scales": cured(
        "Cured? Two time scales",
        "D learns five times as fast as G. Here it hardly helped: half a clump more than uncured, within the error.",
        discriminator_rate=1.0,
        generator_rate=0.2,
    ),
    "cure: R1 and R2": cured(
        "Cured? Flat slopes at both",
        "D's slope is held down at real and generated points: nearly all eight, evenly, but half as sharp.",
        beta1=0.0,
        r1=0.1,
        r2=0.1,
    ),
    "cure: relativistic": cured(
        "Cured? Relativistic pairs",
        "D only compares pairs, its slopes held down, the recipe of R3GAN: nearly all eight, evenly, not so sharp.",
        beta1=0.0,
        discriminator_loss="relativistic",
        generator_loss="relativistic",
        r1=0.1,
        r2=0.1,
    ),
    "cure: WGAN": cured(
        "Cured? Wasserstein, clipped",
        "D's weights stay within ±0.1: points spread evenly around the ring, but few ever settle.",
        beta1=0.0,
        discriminator_loss="wasserstein",
        generator_loss="wasserstein",
        weight_clip=0.1,
        discriminator_updates=5,
    ),
    "cure: WGAN-GP": cured(
        "Cured? Wasserstein, slope one",
        "D's slope in between is pulled to 1, a ramp everywhere: nearly all eight, evenly, few sharp.",
        beta1=0.0,
        discriminator_loss="wasserstein",
        generator_loss="wasserstein",
        gradient_penalty=1.0,
        discriminator_updates=5,
    ),
    "cure: spectral norm": cured(
        "Cured? Spectral normalisation",
        "Each layer of D stretches by at most 1: most of the eight, evenly, but blurred.",
        beta1=0.0,
        spectral_norm=True,
        discriminator_loss="hinge",
        generator_loss="wasserstein",
    ),
    "cure: unrolled": cured(
        "Cured? Unrolled",
        "G looks five updates ahead of D. Here it did not help: a sixth of the steps, and no clump held.",
        beta1=0.5,
        unrolled_steps=5,
        unrolled_rate=0.02,
    ),
    "cure: packing": cured(
        "Cured? PacGAN 2",
        "D sees two points at once: two that are always alike give G away, and most clumps are held.",
        packing=2,
    ),
    "cure: minibatch discrimination": cured(
        "Cured? Minibatch discrimination",
        "D sees how close the points of a batch lie. Here it did not help: one seed finds all, the next none.",
        minibatch="discrimination",
    ),
    "cure: minibatch deviation": cured(
        "Cured? Minibatch deviation",
        "D sees one number more, how much its batch varies: all eight, evenly, within seconds.",
        minibatch="deviation",
    ),
    "cure: replay": cured(
        "Cured? Experience replay",
        "Half of what D sees is old, so that hopping back does not pay. Here it did not help: fewer clumps.",
        replay=10_000,
    ),
    "cure: instance noise": cured(
        "Cured? Instance noise",
        "All that D sees is blurred, less and less. Here it did not help: no more clumps than uncured.",
        instance_noise=0.3,
        instance_noise_steps=15_000,
    ),
    "cure: label smoothing": cured(
        "Cured? Label smoothing",
        "D aims at 0.9 for real points, never quite sure. Here it did not help: no more clumps than uncured.",
        label_smoothing=0.1,
    ),
    "cure: averaging": cured(
        "Cured? Averaged weights",
        "Samples come from the mean of many G's. Here it did not help: what G has lost, no mean brings back.",
        average=0.999,
    ),
    "cure: conditional": cured(
        "Cured? Conditional on the class",
        "G is told which clump to draw, and D which to expect: nearly all eight, and evenly.",
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
        "G finds most clumps, then loses one after the other until two are left: watch the bars, then replay it.",
        COLLAPSE,
        **COLLAPSE_TRAINING,
    ),
    **CURES,
    "D too strong": ring(
        "D too strong",
        "D is right about nearly every point and G's loss passes 10: shoved hard, G heaps on few clumps.",
        {"discriminator_updates": 10, "generator_rate": 0.05},
    ),
    "vanishing gradient": Preset(
        "Vanishing gradient",
        "Minimax as first written, and clumps far away: once D is sure, G's slope is nothing and its points stand.",
        "points",
        RING | {"radius": 3.0},
        # Noise that ends somewhere: no point of G's comes near the clumps by chance, where D's slope is steep.
        {
            "prior": "uniform",
            "generator_loss": "minimax",
            "discriminator_updates": 5,
            "generator_rate": 0.1,
        },
    ),
    "oscillation": ring(
        "Oscillation",
        "A Wasserstein critic without its leash: both losses swing without end, and the heap runs from clump to clump.",
        {"discriminator_loss": "wasserstein", "generator_loss": "wasserstein"},
        beta1=0.9,
    ),
    "D not frozen": ring(
        "D not frozen while G learns",
        "The classical mistake: G bribes its judge. D takes all of its points for real, and they fly away.",
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

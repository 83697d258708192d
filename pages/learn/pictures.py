"""Small drawings for the starts on the first page, in the colours that the figures have."""

import math
import random
from itertools import pairwise

from core.figures.palette import CLASSES, DISCRIMINATOR, ENCODER, GENERATED, REAL

FRAME = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 96" width="480" height="192">'
    "<title>{}</title>{}</svg>"
)


def bottleneck() -> str:
    """An autoencoder: wide, narrow, wide."""
    columns = [
        (28, 7, ENCODER),
        (76, 4, ENCODER),
        (120, 2, CLASSES[1]),
        (164, 4, GENERATED),
        (212, 7, GENERATED),
    ]
    places = [[(x, 48 + (k - (n - 1) / 2) * 12) for k in range(n)] for x, n, _ in columns]
    lines = "".join(
        f'<path d="M{a[0]} {a[1]:.0f}L{b[0]} {b[1]:.0f}"/>'
        for left, right in pairwise(places)
        for a in left
        for b in right
    )
    dots = "".join(
        f'<circle cx="{x}" cy="{y:.0f}" r="4.2" fill="{colour}"/>'
        for (_, _, colour), column in zip(columns, places, strict=True)
        for x, y in column
    )
    drawn = f'<g stroke="#8a8f98" stroke-opacity=".35" stroke-width=".8">{lines}</g>{dots}'
    return FRAME.format("A network that narrows and widens again", drawn)


def clouds() -> str:
    """The codes of a variational autoencoder: classes as clouds that touch."""
    chance = random.Random(4)
    dots = []
    for k in range(8):
        angle = k * math.tau / 8
        x, y = 120 + 62 * math.cos(angle), 48 + 27 * math.sin(angle)
        for _ in range(26):
            place = x + chance.gauss(0, 11), y + chance.gauss(0, 6)
            dots.append(
                f'<circle cx="{place[0]:.0f}" cy="{place[1]:.0f}" r="2" fill="{CLASSES[k]}"/>'
            )
    return FRAME.format("Codes of eight classes as coloured clouds", "".join(dots))


def ring() -> str:
    """A GAN on a ring of points: real ones in blue, generated ones on the way to them in orange."""
    chance = random.Random(7)
    dots = []
    for k in range(8):
        angle = k * math.tau / 8
        x, y = 120 + 60 * math.cos(angle), 48 + 36 * math.sin(angle)
        for _ in range(9):
            spot = x + chance.gauss(0, 2.6), y + chance.gauss(0, 2.6)
            dots.append(f'<circle cx="{spot[0]:.1f}" cy="{spot[1]:.1f}" r="2" fill="{REAL}"/>')
        for _ in range(14 if k in (0, 1, 5) else 2):
            spot = x + chance.gauss(0, 6), y + chance.gauss(0, 5)
            dots.append(f'<circle cx="{spot[0]:.1f}" cy="{spot[1]:.1f}" r="2" fill="{GENERATED}"/>')
    halo = f'<ellipse cx="120" cy="48" rx="76" ry="46" fill="none" stroke="{DISCRIMINATOR}" stroke-opacity=".3"/>'
    return FRAME.format(
        "A ring of real points and the points a generator makes", halo + "".join(dots)
    )

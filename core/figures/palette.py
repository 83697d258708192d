"""One palette everywhere: what a colour means never changes from page to page.

The ten class colours are M. A. Petroff, "Accessible Color Sequences for Data Visualization" (arXiv:2107.02270):
distinct for all common kinds of colour-blindness, readable on light and on dark.
"""

CLASSES = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)

REAL = "#3f90da"
GENERATED = "#e76300"
ENCODER = "#1b9e77"
DISCRIMINATOR = "#9b59d0"
GENERATOR = GENERATED

# What a phase or a loss of one network is drawn in.
NETWORKS = {"encoder": ENCODER, "D": DISCRIMINATOR, "G": GENERATOR, "decoder": GENERATOR}

# Curves that belong to no network take these in turn: the class colours that hold up as thin lines.
LINES = ("#3f90da", "#e76300", "#1b9e77", "#9b59d0", "#bd1f01", "#a96b59", "#717581", "#c99700")
MARK = "#8a8f98"


# Numbers, from low to high: "Viridis" by S. van der Walt and N. Smith (CC0), in which equal steps in value look like
# equal steps, also to the colour-blind. Without its last yellow, which would vanish on paper.
NUMBERS = (
    "#440154",
    "#482878",
    "#3e4989",
    "#31688e",
    "#26828e",
    "#1f9e89",
    "#35b779",
    "#6ece58",
    "#b5de2b",
)

TINTS = (
    0,
    0.42,
    -0.34,
)  # shares of white (below zero: of black) in the class colours of each further ten


def category(k: int) -> str:
    """The colour of category ``k``: the ten of the classes, then lighter ones, then darker ones, then these again."""
    tint = TINTS[k // len(CLASSES) % len(TINTS)]
    towards = 255 if tint > 0 else 0
    channels = [int(CLASSES[k % len(CLASSES)][i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(c + (towards - c) * abs(tint)):02x}" for c in channels)


def faded(colour: str, alpha: float) -> str:
    """``#rrggbb`` as an ``rgba(…)`` of that opacity (0 to 1)."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"

"""Every page of the house, an entry each: the navigation, Home's list and the links beside a run are made from these.

To add a page, write its file and one entry here; its address is the file's name, with ``-`` for ``_``.
"""

from pathlib import PurePosixPath
from typing import NamedTuple

__all__ = ["EXPLORE", "MAIN", "Page"]

IMAGES, POINTS = ("images",), ("points",)


class Page(NamedTuple):
    """``file`` under ``pages/``, ``title``, ``icon`` (of Material Symbols), ``help`` in a sentence.

    A page that looks into one run names in ``able`` what its model must be able to do, of data of which ``kinds``;
    where ``able`` is None it is offered beside no run.
    """

    file: str
    title: str
    icon: str
    help: str
    able: tuple[str, ...] | None = None
    kinds: tuple[str, ...] = IMAGES + POINTS

    @property
    def address(self) -> str:
        """``explore/code_size.py`` is at ``code-size``."""
        return PurePosixPath(self.file).stem.replace("_", "-")


# fmt: off
MAIN = (
    Page("learn/home.py", "Home", "home",
         "What this is, and three trainings that start with one click."),
    Page("train/train.py", "Train", "play_circle",
         "Choose data, a model and its settings, and watch it learn."),
    Page("train/runs.py", "Runs", "list",
         "Everything that was trained: find, name, tag, compare, remove."),
    Page("train/compare.py", "Compare", "compare",
         "Runs side by side: curves, pictures, and what differs."),
)
EXPLORE = (
    Page("explore/latent.py", "Latent space", "explore",
         "Walk through the code: every place in it decodes to something.", ("encode", "decode"), IMAGES),
    Page("explore/projections.py", "Projections", "scatter_plot",
         "PCA, t-SNE and UMAP maps of the codes, and how far each can be trusted.", ()),
    Page("explore/time.py", "Time", "history",
         "The whole training on one slider: codes drifting apart, samples sharpening; two runs at once.", ()),
    Page("explore/kl_term.py", "Why the KL term", "balance",
         "The same training with and without the KL term, side by side, live."),
    Page("explore/playground.py", "GAN playground", "sports_esports",
         "Two networks against each other in the plane: mode collapse, its figures, its cures.", ("sample",), POINTS),
    Page("explore/reconstructions.py", "Reconstructions", "compare_arrows",
         "Originals against reconstructions: errors, best and worst, nearest neighbours.", ("reconstruct",), IMAGES),
    Page("explore/code_size.py", "Code size", "compress",
         "Several models on the same images, and the error against the size of the code."),
    Page("explore/denoising.py", "Denoising", "blur_on",
         "Damage, restore, and damage again; the field that pulls points back to the data.", ("reconstruct",)),
    Page("explore/weights.py", "Weights", "grid_on",
         "What each hidden unit looks for and draws, as it develops.", ("filters",), IMAGES),
    Page("explore/layers.py", "Layers", "layers",
         "How one image moves through the network.", ("reconstruct",), IMAGES),
    Page("explore/codes.py", "Codes", "bar_chart",
         "The code itself: activity, histograms, correlation, dead units.", ("encode",)),
    Page("explore/manifold.py", "Manifold", "view_in_ar",
         "PCA's plane against the autoencoder's curved surface, in 2-D and 3-D.", ("reconstruct",), POINTS),
)
# fmt: on

"""Projections: maps of a run's codes, each way of looking at them a view of its own."""

from pages.ui.following import at_newest, coming
from pages.ui.pick import choose_run
from pages.ui.views import View, choose_view, show_view
from pages.ui.warming import when_ready

VIEWS = {
    "Map": View(
        "one_map", "One map of the codes, by PCA, t-SNE or UMAP, and how far it can be trusted."
    ),
    "Side by side": View(
        "several_maps", "The same points under several settings, laid upon each other."
    ),
    "Over training": View("moving_map", "The same points at every snapshot of the training."),
    "What maps get wrong": View("misleading", "Data of known shape, and what a map makes of it."),
}


def page(schemas) -> None:
    """The whole page."""
    view = choose_view("Projections", VIEWS)
    at_newest()
    if coming(schemas):
        return
    chosen = choose_run(schemas, set())
    if chosen is not None:
        show_view(VIEWS[view], chosen, schemas)


when_ready(page)

"""Latent space: the code as a place to walk in, each way of looking at it a view of its own."""

from pages.ui.following import at_newest, coming
from pages.ui.pick import choose_run
from pages.ui.views import View, choose_view, show_view
from pages.ui.warming import when_ready

VIEWS = {
    "Pad": View("pad", "A square over the code: point at a place and see it decoded."),
    "Grid and traversals": View(
        "traversals", "A table of decoded images over two units, and a row for each unit."
    ),
    "Between": View("between", "From image to image: straight, around, or through their pixels."),
    "Averages": View("averages", "Means of groups, directions between them, sums of images."),
    "Sampling": View(
        "sampling", "New images: from the prior, from densities of the codes, from a typed code."
    ),
    "Disentanglement": View(
        "factors", "Which unit knows which factor of the data, as scores and a map."
    ),
}


def page(schemas) -> None:
    """The whole page."""
    view = choose_view("Latent space", VIEWS)
    at_newest()
    if coming(schemas):
        return
    chosen = choose_run(schemas, {"encode", "decode"}, ("images",))
    if chosen is not None:
        show_view(VIEWS[view], chosen, schemas)


when_ready(page)

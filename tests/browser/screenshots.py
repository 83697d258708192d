"""Pictures of every page, to be looked at: ``python -m tests.browser.screenshots FOLDER [ADDRESS …]``.

A server with a home of its own trains one run, then each address is saved in light and dark at a
projector's, a laptop's and a phone's size, once as the window shows it and once whole (``-whole``).
"""

import sys
import tempfile
from itertools import product
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.harness import SIZES, Server, Visitor, launch
from tests.browser.steps import await_state, start_run

TALL = 4000


def addresses(visitor: Visitor) -> dict[str, str]:
    """Every page by a name, with one run that trains, two that have ended, a GAN and an autoencoder on points."""
    ended = []
    for model in ("autoencoder", "vae"):
        ended.append(start_run(visitor, model=model, steps=1500, latent_dim=2))
        await_state(visitor.page, "done", 120)
    gan = start_run(visitor, model="gan", dataset="points", preset="ring", steps=1500)
    await_state(visitor.page, "done", 120)
    sheet = start_run(visitor, model="autoencoder", dataset="plane3d", steps=1500, latent_dim=2)
    await_state(visitor.page, "done", 120)
    live = start_run(visitor)
    return {
        "home": "/",
        "form": "/train",
        "own": "/train?dataset=own",
        "live": f"/train?run={live}",
        "vae": f"/train?run={ended[1]}",
        "gan": f"/train?run={gan}",
        "runs": "/runs",
        "compare": f"/compare?runs={','.join(ended)}",
        "code-size": f"/code-size?runs={','.join(ended)}",
        "denoising": f"/denoising?run={ended[0]}",
        "denoising-points": f"/denoising?run={sheet}",
        "manifold": f"/manifold?run={sheet}",
        "latent": f"/latent?run={ended[1]}",
        "reconstructions": f"/reconstructions?run={ended[0]}",
        "projections": f"/projections?run={ended[1]}",
        "several-maps": f"/projections?run={ended[1]}&view=Side+by+side",
        "moving-map": f"/projections?run={ended[1]}&view=Over+training",
        "misleading-maps": f"/projections?run={ended[1]}&view=What+maps+get+wrong",
        "time": f"/time?run={ended[1]}&beside={ended[0]}",
        "kl-term": f"/kl-term?runs={ended[1]}",
        "codes": f"/codes?run={ended[0]}",
        "layers": f"/layers?run={ended[0]}",
        "weights": f"/weights?run={ended[0]}",
    }


def whole(visitor: Visitor) -> int:
    """How tall a window must be to show all of the page."""
    return visitor.page.evaluate(
        "() => document.querySelector('[data-testid=\"stMain\"]').scrollHeight"
    )


def save(browser, server: Server, folder: Path, pages: dict[str, str], cookies: list) -> None:
    """One file for each page, colour scheme and size, and another for what lies below the fold."""
    for (name, address), scheme, size in product(pages.items(), ("light", "dark"), SIZES):
        visitor = Visitor(browser, server, size=size, color_scheme=scheme)
        visitor.context.add_cookies(cookies)
        visitor.open(address)
        visitor.page.wait_for_timeout(4000)  # charts draw well after the script has ended
        file = folder / f"{name}-{scheme}-{size}.png"
        visitor.page.screenshot(path=file)
        width = SIZES[size][0]
        visitor.page.set_viewport_size({"width": width, "height": min(whole(visitor), TALL)})
        visitor.page.wait_for_timeout(500)
        visitor.page.screenshot(path=file.with_stem(f"{file.stem}-whole"))
        print(file, *visitor.faults, sep="\n  ")
        visitor.context.close()


def main(folder: Path, asked: list[str]) -> None:
    """Save the ``asked`` addresses, or every page."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server, browser = Server(Path(home, "home")).start(), launch(playwright)
        try:
            first = Visitor(browser, server)
            pages = {a.strip("/") or "home": a for a in asked} or addresses(first)
            save(browser, server, folder, pages, first.context.cookies())
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

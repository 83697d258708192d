"""A map from click to lasso as a person goes through it: progress, the slider, the selection in the pad, a reload."""

import math
import re

from playwright.sync_api import expect

from tests.browser.harness import until

# Long enough to be seen on its way.
ADDRESS = "/projections?run=vae-digits&points=500&tsne-iterations=1000"
ROUND = 24  # corners of a lasso


def kept(page):
    """The map on the page, once it is there; a server that has just begun may take its time."""
    shown = page.locator(".map")
    expect(shown).to_have_attribute("data-state", "open", timeout=30_000)
    return shown


def lasso(page, shown, share: float) -> None:
    """Draw around the middle of the map, so far as a ``share`` of its height."""
    shown.locator(".marked").scroll_into_view_if_needed()
    box = shown.locator(".marked").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    ring = [
        (
            x + share * box["height"] * math.cos(2 * math.pi * k / ROUND),
            y + share * box["height"] * math.sin(2 * math.pi * k / ROUND),
        )
        for k in range(ROUND)
    ]
    page.mouse.move(*ring[0])
    page.mouse.down()
    for place in ring[1:]:
        page.mouse.move(*place)
    page.mouse.up()


def test_from_pca_to_a_moving_map_a_lasso_the_pad_and_back(visit, server):
    visitor = visit(server)
    page = visitor.page
    visitor.open(ADDRESS)
    kept(page)
    expect(page.get_by_text("Variance explained")).to_be_visible()
    visitor.key("method").get_by_text("t-SNE").click()
    make = visitor.key("map-make").get_by_role("button")
    make.click()
    expect(page.get_by_test_id("stProgress")).to_be_visible()
    page.locator(".st-key-map-stop").wait_for(state="detached", timeout=60_000)
    shown = kept(page)
    slider = shown.get_by_role("slider")
    expect(slider).to_be_visible()
    slider.press("Home")
    expect(shown).to_have_attribute("data-frame", "0")
    slider.press("End")

    shown.get_by_role("button", name="Lasso").click()
    lasso(page, shown, 0.3)
    head = shown.locator(".chosen .head")
    expect(head).to_contain_text(re.compile(r"\d+ selected"))
    many = int(re.search(r"(\d+) selected", head.inner_text())[1])
    assert 0 < many < 359
    expect(shown.locator(".chosen .bars")).to_be_visible()

    visitor.open("/latent?run=vae-digits")
    pad = page.locator(".latent")
    expect(pad).to_have_attribute("data-state", "open")
    until(lambda: int(pad.get_attribute("data-lit") or 0) == many, 10, "the selection on the pad")

    visitor.open(f"{ADDRESS}&method=t-SNE")
    shown = kept(page)
    expect(shown.get_by_role("slider")).to_be_visible()
    expect(shown.locator(".chosen .head")).to_contain_text(f"{many} selected")
    assert not visitor.key("map-make").count()

"""Looking into a trained run: pictures that one can point at and click, and an address that says what one sees."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.harness import until

DIGITS = "autoencoder-digits"


def items(visitor, key: str):
    """The items of the gallery that the page calls so."""
    return visitor.page.locator(f'[class*="st-key-{key}"] .item')


def card(visitor, key: str):
    """The enlarged view of a gallery."""
    return visitor.page.locator(f'[class*="st-key-{key}"] .card')


@pytest.mark.parametrize("page", ["reconstructions", "codes", "layers"])
def test_the_shipped_run_opens_on_each_page(visit, server, page):
    visitor = visit(server)
    visitor.open(f"/{page}?run={DIGITS}")
    visitor.page.get_by_text("What to look for.").wait_for()
    expect(visitor.page.get_by_role("combobox", name="Run")).to_be_visible()
    visitor.settle()


def test_pointing_shows_the_pictures_side_by_side(visit, server):
    visitor = visit(server)
    visitor.open(f"/reconstructions?run={DIGITS}")
    shown = items(visitor, "reconstructions")
    expect(shown).to_have_count(24)
    expect(card(visitor, "reconstructions")).to_be_hidden()
    shown.nth(5).hover()
    expect(card(visitor, "reconstructions")).to_be_visible()
    expect(card(visitor, "reconstructions").locator("figcaption")).to_have_text(
        ["Original", "Reconstruction", "Difference"]
    )
    expect(card(visitor, "reconstructions")).to_contain_text("Squared error")
    # The keyboard does the same: one stop for the whole gallery, arrows within.
    shown.nth(5).focus()
    visitor.page.keyboard.press("ArrowRight")
    expect(shown.nth(6)).to_be_focused()
    visitor.page.keyboard.press("Escape")
    expect(card(visitor, "reconstructions")).to_be_hidden()


def test_a_click_shows_the_neighbours_and_the_back_button_takes_it_back(visit, server):
    visitor = visit(server)
    visitor.open(f"/reconstructions?run={DIGITS}&n=12")
    visitor.page.get_by_text("Click an image to see").wait_for()
    items(visitor, "reconstructions").nth(2).click()
    expect(items(visitor, "near-code")).to_have_count(9)
    expect(items(visitor, "near-pixel")).to_have_count(9)
    expect(items(visitor, "query")).to_have_count(1)
    expect(items(visitor, "reconstructions").nth(2)).to_have_attribute("data-marked", "true")
    visitor.page.wait_for_url(re.compile(r"image=\d+"))
    visitor.page.mouse.move(0, 0)
    visitor.page.go_back()
    visitor.page.get_by_text("Click an image to see").wait_for()
    visitor.settle()


def test_a_tap_on_a_phone_shows_and_chooses(visit, server):
    visitor = visit(server, size="phone", has_touch=True)
    visitor.open(f"/layers?run={DIGITS}")
    items(visitor, "layers").nth(3).tap()
    expect(items(visitor, "layers").nth(3)).to_have_attribute("data-marked", "true")
    expect(card(visitor, "layers").first).to_be_visible()
    visitor.page.wait_for_url(re.compile(r"image=\d+"))


def test_another_run_is_chosen_and_stands_in_the_address(visit, server):
    visitor = visit(server)
    visitor.open(f"/codes?run={DIGITS}")
    visitor.page.get_by_role("combobox", name="Run").click()
    visitor.page.get_by_role("option", name=re.compile("VAE: the digits")).click()
    visitor.page.wait_for_url("**run=vae-digits**")
    visitor.page.get_by_text("2 units").first.wait_for()
    visitor.page.wait_for_timeout(
        3500
    )  # until then an old address may only be late (pages.ui.address.BROWSER_LAG)
    visitor.page.go_back()
    visitor.page.wait_for_url(f"**run={DIGITS}**")
    expect(visitor.page.get_by_role("combobox", name="Run")).to_have_value(
        re.compile("Autoencoder: the digits")
    )


def test_from_a_run_to_the_pages_that_look_into_it(visit, server):
    visitor = visit(server)
    run = steps.start_run(visitor, latent_dim=8, steps=300)
    steps.await_state(visitor.page, "done")
    visitor.key("look-inside").get_by_role("link", name="Weights").click()
    visitor.page.wait_for_url(f"**/weights?run={run}")
    picture = visitor.page.locator(".picture")
    expect(picture.locator("figure:visible figcaption")).to_have_count(3)
    before = picture.locator("canvas").first.evaluate("canvas => canvas.toDataURL()")
    picture.get_by_role("slider").fill("0")
    until(
        lambda: picture.locator("canvas").first.evaluate("canvas => canvas.toDataURL()") != before,
        10,
        "the weights of the first step",
    )
    assert steps.picture_step(visitor.page) == 0

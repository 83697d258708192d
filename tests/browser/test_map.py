"""A map on its page: looked at without the server, selected from, and the selection seen on the latent pad."""

from tests.browser.harness import until


def test_a_selection_on_a_map_lights_up_on_the_latent_pad_and_in_other_tabs(visit, server):
    visitor = visit(server)
    visitor.open("/projections?run=vae-digits")
    page = visitor.page
    page.wait_for_selector('.map[data-state="open"][data-sheets="1"]')
    visitor.settle()
    page.locator(".stage").scroll_into_view_if_needed()
    box = page.locator(".marked").bounding_box()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    at = [(0.3 + 0.05 * k, 0.3 + 0.04 * k) for k in range(10)]
    for across, down in at:
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=5)
    assert page.locator(".map").get_attribute("data-hovered") is not None
    assert not [url for url in asked if "/api/maps/" in url]
    # A lasso around the left half, drawn with Shift.
    corners = [(0.02, 0.02), (0.5, 0.02), (0.5, 0.98), (0.02, 0.98), (0.02, 0.03)]
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*places[0])
    page.keyboard.down("Shift")
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.wait_for_selector(".chip:not([hidden])")
    selected = int(page.locator(".chip span").inner_text().split()[0])
    assert 0 < selected < 359
    visitor.settle()
    # The square over the same codes, in another tab and then in this one: as many of them are ringed.
    other = visitor.tab()
    for tab in (other, page):
        visitor.open("/latent?run=vae-digits", tab)
        tab.wait_for_selector('.latent[data-state="open"]')
        lit = tab.locator(".latent")
        until(lambda lit=lit: lit.get_attribute("data-lit") == str(selected), 10, "rings")

"""The address bar holds the state, whatever somebody types into it, and on a server that has just begun."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from pages import door
from tests.browser import steps
from tests.browser.harness import ROOT

EXPLORE = [
    *("/reconstructions", "/code-size", "/denoising", "/weights", "/layers", "/codes", "/manifold"),
]
PAGES = ["/", "/train", "/runs", "/compare", *EXPLORE]
GARBAGE = [
    "/train?run=../../etc/passwd",
    "/train?run=%00%ff&model=%3Cscript%3E",
    "/train?model=nonsense&dataset=nothing&preset=none",
    "/train?model=vae&latent_dim=banana&steps=-5&learning_rate=1e999&beta=[]",
    "/train?model=autoencoder&encoder_sizes=[[[&batch_size=0",
    "/runs?run=x&runs=,,,,",
    "/compare?runs=a,b,,c%2C%2C&run=" + "x" * 3000,
    "/?run=%F0%9F%92%A9",
    "/reconstructions?run=x&step=-1&split=none&order=%00&n=banana&image=1e9",
    "/codes?run=autoencoder-digits&step=99999999999999&split=%3Cscript%3E",
    "/layers?run=autoencoder-digits&image=-5",
]


def test_garbage_leaves_the_page_usable(visit, server, subtests):
    visitor = visit(server)
    for address in GARBAGE:
        with subtests.test(address):
            visitor.open(address)
            visitor.page.wait_for_timeout(300)
            visitor.look()
            visitor.page.get_by_role("link", name="Train").first.click()
            visitor.key("start").wait_for()


def test_a_wrong_run_is_said_in_one_sentence(visit, server):
    visitor = visit(server)
    visitor.open("/train?run=0123456789")
    visitor.page.get_by_text("There is no run at this address").wait_for()
    visitor.key("start").get_by_role("button").wait_for()


def test_a_wrong_value_is_explained_at_its_field(visit, server):
    visitor = visit(server)
    visitor.open("/train?model=vae&dataset=digits&latent_dim=100000")
    visitor.page.get_by_text("Latent dim must be").wait_for()
    assert visitor.key("start").get_by_role("button").is_disabled()


def test_a_page_that_does_not_exist_leads_home(visit, server, subtests):
    visitor = visit(server)
    for address in ("/nonsense", "/nonsense/deeper?run=1", "/train/x", "/%00"):
        with subtests.test(address):
            visitor.open(address)
            visitor.key("watch-autoencoder").wait_for()


def test_the_door_knows_every_page():
    scripts = [
        path
        for path in (ROOT / "pages/explore").glob("*.py")
        if "\nwhen_ready(" in path.read_text()
    ]
    assert {path.stem.replace("_", "-") for path in scripts} == door.PAGES - {
        "",
        "train",
        "runs",
        "compare",
    }


def test_the_form_writes_the_address_and_the_address_fills_the_form(visit, server):
    visitor = visit(server)
    visitor.open("/train?model=vae&dataset=digits&latent_dim=3")
    field = visitor.key("set-latent_dim").get_by_role("spinbutton")
    expect(field).to_have_value("3")
    field.fill("5")
    field.press("Enter")
    visitor.page.wait_for_url("**latent_dim=5**")
    copied = visitor.page.url.removeprefix(server.url)
    other = visit(server)
    other.open(copied)
    expect(other.key("set-latent_dim").get_by_role("spinbutton")).to_have_value("5")


def test_whoever_types_quickly_loses_nothing(visit, server):
    visitor = visit(server)
    visitor.open("/train")
    typed = {"learning_rate": "0.002", "batch_size": "64", "steps": "500", "seed": "5"}
    visitor.key("set-seed").wait_for()
    for name, value in typed.items():
        field = visitor.key(f"set-{name}").get_by_role("spinbutton")
        field.fill(value)
        field.press("Enter")
    visitor.page.wait_for_timeout(2000)
    for name, value in typed.items():
        field = visitor.key(f"set-{name}").get_by_role("spinbutton")
        expect(field).to_have_value(value)


def test_back_and_forward_in_the_browser(visit, server):
    visitor = visit(server)
    visitor.open("/runs")
    visitor.page.get_by_role("link", name="Train").first.click()
    visitor.key("start").wait_for()
    visitor.page.go_back()
    visitor.page.wait_for_url("**/runs")
    visitor.page.get_by_role("heading", name="Runs", exact=True).wait_for()


def test_back_from_a_run_finds_the_form_as_it_was(visit, server):
    visitor = visit(server)
    steps.start_run(visitor, latent_dim=7, steps=50)
    steps.await_state(visitor.page, "done")
    visitor.page.go_back()
    expect(visitor.key("set-latent_dim").get_by_role("spinbutton")).to_have_value("7")


def test_a_deep_link_on_a_cold_server(visit, own_server):
    first = visit(own_server.start())
    run = steps.start_run(first, steps=200)
    steps.await_state(first.page, "done")
    first.context.close()
    own_server.stop()

    own_server.start()
    visitor = visit(own_server)
    visitor.open(f"/train?run={run}")
    visitor.key("control-bar").wait_for()
    steps.await_state(visitor.page, "done")
    assert steps.await_step(visitor.page, 200) == 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone(visit, server, scheme, subtests):
    visitor = visit(server, size="phone", color_scheme=scheme)
    wide = "() => document.querySelector('[data-testid=\"stMain\"]').scrollWidth - innerWidth"
    for address in PAGES:
        with subtests.test(address):
            visitor.open(address)
            visitor.page.wait_for_timeout(300)
            assert visitor.page.evaluate(wide) <= 0


def test_the_server_process_never_loads_torch(visit, server):
    visitor = visit(server)
    for address in PAGES:
        visitor.open(address)
    mapped = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert not [name for name in ("torch", "sklearn", "numba") if f"/{name}/" in mapped]

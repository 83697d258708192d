"""One Chromium for all browser tests, one server for those that share it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.harness import Server, Visitor, chromium_path, launch


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test, and comes last.

    Playwright keeps an event loop running in this thread, next to which no other test could start one.
    """
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.path.is_relative_to(here))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Without one tests are skipped, unless EXPLORER_REQUIRE_BROWSER is set."""
    if chromium_path() is None:
        if os.environ.get("EXPLORER_REQUIRE_BROWSER"):
            pytest.fail("EXPLORER_REQUIRE_BROWSER is set and there is no Chromium")
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    """A server that several tests share; each visitor is a person of their own."""
    server = Server(tmp_path_factory.mktemp("shared") / "home").start()
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path: Path, browser: Browser) -> Iterator[Server]:
    """A server for one test, not started yet."""
    server = Server(tmp_path / "own")
    yield server
    server.stop()


@pytest.fixture
def visit(browser: Browser, own_server: Server) -> Iterator[Callable[..., Visitor]]:
    """``visit(server)`` is a new person with an empty browser; all must leave without a fault.

    It stands on ``own_server`` so that everybody has left before that one ends.
    """
    visitors = []

    def new(server: Server, **options) -> Visitor:
        visitors.append(Visitor(browser, server, **options))
        return visitors[-1]

    yield new
    for visitor in visitors:
        visitor.close()

"""A real server, a real Chromium, and a visitor who notices whatever should not be on a page."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Playwright, Response

ROOT = Path(__file__).resolve().parent.parent.parent
SIZES = {"projector": (1440, 900), "laptop": (1280, 720), "phone": (390, 844)}
ARGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]

# A deep link makes Streamlit's own page ask for these two beside the page before it asks the root.
STREAMLITS_OWN = re.compile(r"^https?://[^/]+/.+/_stcore/(health|host-config)$")
# What the browser itself says once its server is gone; ignored only where a test ends the server.
SERVER_GONE = re.compile(
    "ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE|ERR_EMPTY_RESPONSE"
    "|ERR_CONTENT_LENGTH_MISMATCH|WebSocket"
    "|Failed to fetch dynamically imported module"
    "|when disconnected from server"
)


def chromium_path() -> str | None:
    """Debian's Chromium, or whichever ``CHROMIUM`` names; None where there is none."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


def launch(playwright: Playwright) -> Browser:
    """Chromium with a profile of its own."""
    return playwright.chromium.launch(executable_path=chromium_path(), args=ARGS)


def until(ask: Callable[[], Any], seconds: float, what: str) -> Any:
    """The first true answer of ``ask``, asked 20 times a second; fails after ``seconds``."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, f"waited {seconds:g} s in vain for {what}"
        time.sleep(0.05)
    return answer


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """``streamlit run explorer.py`` on a free port, with its own home and process group."""

    def __init__(self, home: Path, root: Path = ROOT, **environment: str):
        self.home, self.root = home, root
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home.with_name(f"{home.name}.log")
        self.process: subprocess.Popen | None = None
        self.environment = os.environ | {"EXPLORER_HOME": str(home)} | environment

    def start(self) -> "Server":
        """Returns once the server answers."""
        command = "-m streamlit run explorer.py --server.headless true --server.address 127.0.0.1"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command.split(), "--server.port", str(self.port)],
                cwd=self.root,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until(self.answers, 30, f"the server; its log:\n{self.text()}")
        return self

    def answers(self) -> bool:
        assert self.process.poll() is None, f"the server ended:\n{self.text()}"
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1) as response:
                return response.status == 200
        except (urllib.error.URLError, TimeoutError):
            return False

    def kill(self) -> None:
        """The server alone dies at once; its workers must notice by themselves."""
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        """The server is asked to end; what is left of its process group after that is killed."""
        if self.process is None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(15)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def text(self) -> str:
        """Everything the server has printed."""
        return self.log.read_text(errors="replace")

    def processes(self) -> dict[int, str]:
        """Living processes that have this server's home, by id, with their command lines."""
        mark = f"EXPLORER_HOME={self.home}\0".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes() + b"\0":
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found[int(folder.name)] = command.strip()
            except OSError:
                continue  # it ended while we looked
        return {pid: command for pid, command in found.items() if command}


class Visitor:
    """One browser tab, and a record of everything that went wrong in it."""

    def __init__(self, browser: Browser, server: Server, size: str = "projector", **options: Any):
        width, height = SIZES[size]
        self.server = server
        self.context = browser.new_context(viewport={"width": width, "height": height}, **options)
        self.faults: list[str] = []
        self.ignored: re.Pattern | None = None
        self.page = self.tab()

    def tab(self):
        """A further tab of the same person: same cookies, watched by the same eyes."""
        page = self.context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._fault(f"error in the page: {error}"))
        page.on("response", self._response)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error" or STREAMLITS_OWN.match(message.location["url"]):
            return
        self._fault(f"console: {message.text} ({message.location['url']})")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self._fault(f"{response.status} from {response.url}")

    def _fault(self, text: str) -> None:
        if not (self.ignored and self.ignored.search(text)):
            self.faults.append(text)

    def open(self, address: str = "/", page=None) -> None:
        """Go to an address of this server and wait until the page stands."""
        page = page or self.page
        page.goto(f"{self.server.url}{address}")
        self.settle(page)

    def settle(self, page=None, seconds: float = 20) -> None:
        """Wait until the script has run and nothing on the page is stale, then look for trouble."""
        page = page or self.page
        page.wait_for_selector('[data-testid="stApp"]', timeout=seconds * 1000)
        page.wait_for_function(
            """() => {
                const app = document.querySelector('[data-testid="stApp"]');
                return app?.dataset.testScriptState === 'notRunning'
                    && !document.querySelector('[data-testid="stAppSkeleton"]')
                    && document.querySelector('[data-testid="stMain"]')?.innerText.trim();
            }""",
            timeout=seconds * 1000,
        )
        self.look(page)

    def look(self, page=None) -> None:
        """No traceback, no raw exception, no dialog about a missing page."""
        page = page or self.page
        text = page.inner_text("body")
        for bad in ("Traceback (most recent call last)", "Page not found", "Connection error"):
            assert bad not in text, f"{bad!r} on {page.url}:\n{text}"
        assert page.locator('[data-testid="stException"]').count() == 0, text

    def key(self, key: str):
        """The widget that the page calls ``key``; while a page changes, the old one's may stand beside it."""
        return self.page.locator(f".st-key-{key}").first

    def close(self) -> None:
        """Leave; fails if anything went wrong on the way."""
        for page in self.context.pages:
            self.look(page)
        self.context.close()
        assert not self.faults, "\n".join(self.faults)

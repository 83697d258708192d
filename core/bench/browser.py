"""Real servers and a real Chromium for the benches that measure what a visitor sees."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from core.errors import ExplorerError
from core.settings import ROOT

__all__ = ["Server", "chromium", "environment", "with_bytecode"]

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
PATIENCE = 60.0
STOP_SECONDS = 20.0
ASK_SECONDS = 0.01
EMPTY_APP = 'import streamlit as st\n\nst.button("Empty")\n'


def with_bytecode() -> dict[str, str]:
    """The environment of processes that keep compiled code, as every start but an installation's first finds it."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def environment(home: Path, data_dir: str | None = None) -> dict[str, str]:
    """The environment of an explorer with this home folder, and with the data of ``data_dir`` where it is given."""
    data = {"EXPLORER_DATA": data_dir} if data_dir else {}
    return {**with_bytecode(), "EXPLORER_HOME": str(home), **data}


@contextmanager
def chromium() -> Iterator[Any]:
    """Debian's Chromium under playwright. Raises ``ExplorerError`` where either is missing."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        raise ExplorerError(
            "This bench needs Chromium and playwright: apt install chromium, then setup."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Server:
    """``streamlit run`` of the explorer, or of an empty app, on a free port with a home of its own.

    ``started`` is the moment at which the process was asked for (``time.perf_counter``).
    """

    def __init__(self, home: Path, app: Path = ROOT / "explorer.py", data_dir: str | None = None):
        self.home, self.app = home, app
        self.environment = environment(home, data_dir)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    @classmethod
    def empty(cls, folder: Path) -> "Server":
        """The least that Streamlit can serve, under the explorer's own configuration."""
        app = folder / "empty.py"
        app.write_text(EMPTY_APP, encoding="utf-8")
        return cls(folder, app)

    def __enter__(self) -> "Server":
        command = "-m streamlit run --server.headless true --server.address 127.0.0.1"
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, *command.split(), "--server.port", str(self.port), str(self.app)],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._until(lambda: self._get("/_stcore/health") is not None, "answer")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self.process.kill()
        self.process.wait()

    def wait_warm(self) -> None:
        """Wait until a training could start at once."""
        self._until(lambda: json.loads(self._get("/api/health") or "{}").get("warm"), "warm up")

    def _until(self, done: Any, what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            if self.process.poll() is not None or time.monotonic() > end:
                raise ExplorerError(f"The server of this bench did not {what}.")
            time.sleep(ASK_SECONDS)

    def _get(self, path: str) -> str | None:
        try:
            with urllib.request.urlopen(self.url + path, timeout=1) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return None

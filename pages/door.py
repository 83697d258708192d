"""At the server's door: an address that is no page leads home, and at the end nobody is kept waiting."""

import signal
import threading

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse

# The addresses of the pages in pages/frame.py.
PAGES = {"", "train", "runs", "compare"} | {
    *(
        "time",
        "kl-term",
        "reconstructions",
        "code-size",
        "denoising",
        "weights",
        "layers",
        "codes",
        "manifold",
    ),
}
# What is fetched from a page rather than visited; somebody may still open one of these in a tab.
FETCHED = ("api/", "_stcore/", "static/", "media/", "app/")

closing = threading.Event()


def let_go_at_the_end() -> None:
    """Set ``closing`` as soon as the server is asked to end.

    The server waits until every stream has ended before it stops the workers, and a stream ends with its run: without
    this it would wait for hours. Only the main thread may do this; elsewhere (a test) nothing is to be let go.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)

        def told(number, frame, before=before):
            closing.set()
            if callable(before):
                before(number, frame)

        signal.signal(number, told)


class KnownPages:
    """ASGI middleware: a visit to an address that is no page goes home.

    Streamlit itself answers every such address with a page whose scripts it then looks for in the wrong folder.
    """

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        """Pass on what is known or fetched; redirect the rest."""
        if scope["type"] == "http" and _lost(scope):
            await RedirectResponse(f"/{_base()}")(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _base() -> str:
    return st.get_option("server.baseUrlPath").strip("/")


def _lost(scope) -> bool:
    if scope["method"] != "GET" or "text/html" not in Headers(scope=scope).get("accept", ""):
        return False
    path = scope["path"].strip("/").removeprefix(_base()).strip("/")
    return path not in PAGES and not f"{path}/".startswith(FETCHED)

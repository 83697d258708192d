"""Who is looking: an unguessable cookie, and what follows from it."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from core.errors import NoSuchRun
from core.runs import Run, Store

COOKIE = "explorer_owner"
LOCAL = "local"
YEARS = 3 * 365 * 24 * 3600


class OwnerCookie:
    """ASGI middleware: the first page that a browser gets brings its owner's cookie.

    A route sets it, because Streamlit's own session ends with a reload; so early that the websocket already carries it.
    """

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        """Pass everything on; add the cookie to a page sent to a browser that has none."""
        if scope["type"] != "http" or _valid(HTTPConnection(scope).cookies.get(COOKIE)):
            await self.app(scope, receive, send)
            return

        async def send_with_cookie(message):
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", _cookie(scope))
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def _cookie(scope) -> str:
    headers = HTTPConnection(scope).headers
    encrypted = scope["scheme"] == "https" or headers.get("x-forwarded-proto") == "https"
    text = f"{COOKIE}={secrets.token_urlsafe(32)}; Path=/; Max-Age={YEARS}; HttpOnly; SameSite=Lax"
    return text + ("; Secure" if encrypted else "")


def _valid(cookie: str | None) -> bool:
    return bool(cookie and re.fullmatch(r"[A-Za-z0-9_-]{32,64}", cookie))


class Seen(NamedTuple):
    """What a request tells of its sender; ``address`` is None on the server's own machine."""

    cookies: Mapping[str, str]
    headers: Mapping[str, str]
    address: str | None


def request() -> Seen:
    """The request that opened this page."""
    return Seen(st.context.cookies, st.context.headers, st.context.ip_address)


def owner() -> str:
    """The visitor's id among owners: a hash, so that the store never holds what opens the door.

    A browser that refuses cookies has one for as long as its page stays open.
    """
    cookie = request().cookies.get(COOKIE)
    if not _valid(cookie):
        cookie = st.session_state.setdefault("_owner", secrets.token_urlsafe(32))
    return hashlib.sha256(cookie.encode()).hexdigest()[:32]


def at_home() -> bool:
    """Whether the browser runs on the server's own machine, with no proxy in between."""
    _, headers, address = request()
    if any(name in headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip")):
        return False
    host = re.sub(r":\d+$", "", headers.get("Host", "localhost"))
    return address is None and host in ("localhost", "127.0.0.1", "[::1]")


def owners() -> list[str]:
    """Whose runs the visitor may command: their own; at home those of the command line too."""
    return [owner(), LOCAL] if at_home() else [owner()]


def may_command(run: Run) -> bool:
    """Whether this visitor may pause, change, rename or delete the run; everybody may look and fork."""
    return not run.shipped and run.owner in owners()


def opened(store: Store, run_id: str) -> Run:
    """The run that an address names. Others' runs are remembered as opened by link.

    Only a whole id opens a run: it is the key to it. Raises ``NoSuchRun``.
    """
    run = store.get(run_id)
    if run.id != run_id:
        raise NoSuchRun(f"There is no run {run_id!r}: a link holds the whole id.")
    if not run.shipped and not may_command(run):
        store.open_link(owner(), run.id)
    return run

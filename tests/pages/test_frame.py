"""What surrounds every page: no traceback, an owner for each browser, addresses that the routes answer."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from streamlit.testing.v1 import AppTest

from core import arrays
from pages.routes import ROUTES
from pages.train.looking import looks_of
from pages.ui.house import EXPLORE, MAIN
from pages.ui.visitor import COOKIE, OwnerCookie


def get(
    app, path: str, headers: dict | None = None, *, seconds: float = 5, body: bytes | None = None
):
    """Status, headers and body of one request to an ASGI app; a stream is read for so long. A ``body`` is posted."""
    sent: list[dict] = []
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET" if body is None else "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
    }

    asked: list[bool] = []

    async def receive():
        if asked:
            await asyncio.sleep(seconds)
            return {"type": "http.disconnect"}
        asked.append(True)
        return {"type": "http.request", "body": body or b"", "more_body": False}

    async def send(message):
        sent.append(message)

    async def answer():
        await asyncio.wait_for(app(scope, receive, send), seconds + 2)

    # In a thread of its own: a test of the browser before this one may have left a running loop in ours.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(answer())).result()
    start = next(message for message in sent if message["type"] == "http.response.start")
    body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    return start["status"], [(k.decode(), v.decode()) for k, v in start["headers"]], body


@pytest.fixture
def routes(jobs):
    return Starlette(routes=ROUTES)


def test_a_snapshot_comes_as_it_lies_on_disk(routes, make_run, jobs):
    run = make_run()
    status, headers, body = get(routes, f"/api/snapshot/{run}/0")
    assert status == 200
    assert arrays.unpack(body)[0]["x"].shape == (16, 1, 8, 8)
    assert "immutable" in dict(headers)["cache-control"]


def test_what_can_still_change_is_not_kept_by_the_browser(routes, make_run):
    assert (
        dict(get(routes, f"/api/snapshot/{make_run('stopped')}/0")[1])["cache-control"]
        == "no-cache"
    )


@pytest.mark.parametrize(
    "path",
    [
        "snapshot/{short}/0",
        "live/nobody",
        "stream/nobody",
        "stream/{short}",
        "live/..%2f",
    ],
)
def test_nothing_comes_without_the_whole_id(routes, make_run, path):
    run = make_run()
    status, _, body = get(routes, "/api/" + path.format(run=run, short=run[:8]))
    assert status == 404
    assert b"Traceback" not in body


@pytest.mark.parametrize("path", ["snapshot/{run}/99", "live/{run}"])
def test_a_picture_that_is_not_there_is_no_fault(routes, make_run, path):
    status, _, body = get(routes, "/api/" + path.format(run=make_run()))
    assert (status, body) == (204, b"")


def test_the_stream_tells_of_an_ended_run_once(routes, make_run):
    run = make_run()
    status, headers, body = get(routes, f"/api/stream/{run}")
    assert status == 200
    assert dict(headers)["content-type"].startswith("text/event-stream")
    assert body.count(b"data: {") == 2
    assert b"event: end" in body
    assert b'"snapshots": [0]' in body


def test_a_stream_is_a_watcher(routes, make_run, jobs):
    run = make_run("running")
    assert not jobs.store.is_watched(run)
    assert b'"state": "running"' in get(routes, f"/api/stream/{run}", seconds=0.7)[2]
    assert jobs.store.is_watched(run)


def test_the_chart_library_is_served(routes):
    status, headers, body = get(routes, "/api/plotly.js")
    assert status == 200
    assert b"plotly.js" in body[:400]
    assert "immutable" in dict(headers)["cache-control"]


def cookies(app, headers: dict | None = None, path: str = "/") -> list[str]:
    return [value for name, value in get(app, path, headers)[1] if name == "set-cookie"]


def test_the_first_page_brings_an_unguessable_cookie():
    app = OwnerCookie(
        Starlette(
            routes=[
                Route("/", lambda _: HTMLResponse("hi")),
                Route("/x", lambda _: JSONResponse({})),
            ]
        )
    )
    (first,), (second,) = cookies(app), cookies(app)
    assert first != second
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(first.split("; "))
    assert "Secure" in cookies(app, {"X-Forwarded-Proto": "https"})[0]
    value = first.split(";")[0].split("=", 1)[1]
    assert not cookies(app, {"Cookie": f"{COOKIE}={value}"})
    assert cookies(app, {"Cookie": f"{COOKIE}=local"})
    assert not cookies(app, path="/x")


def test_no_traceback_reaches_a_page(home):
    script = """
import streamlit as st
from core.errors import BadInput
from pages.ui.trouble import on_script_error
for error in (BadInput("Two sentences would be too many."), ZeroDivisionError("secret detail")):
    assert on_script_error(error)
"""
    app = AppTest.from_string(script).run()
    assert not app.exception
    known, unknown = (error.value for error in app.error)
    assert known == "Two sentences would be too many."
    assert "reference" in unknown
    assert "secret detail" not in unknown
    assert "secret detail" in (home / "logs" / "pages.log").read_text()


@pytest.mark.parametrize("page", MAIN + EXPLORE)
def test_every_page_of_the_frame_opens(visit, page):
    assert not visit("" if page is MAIN[0] else page.file).exception


def test_every_page_has_an_address_of_its_own_and_says_what_it_is():
    addresses = [page.address for page in MAIN + EXPLORE]
    assert len(set(addresses)) == len(addresses)
    assert {"home", "train", "code-size"} <= set(addresses)
    assert all(page.help.endswith(".") for page in MAIN + EXPLORE)


def test_a_run_is_led_to_the_pages_that_can_show_it(jobs, make_run):
    from core.inference import schemas

    def led(**choices) -> set[str]:
        run = jobs.store.get(make_run(**choices))
        return {page.address for page in looks_of(run, schemas())}

    images = {"latent", "reconstructions", "denoising", "weights", "layers", "codes"}
    every = {"projections", "time"}
    assert led(model="autoencoder") == images | every
    assert led(model="gan") == every | {"playground"}

"""What components fetch by address, past the script: the live stream, frames and snapshots as raw arrays.

Every route asks for the run's whole id, which nobody can guess: it is the key. Arrays go out as the bytes that lie on
disk (``core.arrays``), so a frame costs the server one read.
"""

import asyncio
import json
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from core import arrays
from core.errors import BadInput, DamagedFile, ExplorerError, NoSuchRun
from core.runs import Run, Store
from core.runs.film import film_after
from core.training.jobs import service
from pages.door import closing
from pages.latent_routes import LATENT
from pages.map_routes import MAPS
from pages.ui.library import ROUTE, library_file

ACTIVE = ("queued", "running", "paused")
MAX_STREAMED = 8
# Ten looks a second for frames, two for everything else: a look is one stat, a state is one query.
LOOK, STATE = 0.1, 0.5
LARGEST = 1 << 20  # bytes of a request's body
DIGITS = 10  # of a step
STRIP_POINTS = 600


def _run(store: Store, run_id: str) -> Run:
    run = store.get(run_id)
    if run.id != run_id:
        raise NoSuchRun(f"There is no run {run_id!r}.")
    return run


def _arrays(path: Path, cache: str) -> Response:
    try:
        data = path.read_bytes()
    except OSError:
        # No fault: a run that is resumed takes back the pictures after the step from which it goes on.
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    return Response(data, media_type="application/octet-stream", headers={"Cache-Control": cache})


def _live(request: Request) -> Response:
    """The newest frame of a run that is being watched."""
    store = service().store
    run = _run(store, request.path_params["run"])
    return _arrays(store.live_path(run.id), "no-store")


def _snapshot(request: Request) -> Response:
    """One snapshot."""
    store = service().store
    run = _run(store, request.path_params["run"])
    return _arrays(store.snapshot_path(run.id, request.path_params["step"]), _cache(run))


def _film(request: Request) -> Response:
    """The film of a run on points, or only its frames later than ``?after=``; its meta has the alarms."""
    store = service().store
    run = _run(store, request.path_params["run"])
    after = request.query_params.get("after", "")
    if not after:
        return _arrays(store.film_path(run.id), _cache(run))
    if not (after.isascii() and after.isdecimal() and len(after) <= DIGITS):
        raise BadInput(f"after: a step, not {after[:40]!r}.")
    try:
        film = arrays.read(store.film_path(run.id))
    except DamagedFile:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    data = arrays.pack(*film_after(film, int(after)))
    return Response(
        data, media_type="application/octet-stream", headers={"Cache-Control": "no-store"}
    )


def _cache(run: Run) -> str:
    """While a run can be resumed its pictures may be made anew, so only those of ended runs are kept for long."""
    lasting = run.state in ("done", "failed") or run.shipped
    return "private, max-age=31536000, immutable" if lasting else "no-cache"


def _scalars(request: Request) -> Response:
    """The curves of a run: for each name (2, n) float64, steps over values, thinned to what a strip can show."""
    from core.figures.curves import (
        thin,
    )  # brings plotly along, which no server waits for at its start

    store = service().store
    run = _run(store, request.path_params["run"])
    curves = {
        name: np.stack(thin(steps, values, limit=STRIP_POINTS)).astype(np.float64)
        for name, (steps, values) in store.scalars(run.id).items()
        if len(steps)
    }
    data = arrays.pack(curves)
    return Response(
        data, media_type="application/octet-stream", headers={"Cache-Control": "no-store"}
    )


def _guarded(answer):
    """A route from a plain function: run beside the loop, errors for people answered as their sentence."""

    async def endpoint(request: Request) -> Response:
        try:
            return await run_in_threadpool(answer, request)
        except NoSuchRun as error:
            return PlainTextResponse(str(error), 404)
        except ExplorerError as error:
            return PlainTextResponse(str(error), 409)

    return endpoint


def _asked(answer):
    """A route from a question about one run, which may come with a body."""

    async def endpoint(request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                return PlainTextResponse("This is more than can be asked at once.", 413)
        return await _guarded(
            lambda request: answer(_run(service().store, request.path_params["run"]), request, body)
        )(request)

    return endpoint


def _news(store: Store, run_id: str, active: bool) -> dict:
    """What a watching page must know of a run, apart from the frame's time."""
    run = _run(store, run_id)
    if active:
        # Where nothing can be written nobody trains, and what is there can still be looked at.
        with suppress(OSError):
            store.watch(run_id)
    alarms = store.alarms(run_id)
    return {
        "run": run.id,
        "state": run.state,
        "step": run.steps,
        "total": run.total_steps,
        "snapshots": store.snapshots(run.id),
        "alarms": [alarm.step for alarm in alarms],
        "recovered": [alarm.recovered for alarm in alarms],
    }


def _frame_time(store: Store, run_id: str) -> int:
    try:
        return store.live_path(run_id).stat().st_mtime_ns
    except OSError:
        return 0


async def _events(request: Request, store: Store, news: dict[str, dict]):
    """Server-sent events: one a run at first, then one whenever something changed; ends when all runs have."""
    sent: dict[str, tuple] = {}
    asked = 0.0
    while not await request.is_disconnected():
        if closing.is_set():
            return  # without the word "end": the page asks again when the server is back
        now = time.monotonic()
        if now - asked >= STATE:
            asked = now
            try:
                for run_id in news:
                    active = news[run_id]["state"] in ACTIVE
                    news[run_id] = await run_in_threadpool(_news, store, run_id, active)
            except NoSuchRun:  # removed while somebody looked
                break
        for run_id, item in news.items():
            item["frame"] = _frame_time(store, run_id)
            state = tuple(map(str, item.values()))
            if sent.get(run_id) != state:
                sent[run_id] = state
                yield f"data: {json.dumps(item)}\n\n"
        if not any(item["state"] in ACTIVE for item in news.values()):
            break
        await asyncio.sleep(LOOK)
    yield "event: end\ndata: {}\n\n"


async def stream(request: Request) -> Response:
    """The stream of one run or several, their ids joined by commas (browsers allow few connections)."""
    store = service().store
    ids = list(dict.fromkeys(request.path_params["runs"].split(",")))[:MAX_STREAMED]
    try:
        news = {run_id: await run_in_threadpool(_news, store, run_id, True) for run_id in ids}
    except ExplorerError as error:
        return PlainTextResponse(str(error), 404)
    return StreamingResponse(
        _events(request, store, news),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


async def chart_library(request: Request) -> Response:
    """The chart library that plotly ships."""
    lasting = {"Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(library_file(), media_type="text/javascript", headers=lasting)


async def health(request: Request) -> Response:
    """For whoever keeps the server alive; ``warm`` once a training can start at once."""
    return JSONResponse({"status": "ok", "warm": service().link.ready.is_set()})


ROUTES = [
    Route("/api/stream/{runs}", stream),
    Route("/api/live/{run}", _guarded(_live)),
    Route("/api/film/{run}", _guarded(_film)),
    Route("/api/scalars/{run}", _guarded(_scalars)),
    Route("/api/snapshot/{run}/{step:int}", _guarded(_snapshot)),
    *(Route(path, _asked(answer), methods=[method]) for path, answer, method in (*LATENT, *MAPS)),
    Route(ROUTE, chart_library),
    Route("/api/health", health),
]

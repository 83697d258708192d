"""The film of a run by its address, and what the stream tells of alarms."""

import json

import numpy as np
import pytest
from starlette.applications import Starlette

from core import arrays
from pages.routes import ROUTES
from tests.pages.test_frame import get

STEPS = np.array([0, 25, 50, 75])
FILM = {
    "steps": STEPS,
    "samples": np.arange(4 * 512 * 2).reshape(4, 512, 2).astype(np.float16),
    "modes": np.ones((4, 8), np.int16),
    "covered": np.array([[0, 8], [25, 3], [50, 3], [75, 8]]),
}


@pytest.fixture
def routes(jobs):
    return Starlette(routes=ROUTES)


@pytest.fixture
def filmed(jobs, make_run):
    def make(state: str = "done", alarms=((25, None),)) -> str:
        run = make_run(state, model="gan")
        arrays.write(jobs.store.film_path(run), FILM, {"every": 25, "alarms": alarms})
        return run

    return make


def test_a_film_comes_whole_with_its_alarms(routes, filmed):
    status, headers, body = get(routes, f"/api/film/{filmed()}")
    found, meta = arrays.unpack(body)
    assert status == 200
    assert "immutable" in dict(headers)["cache-control"]
    assert found.keys() == FILM.keys()
    assert all(np.array_equal(found[name], FILM[name]) for name in FILM)
    assert meta == {"every": 25, "alarms": [[25, None]]}


def test_of_a_film_that_grows_only_what_is_new_is_sent(routes, filmed):
    run = filmed("stopped")
    assert dict(get(routes, f"/api/film/{run}")[1])["cache-control"] == "no-cache"
    status, headers, body = get(routes, f"/api/film/{run}?after=25")
    found, meta = arrays.unpack(body)
    assert (status, dict(headers)["cache-control"]) == (200, "no-store")
    assert found["steps"].tolist() == [50, 75]
    assert np.array_equal(found["samples"], FILM["samples"][2:])
    assert found["modes"].shape == (2, 8)
    assert found["covered"].tolist() == FILM["covered"].tolist()
    assert meta["alarms"] == [[25, None]]
    empty = arrays.unpack(get(routes, f"/api/film/{run}?after=75")[2])[0]
    assert empty["samples"].shape == (0, 512, 2)


@pytest.mark.parametrize("query", ["", "?after=0"])
def test_a_run_without_a_film_has_none(routes, make_run, query):
    assert get(routes, f"/api/film/{make_run()}{query}")[::2] == (204, b"")


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "9" * 20, "²"])
def test_after_is_a_step(routes, filmed, after):
    status, _, body = get(routes, f"/api/film/{filmed()}?after={after}")
    assert status == 409
    assert body.decode().startswith("after: a step")


def test_a_film_needs_the_whole_id(routes, filmed):
    run = filmed()
    assert get(routes, f"/api/film/{run[:8]}")[0] == 404
    assert get(routes, "/api/film/nobody")[0] == 404


def news(routes, run: str) -> dict:
    body = get(routes, f"/api/stream/{run}")[2].decode()
    return json.loads(body.split("\n\n")[0].removeprefix("data: "))


def test_the_stream_tells_of_alarms_and_recoveries(routes, filmed, make_run):
    told = news(routes, filmed(alarms=((25, 75), (100, None))))
    assert told["alarms"] == [25, 100]
    assert told["recovered"] == [75, None]
    assert news(routes, make_run())["alarms"] == []

"""The routes of a map of codes: what is kept, what a worker knows of it, one sentence for everything else."""

import io

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette

from core import arrays
from pages.routes import ROUTES
from tests.pages.test_frame import get

RUN = "vae-digits"
KEY, OTHER, SOLID, LONELY = "0" * 20, "1" * 20, "2" * 20, "3" * 20
N = 40
TURN = np.array([[0, 2], [-2, 0]], np.float32)  # a quarter turn that makes twice as large


@pytest.fixture
def routes(jobs):
    return Starlette(routes=ROUTES)


@pytest.fixture
def kept(jobs):
    """Four maps: one with frames, the same turned with its rows in another order, one in space, one of other rows."""
    at = np.random.default_rng(0).normal(size=(N, 2)).astype(np.float32)
    position = np.arange(0, 2 * N, 2, dtype=np.int32)
    frames = np.stack([0.5 * at, at]).astype(np.float16)
    rows = {"at": at, "position": position, "index": position + 1, "y": position % 10}
    write = jobs.store.maps.write
    steps = np.array([0, 50], np.int32)
    state = {"state/vectors": np.ones((N, 3), np.float32)}
    write(RUN, KEY, {**rows, "frames": frames, "steps": steps, **state}, {"title": "PCA"})
    turned = {"at": at[::-1] @ TURN + 5, "position": position[::-1].copy()}
    write(RUN, OTHER, turned, {"title": "Another"})
    write(RUN, SOLID, {**rows, "at": np.ones((N, 3), np.float32)}, {"title": "Solid"})
    write(RUN, LONELY, {**rows, "position": position + 1}, {"title": "Elsewhere"})
    return rows | {"frames": frames}


def test_a_kept_map_comes_without_what_only_workers_need(routes, kept):
    status, headers, body = get(routes, f"/api/maps/{RUN}/{KEY}")
    found, meta = arrays.unpack(body)
    assert status == 200
    assert dict(headers)["cache-control"] == "private, max-age=31536000, immutable"
    assert set(found) == {"at", "position", "index", "y", "frames", "steps"}
    assert all(np.array_equal(found[name], values) for name, values in kept.items())
    assert meta == {"title": "PCA"}


def test_a_map_is_laid_upon_another_by_its_rows_and_its_frames_with_it(routes, kept):
    status, _, body = get(routes, f"/api/maps/{RUN}/{KEY}?to={OTHER}")
    found = arrays.unpack(body)[0]
    assert status == 200
    assert found["at"] == pytest.approx(kept["at"] @ TURN + 5, abs=1e-4)
    assert found["frames"].dtype == np.float16
    # One movement for all: the first frame is still half as large as the last, about the same place.
    assert found["frames"] == pytest.approx(kept["frames"].astype(float) @ TURN + 5, abs=0.02)
    assert np.array_equal(found["position"], kept["position"])


def test_a_map_that_is_not_there_is_no_fault(routes, jobs):
    assert get(routes, f"/api/maps/{RUN}/{KEY}")[::2] == (204, b"")
    assert get(routes, f"/api/maps/{RUN}/{KEY}/live")[::2] == (204, b"")


def test_a_map_that_is_being_made_is_seen_and_never_kept_by_the_browser(routes, jobs):
    at = np.ones((5, 2), np.float32)
    jobs.store.maps.show(RUN, KEY, {"at": at}, {"step": 20})
    status, headers, body = get(routes, f"/api/maps/{RUN}/{KEY}/live")
    assert status == 200
    assert dict(headers)["cache-control"] == "no-store"
    found, meta = arrays.unpack(body)
    assert np.array_equal(found["at"], at)
    assert meta == {"step": 20}
    jobs.store.maps.write(RUN, KEY, {"at": at}, {})
    assert get(routes, f"/api/maps/{RUN}/{KEY}/live")[0] == 204


def test_a_deleted_run_says_so_until_it_is_brought_back(routes, jobs, make_run):
    run = make_run()
    jobs.store.maps.write(run, KEY, {"at": np.ones((5, 2), np.float32)}, {})
    jobs.delete(run, "local")
    for what in ("", "/live", "/near/0", "/column/class", "/sheet/0"):
        status, _, text = get(routes, f"/api/maps/{run}/{KEY}{what}")
        assert (status, text) == (
            404,
            b"This run was deleted. Bring it back on the Runs page, or choose another.",
        )
    jobs.undelete(run, "local")
    assert get(routes, f"/api/maps/{run}/{KEY}")[0] == 200
    jobs.delete(run, "local")
    jobs.store.clean_up("local")
    status, _, text = get(routes, f"/api/maps/{run}/{KEY}")
    assert status == 404
    assert b"There is no run" in text

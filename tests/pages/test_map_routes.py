"""The routes of a map of codes: what is kept, what a worker knows of it, one sentence for everything else."""

import numpy as np
import pytest
from starlette.applications import Starlette

from core import arrays, inference
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


# What workers answer: of a map that one of them made.


@pytest.fixture
def made(jobs, monkeypatch) -> str:
    """The key of the map of a 2-D code as it is, made by the task."""
    monkeypatch.setattr(jobs, "maps", type(jobs.compute)())
    return inference.project({"run": RUN, "method": "own", "split": "test", "n": 60})["key"]


def test_sheets_and_columns_are_the_tasks_own_and_kept_for_good(routes, made):
    at = f"/api/maps/{RUN}/{made}"
    status, headers, body = get(routes, f"{at}/sheet/0")
    assert (status, dict(headers)["content-type"]) == (200, "image/png")
    # The size of a PNG stands in its header: 50 images of 8 pixels a row, in two rows.
    assert np.frombuffer(body[16:24], ">u4").tolist() == [50 * 8, 2 * 8]
    assert body == inference.map_sheet(RUN, made, 0)["png"]
    status, headers, body = get(routes, f"{at}/column/kmeans:4")
    found, meta = arrays.unpack(body)
    assert status == 200
    assert dict(headers)["cache-control"] == "private, max-age=31536000, immutable"
    column = inference.map_column(RUN, made, "kmeans:4")
    assert np.array_equal(found["values"], column["values"])
    assert {**meta, "values": 0} == {**column, "values": 0}


def test_neighbours_are_those_on_the_map_of_a_flat_code(routes, jobs, made):
    values, _ = jobs.store.maps.read(RUN, made)
    apart = np.linalg.norm(values["at"] - values["at"][7], axis=1)
    position = values["position"][7]
    status, _, body = get(routes, f"/api/maps/{RUN}/{made}/near/{position}?k=5")
    near = arrays.unpack(body)[0]
    assert status == 200
    assert near["place"].tolist() == apart.argsort()[1:6].tolist()
    assert near["distance"] == pytest.approx(np.sort(apart)[1:6], rel=1e-4)
    cosine = get(routes, f"/api/maps/{RUN}/{made}/near/{position}?metric=cosine")[2]
    direct = inference.map_near(RUN, made, int(position), 10, "cosine")
    assert arrays.unpack(cosine)[0]["place"].tolist() == direct["place"].tolist()


def test_places_and_rows_are_posted_as_numbers(routes, jobs, made):
    at = f"/api/maps/{RUN}/{made}"
    place = np.array([0.5, -1.25], "<f4")
    status, headers, body = get(routes, f"{at}/decode", body=place.tobytes())
    assert (status, dict(headers)["cache-control"]) == (200, "no-store")
    image = inference.pad_decode(RUN, place[None])["x"]
    assert np.array_equal(arrays.unpack(body)[0]["x"], image)
    rows = np.array([3, 1], "<i4")
    found = arrays.unpack(get(routes, f"{at}/images", body=rows.tobytes())[2])[0]
    direct = inference.map_images(RUN, made, rows)
    assert all(np.array_equal(found[name], direct[name]) for name in ("x", "x_hat"))
    values, _ = jobs.store.maps.read(RUN, made)
    assert found["position"].tolist() == values["position"][[3, 1]].tolist()


def test_new_points_are_placed_on_the_map_as_it_is(routes, jobs, made):
    at = f"/api/maps/{RUN}/{made}"
    values, _ = jobs.store.maps.read(RUN, made)
    pixels = inference.map_images(RUN, made, np.array([9]))["x"].tobytes()
    status, _, body = get(routes, f"{at}/place", body=pixels)
    placed = arrays.unpack(body)[0]
    assert status == 200
    # An example of the map belongs where it is.
    assert placed["at"][0] == pytest.approx(values["at"][9], abs=1e-4)
    assert placed["x"].tobytes() == pixels
    drawn = arrays.unpack(get(routes, f"{at}/place?samples=5&seed=2", body=b"")[2])[0]
    assert (drawn["at"].shape, drawn["x"].shape) == ((5, 2), (5, 1, 8, 8))
    again = inference.map_place(RUN, made, samples=5, seed=2)
    assert np.array_equal(drawn["x"], again["x"])


def test_on_a_map_that_was_turned_places_are_turned_with_it(routes, jobs, made):
    values, _ = jobs.store.maps.read(RUN, made)
    other = {"at": values["at"] @ TURN + 5, "position": values["position"]}
    jobs.store.maps.write(RUN, OTHER, other, {})
    place = np.array([[0.5, -1.25]], np.float32)
    turned = (place @ TURN + 5).astype("<f4")
    status, _, body = get(
        routes, f"/api/maps/{RUN}/{made}/decode?to={OTHER}", body=turned.tobytes()
    )
    assert status == 200
    shown = arrays.unpack(body)[0]["x"].astype(int)
    assert np.abs(shown - inference.pad_decode(RUN, place)["x"]).max() <= 1
    samples = f"/api/maps/{RUN}/{made}/place?samples=5"
    straight, there = (
        arrays.unpack(get(routes, path, body=b"")[2])[0]["at"]
        for path in (samples, f"{samples}&to={OTHER}")
    )
    assert there == pytest.approx(straight @ TURN + 5, abs=1e-3)


NUMBERS = np.array([np.nan, 0], "<f4").tobytes()


@pytest.mark.parametrize(
    ("what", "body", "status", "sentence"),
    [
        ("nobody/{key}", None, 404, "There is no run"),
        (RUN + "/short", None, 409, "There is no map"),
        (RUN + "/..%2f..%2fx", None, 409, "There is no map"),
        (RUN + "/" + "g" * 20 + "/live", None, 409, "There is no map"),
        (RUN + "/{key}?to=short", None, 409, "There is no map"),
        (RUN + "/{key}?to=" + "e" * 20, None, 409, "not kept any more"),
        (RUN + "/{key}?to=" + SOLID, None, 409, "in space"),
        (RUN + "/{key}?to=" + LONELY, None, 409, "hardly a point in common"),
        (RUN + "/" + "e" * 20 + "/column/class", None, 409, "not kept any more"),
        (RUN + "/{key}/column/beauty", None, 409, "beauty"),
        (RUN + "/{key}/column/kmeans:many", None, 409, "a whole number"),
        (RUN + "/{key}/sheet/-1", None, 409, "sheet: a whole number"),
        (RUN + "/{key}/sheet/9", None, 409, "i: between 0 and 0"),
        (RUN + "/{key}/near/one", None, 409, "position: a whole number"),
        (RUN + "/{key}/near/99999999", None, 409, "position: between"),
        (RUN + "/{key}/near/{position}?k=ten", None, 409, "k: a whole number"),
        (RUN + "/{key}/near/{position}?k=101", None, 409, "k: between 1 and 100"),
        (RUN + "/{key}/near/{position}?metric=taxi", None, 409, "metric: one of"),
        (RUN + "/{key}/decode", b"", 409, "float32"),
        (RUN + "/{key}/decode", b"123", 409, "float32"),
        (RUN + "/{key}/decode", b"\0" * 12, 409, "2 numbers each"),
        (RUN + "/{key}/decode", b"\0" * 16, 409, "two or three"),
        (RUN + "/{key}/decode", NUMBERS, 409, "finite"),
        (RUN + "/{key}/decode?y=seven", b"\0" * 8, 409, "y: a whole number"),
        (RUN + "/{key}/decode?to=" + LONELY, b"\0" * 8, 409, "hardly a point in common"),
        (RUN + "/{key}/images", b"\0" * 260, 409, "1 to 64 rows"),
        (RUN + "/{key}/images", b"\0\1\0\0", 409, "rows 0 to 59"),
        (RUN + "/{key}/place", b"", 409, "either the pixels"),
        (RUN + "/{key}/place", b"\0" * 63, 409, "64 bytes each"),
        (RUN + "/{key}/place?samples=2", b"\0" * 64, 409, "either the pixels"),
        (RUN + "/{key}/place?samples=5000", b"", 409, "samples: between"),
        (RUN + "/{key}/place?samples=5&seed=9999999999", b"", 409, "seed: between"),
        (RUN + "/{key}/place", b"\0" * 2_000_000, 413, "more than can be asked"),
    ],
)
def test_whatever_is_wrong_is_one_sentence(routes, jobs, kept, made, what, body, status, sentence):
    position = int(jobs.store.maps.read(RUN, made)[0]["position"][0])
    path = what.format(key=made, position=position)
    found, headers, text = get(routes, f"/api/maps/{path}", body=body)
    assert (found, sentence in text.decode()) == (status, True), text
    assert dict(headers)["content-type"].startswith("text/plain")
    assert len(text.decode().splitlines()) == 1

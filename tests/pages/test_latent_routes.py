"""The routes of the latent square: bytes for whoever has the run's whole id, one sentence for everything else."""

import numpy as np
import pytest
from starlette.applications import Starlette

from core import arrays, inference
from pages.routes import ROUTES
from tests.pages.test_frame import get

RUN = "vae-digits"


@pytest.fixture
def routes(jobs):
    return Starlette(routes=ROUTES)


def test_the_plane_and_the_decoder_are_the_tasks_own(routes):
    for what, task in (("plane", inference.pad_plane), ("decoder", inference.pad_decoder)):
        status, headers, body = get(routes, f"/api/latent/{what}/{RUN}?step=6000")
        assert status == 200
        assert dict(headers)["cache-control"] == "private, max-age=3600"
        found, meta = arrays.unpack(body)
        for name, value in task(RUN, 6000).items():
            if isinstance(value, np.ndarray):
                assert np.array_equal(found[name], value)
            else:
                assert meta[name] == value


def test_a_sheet_comes_as_a_picture(routes):
    status, _, body = get(routes, f"/api/latent/sprite/{RUN}?axes=units&of=1,0")
    found, meta = arrays.unpack(body)
    assert status == 200
    assert found["sprite"].tobytes() == inference.pad_sprite(RUN, axes="units", of=[1, 0])["sprite"]
    assert (meta["n"], meta["m"]) == (41, 41)


def test_codes_and_images_are_posted_as_bytes(routes):
    z = np.array([0.5, -1.25], "<f4")
    status, _, body = get(routes, f"/api/latent/decode/{RUN}", body=z.tobytes())
    assert status == 200
    direct = inference.pad_decode(RUN, z[None])["x"]
    assert np.array_equal(arrays.unpack(body)[0]["x"], direct)
    pixels = direct.tobytes()
    status, _, body = get(routes, f"/api/latent/place/{RUN}", body=pixels)
    placed = arrays.unpack(body)[0]
    assert status == 200
    assert placed["x"].tobytes() == pixels
    assert placed["mean"] == pytest.approx(z, abs=0.5)
    example = get(routes, f"/api/latent/example/{RUN}?position=3")
    assert arrays.unpack(example[2])[1]["y"] == inference.pad_example(RUN, 3)["y"]


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("plane/nobody", None, 404, "There is no run"),
        ("plane/vae-dig", None, 404, "There is no run"),
        ("decode/nobody", b"\0" * 8, 404, "There is no run"),
        ("plane/vae-digits?step=last", None, 409, "step: a whole number"),
        ("plane/vae-digits?step=1e400", None, 409, "step: a whole number"),
        ("plane/vae-digits?step=99999999", None, 409, "has done"),
        ("plane/vae-digits?axes=ring", None, 409, "axes: one of"),
        ("plane/vae-digits?of=a,b", None, 409, "of: numbers with commas"),
        ("plane/vae-digits?axes=units&of=0,7", None, 409, "units 0 to 1"),
        ("sprite/vae-digits?rest=nan", None, 409, "finite"),
        ("sprite/vae-digits?rest=1", None, 409, "at most 0"),
        ("example/vae-digits", None, 409, "which example"),
        ("example/vae-digits?position=-1", None, 409, "position: a whole number"),
        ("example/vae-digits?position=99999", None, 409, "position: between"),
        ("decode/vae-digits", b"123", 409, "float32"),
        ("decode/vae-digits", b"\0" * 12, 409, "2 numbers each"),
        ("decode/vae-digits", np.array([np.nan, 0], "<f4").tobytes(), 409, "finite"),
        ("place/vae-digits", b"\0" * 63, 409, "64 bytes each"),
        ("place/vae-digits", b"\0" * 2_000_000, 413, "more than can be asked"),
    ],
)
def test_whatever_is_wrong_is_one_sentence(routes, path, body, status, sentence):
    found, headers, text = get(routes, f"/api/latent/{path}", body=body)
    assert found == status
    assert dict(headers)["content-type"].startswith("text/plain")
    assert sentence in text.decode()
    assert len(text.decode().splitlines()) == 1

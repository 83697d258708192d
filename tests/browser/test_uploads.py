"""Somebody brings files: rubbish gets one sentence and the page stays usable, good ones train."""

import io
import pickle
import zipfile

import numpy as np
import pytest
from PIL import Image

from tests.browser import steps


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def picture(shade: int, side: int = 12) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (side, side), shade).save(buffer, "PNG")
    return buffer.getvalue()


def pickled_array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return buffer.getvalue()


RUBBISH = {
    "noise.zip": b"PK\x03\x04 this is no zip at all",
    "pickled.npy": pickled_array(),
    "pickle.npz": pickle.dumps({"x": 1}),
    "bomb.zip": zipped({"zeros.npy": bytes(300_000_000)}),
    "words.csv": "naïve,ünïcode\nno,number\n".encode(),
    "empty.npy": b"",
    "huge.zip": zipped({"huge.png": picture(0, 20_000)}),
    "noise.gz": b"\x1f\x8b\x08 broken",
}


@pytest.fixture
def form(visit, server):
    """Somebody at the form for their own data."""
    visitor = visit(server)
    visitor.open("/train?dataset=own")
    visitor.key("own-file").wait_for()
    return visitor


def upload(visitor, name: str, data: bytes) -> None:
    visitor.page.locator(".st-key-own-file input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )


def test_rubbish_gets_one_sentence(form, subtests):
    alert = form.page.locator('[data-testid="stAlertContentError"]')
    for name, data in RUBBISH.items():
        with subtests.test(name):
            form.open("/train?dataset=own")
            upload(form, name, data)
            alert.wait_for()
            sentence = alert.inner_text()
            assert 15 < len(sentence) < 300, sentence
            assert "unexpected" not in sentence, sentence
            form.look()
    form.page.get_by_role("link", name="Home").first.click()
    form.key("watch-autoencoder").wait_for()


def test_good_pictures_train_and_bad_ones_are_named(form):
    shades = np.random.default_rng(0).integers(0, 255, 40)
    files = {
        f"{'dark' if s < 128 else 'light'}/{k}.png": picture(int(s)) for k, s in enumerate(shades)
    }
    upload(form, "shades.zip", zipped(files | {"dark/broken.png": b"no picture"}))
    form.page.get_by_text("40 pictures of").wait_for()
    form.key("own-problems").click()
    form.page.get_by_text("broken.png").wait_for()
    form.page.get_by_text("to train on").wait_for()
    steps_field = form.key("set-steps").get_by_role("spinbutton")
    steps_field.fill("50")
    steps_field.press("Enter")
    form.page.wait_for_url("**steps=50**")
    form.key("start").get_by_role("button").click()
    form.key("control-bar").wait_for()
    steps.await_state(form.page, "done")

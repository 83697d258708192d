"""The latent pad by mouse, keyboard, touch and pen: what it paints is what the model decodes, to two grey levels."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.harness import ROOT, until

DIGITS = "vae-digits"
CONV = {"model": "conv_autoencoder", "channels": "[4]", "latent_dim": 3, "steps": 80}


@pytest.fixture
def inference(server, monkeypatch):
    """The model's own answers, from the server's store."""
    from core import inference

    monkeypatch.setenv("EXPLORER_HOME", str(server.home))
    return inference


def opened(visitor, run: str, **query: str):
    """The pad of a run, once one can scrub."""
    more = "".join(f"&{name}={value}" for name, value in query.items())
    visitor.open(f"/latent?run={run}{more}")
    pad = visitor.page.locator(".latent")
    expect(pad).to_have_attribute("data-state", "open")
    expect(pad).to_have_attribute("data-painted", re.compile(r"\d"))
    return pad


def grey(pad) -> np.ndarray:
    """The pixels of the image beside the square, (H, W)."""
    pixels = pad.locator(".image").evaluate(
        "c => [c.height, c.width, ...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )
    return np.array(pixels[2:]).reshape(*pixels[:2], 4)[..., 0]


def settles_at(pad, image: np.ndarray) -> None:
    """Wait until the pad shows this image (1, 1, H, W), exactly decoded."""

    def there() -> bool:
        exact = pad.get_attribute("data-exact") == "true"
        return exact and np.abs(grey(pad) - image[0, 0].astype(int)).max() <= 2

    until(there, 10, "the image that the model decodes")


def code_at(plane: dict, *shares: float) -> np.ndarray:
    """The code (1, d) at these shares of the square's sides, everything else where it starts."""
    at = plane["start"].copy()
    for k, share in enumerate(shares):
        at[k] = plane["low"][k] + share * (plane["high"][k] - plane["low"][k])
    return (plane["origin"] + at @ plane["directions"])[None].astype(np.float32)


def place(pad, right: float, up: float) -> dict[str, float]:
    """A place on the square in its own pixels; shares as the pad itself will find them, pixels being whole."""
    box = pad.locator(".marks").bounding_box()
    return {"x": round(right * box["width"]), "y": round((1 - up) * box["height"])}


def shares(pad, at: dict[str, float]) -> tuple[float, float]:
    box = pad.locator(".marks").bounding_box()
    return at["x"] / box["width"], 1 - at["y"] / box["height"]


def lonely(plane: dict) -> tuple[float, float]:
    """A place of the square that no code is near, within its middle."""
    size = plane["high"][:2] - plane["low"][:2]
    codes = (plane["at"][:, :2] - plane["low"][:2]) / size
    grid = np.stack(np.meshgrid(*[np.linspace(0.1, 0.9, 30)] * 2), -1).reshape(-1, 2)
    apart = np.linalg.norm(grid[:, None] - codes, axis=2).min(axis=1)
    return tuple(grid[apart.argmax()])


EVALUATE = """
([text, layers, z]) => new Promise((done) => {
  const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  worker.onmessage = ({ data }) => { worker.terminate(); done([...data.pixels]); };
  worker.postMessage({ layers: layers.map(([weight, bias, bend]) => (
    { weight: Float32Array.from(weight), bias: Float32Array.from(bias), bend }
  )) });
  worker.postMessage({ z: Float32Array.from(z), moved: 0 });
})
"""


def test_the_page_bends_as_torch_does(browser):
    """The evaluator alone, in a real browser, with every activation and layers of unlike widths."""
    import torch

    from core.models.blocks import ACTIVATIONS, dense
    from core.models.chains import chain_of, evaluated

    text = (ROOT / "pages/ui/latent_worker.js").read_text(encoding="utf-8")
    page = browser.new_page()
    torch.manual_seed(0)
    for activation in ACTIVATIONS:
        network = torch.nn.Sequential(*dense([5, 7, 16, 50], activation), torch.nn.Sigmoid())
        chain = chain_of(network, lambda z, y, network=network: network(z), 5, 0)
        z = 3 * torch.randn(5)
        layers = [[w.flatten().tolist(), b.tolist(), bend] for w, b, bend in chain]
        shown = page.evaluate(EVALUATE, [text, layers, z.tolist()])
        direct = (255 * evaluated(chain, z[None])[0]).round()
        assert np.abs(np.array(shown) - direct.numpy()).max() <= 1, activation
        assert direct.max() - direct.min() > 20
    page.close()


def test_mouse_and_keys_scrub_in_the_page(visit, server, inference):
    visitor = visit(server)
    pad = opened(visitor, DIGITS)
    plane = inference.pad_plane(DIGITS)
    assert pad.get_attribute("data-decoder") == "page"
    marks = pad.locator(".marks")
    asked = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    for right, up in ((0.2, 0.7), (0.61, 0.33)):
        at = place(pad, right, up)
        marks.hover(position=at)
        settles_at(pad, inference.pad_decode(DIGITS, code_at(plane, *shares(pad, at)))["x"])
    assert not [url for url in asked if "/api/" in url], "scrubbing asks no server"
    # From here by keys: a fiftieth of the side each.
    marks.press("ArrowRight")
    marks.press("ArrowUp")
    marks.press("ArrowUp")
    right, up = shares(pad, at)
    settles_at(pad, inference.pad_decode(DIGITS, code_at(plane, right + 0.02, up + 0.04))["x"])
    sliders = pad.get_by_role("slider")
    expect(sliders).to_have_count(2)
    sliders.first.fill("-1.2")
    value = float(sliders.first.input_value())
    code = np.array([[value, code_at(plane, right, up + 0.04)[0, 1]]], np.float32)
    settles_at(pad, inference.pad_decode(DIGITS, code)["x"])
    for name in ("Prior", "Voids", "Codes"):
        before = pad.locator("canvas").first.evaluate("c => c.toDataURL()")
        pad.get_by_role("button", name=name, exact=True).click()
        assert pad.locator("canvas").first.evaluate("c => c.toDataURL()") != before, name


def test_a_dot_its_own_image_and_a_drawing_go_to_their_codes(visit, server, inference):
    visitor = visit(server)
    pad = opened(visitor, DIGITS)
    plane = inference.pad_plane(DIGITS)
    spot = (plane["at"] - plane["low"]) / (plane["high"] - plane["low"])
    alone = np.linalg.norm(spot[:, None] - spot, axis=2) + 9 * np.eye(len(spot))
    i = int(alone.min(axis=1).argmax())
    pad.locator(".marks").click(position=place(pad, *spot[i]))
    example = inference.pad_example(DIGITS, int(plane["position"][i]))
    expect(pad.locator(".card")).to_contain_text(f"Row {example['index']} of the test split")
    expect(pad.locator(".posterior")).to_have_attribute("aria-label", re.compile("± 0"))
    settles_at(pad, example["x_hat"])
    # Another example comes from outside, as a picture.
    other = inference.pad_example(DIGITS, int(plane["position"][i - 1]))
    png = io.BytesIO()
    Image.fromarray(other["x"][0, 0]).save(png, "PNG")
    pad.locator("input[type=file]").set_input_files(
        {"name": "one.png", "mimeType": "image/png", "buffer": png.getvalue()}
    )
    expect(pad.locator(".card")).to_contain_text("Your image")
    settles_at(pad, other["x_hat"])
    # And one is drawn by hand.
    pad.get_by_role("button", name="Draw").click()
    sheet = pad.locator(".sheet")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    before = grey(pad)
    visitor.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.15)
    visitor.page.mouse.down()
    visitor.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.85, steps=8)
    visitor.page.mouse.up()
    until(lambda: not np.array_equal(grey(pad), before), 10, "the drawing on the pad")
    expect(pad.locator(".card")).to_contain_text("Your image")


def test_a_finger_scrubs_on_a_phone(visit, server, inference):
    visitor = visit(server, size="phone", has_touch=True)
    pad = opened(visitor, DIGITS)
    plane = inference.pad_plane(DIGITS)
    at = place(pad, *lonely(plane))
    pad.locator(".marks").tap(position=at)
    settles_at(pad, inference.pad_decode(DIGITS, code_at(plane, *shares(pad, at)))["x"])


def test_a_convolutional_decoder_blends_and_then_is_exact(visit, server, inference):
    visitor = visit(server)
    run = steps.start_run(visitor, **CONV)
    steps.await_state(visitor.page, "done")
    pad = opened(visitor, run)
    assert pad.get_attribute("data-decoder") == "server"
    plane = inference.pad_plane(run)
    assert plane["axes"] == "principal"
    at = place(pad, 0.3, 0.6)
    pad.locator(".marks").hover(position=at)
    code = code_at(plane, *shares(pad, at))
    settles_at(pad, inference.pad_decode(run, code)["x"])
    # The third axis has a slider of its own, and another plane keeps the code.
    pad.get_by_role("slider", name="axis 3").fill(str(float(plane["low"][2])))
    moved = code + (plane["low"][2] - plane["start"][2]) * plane["directions"][2]
    value = float(pad.get_by_role("slider", name="axis 3").input_value())
    moved = code + (value - plane["start"][2]) * plane["directions"][2]
    image = inference.pad_decode(run, moved.astype(np.float32))["x"]
    settles_at(pad, image)
    pad.get_by_label("Plane").select_option("units")
    visitor.page.wait_for_url(re.compile("axes=units"))
    expect(pad.get_by_role("slider", name="unit 2")).to_be_visible()
    settles_at(pad, image)

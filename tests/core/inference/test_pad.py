"""What the latent square is told: codes on a plane, a decoder that draws as the model does, sheets, single images."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from core import datasets, inference
from core.compute.messages import encode
from core.errors import BadInput
from core.inference import pad, squares
from core.models.chains import DenseLayer, evaluated

WIDE = {"steps": 30, "encoder_sizes": [16], "latent_dim": 5}
CONV = {"steps": 10, "channels": [4], "latent_dim": 3}
ONE = {"steps": 30, "encoder_sizes": [16], "latent_dim": 1}


@pytest.fixture
def vae(trained) -> str:
    return trained("vae", "digits", WIDE)


def in_page(found: dict, z: np.ndarray) -> np.ndarray:
    """What a page makes of the decoder's answer: grey levels (n, pixels), rounded as a page rounds."""
    layers = [
        DenseLayer(
            torch.from_numpy(found[f"weight {k}"].astype(np.float32)),
            torch.from_numpy(found[f"bias {k}"].astype(np.float32)),
            bend,
        )
        for k, bend in enumerate(found["bends"])
    ]
    return np.rint(evaluated(layers, torch.from_numpy(z)).numpy().clip(0, 1) * 255)


def test_codes_lie_on_the_plane_where_the_encoder_puts_them(vae):
    found = inference.pad_plane(vae, axes="units", of=[2, 0])
    codes = inference.encode(vae, "test")
    assert encode(found)
    assert found["at"].shape == (359, 5)
    assert found["at"][:, :2] == pytest.approx(codes["z"][:, [2, 0]], abs=1e-5)
    assert np.array_equal(found["y"], codes["y"])
    assert np.array_equal(found["index"], codes["index"])
    data = datasets.load("digits", {})
    assert np.array_equal(data.index[found["position"]], found["index"])
    assert (found["prior"], found["split"], found["width"]) == (1.0, "test", 5)
    assert found["names"][:2] == ["unit 2", "unit 0"]
    assert found["spread"].shape == (359, 3)
    assert found["voids"].shape == (72, 72)
    assert found["conditional"] is False


def test_the_axes_that_fit_are_taken_where_nobody_chose(trained, vae):
    assert inference.pad_plane(vae)["axes"] == "principal"
    one = inference.pad_plane(trained("autoencoder", "digits", ONE))
    assert one["axes"] == "units"
    assert one["directions"].tolist() == [[1]]
    assert one["at"].shape == (359, 1)
    assert one["prior"] is None
    assert not {"voids", "spread"} & one.keys()


def test_a_plane_goes_through_the_images_that_were_chosen(vae):
    positions = inference.pad_plane(vae)["position"]
    three = [int(at) for at in positions[[5, 50, 200]]]
    found = inference.pad_plane(vae, axes="images", of=three)
    off = found["at"][[5, 50, 200]][:, 2:]
    assert off == pytest.approx(np.zeros((3, 3)), abs=1e-4)
    found = inference.pad_plane(vae, axes="classes", of=[3, 8])
    means = [found["at"][found["y"] == y].mean(axis=0) for y in (3, 8)]
    assert means[0][0] == pytest.approx(-means[1][0], abs=1e-4)
    assert means[0][1:] == pytest.approx(means[1][1:], abs=1e-4)


@pytest.mark.parametrize("model", ["vae", "autoencoder", "pca", "wasserstein_autoencoder"])
def test_a_page_decodes_as_the_model_does_to_two_grey_levels(trained, model):
    settings = {"steps": 30, "latent_dim": 4}
    run = trained(model, "digits", settings)
    found = inference.pad_decoder(run)
    z = inference.encode(run)["z"][:100]
    direct = np.rint(inference.decode(run, z)["x"].reshape(100, -1).clip(0, 1) * 255)
    assert np.abs(in_page(found, z) - direct).max() <= 2
    assert np.abs(inference.pad_decode(run, z)["x"].reshape(100, -1) - direct).max() == 0


@pytest.mark.parametrize("run", ["vae-digits", "autoencoder-digits"])
def test_the_shipped_ones_do_too_everywhere_on_the_square(run):
    plane = inference.pad_plane(run)
    found = inference.pad_decoder(run)
    assert found["weight 0"].dtype == np.float16
    sides = [np.linspace(plane["low"][k], plane["high"][k], 12) for k in (0, 1)]
    z = np.stack(np.meshgrid(*sides), -1).reshape(-1, 2).astype(np.float32)
    direct = inference.pad_decode(run, z)["x"].reshape(len(z), -1)
    assert np.abs(in_page(found, z) - direct).max() <= 2


def test_weights_that_half_precision_spoils_go_out_whole(trained, monkeypatch):
    run = trained("vae", "digits", WIDE)
    assert inference.pad_decoder(run)["weight 0"].dtype == np.float16
    pad._weights.cache_clear()
    monkeypatch.setattr(squares, "GREY", 0.0)
    assert inference.pad_decoder(run)["weight 0"].dtype == np.float32


def test_a_decoder_too_large_or_not_dense_stays_here(trained, vae, monkeypatch):
    assert inference.pad_decoder(trained("conv_autoencoder", "digits", CONV)) == {"bends": []}
    monkeypatch.setattr(squares, "HEAVIEST", 1000)
    assert inference.pad_decoder(vae) == {"bends": []}


def test_a_sheet_holds_the_decoded_places(trained):
    run = trained("conv_autoencoder", "digits", CONV)
    of = {"axes": "units", "of": [0, 1]}
    rest = [1.5]
    found = inference.pad_sprite(run, rest=rest, **of)
    plane = inference.pad_plane(run, **of)
    sheet = np.asarray(Image.open(io.BytesIO(found["sprite"])).convert("L"))
    assert (found["n"], found["m"]) == (41, 41)
    assert sheet.shape == (41 * 8, 41 * 8)
    for row, column in ((0, 0), (40, 40), (13, 27)):
        share = np.array([column, 40 - row]) / 40
        at = plane["low"][:2] + share * (plane["high"] - plane["low"])[:2]
        z = plane["origin"] + np.concatenate([at, rest]) @ plane["directions"]
        direct = inference.pad_decode(run, z[None].astype(np.float32))["x"][0, 0].astype(int)
        shown = sheet[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8].astype(int)
        assert np.abs(shown - direct).mean() < 6  # compressed with loss
    line = inference.pad_sprite(trained("autoencoder", "digits", ONE))
    assert (line["n"], line["m"]) == (41, 1)


def test_a_heavy_sheet_has_fewer_places(trained, monkeypatch):
    run = trained("conv_autoencoder", "digits", CONV)
    whole = inference.pad_sprite(run)
    monkeypatch.setattr(pad, "SPRITE_BYTES", len(whole["sprite"]) // 2)
    found = inference.pad_sprite(run)
    assert pad.LEAST < found["n"] == found["m"] < 41
    assert len(found["sprite"]) <= len(whole["sprite"]) // 2


def test_an_example_and_the_same_image_from_outside(vae):
    data = datasets.load("digits", {})
    position = int(data.splits["test"][7])
    found = inference.pad_example(vae, position)
    assert np.array_equal(found["x"][0], data.x[position])
    assert (found["index"], found["class"]) == (data.index[position], str(data.y[position]))
    assert found["mean"] == pytest.approx(inference.encode(vae, limit=8)["z"][7], abs=1e-5)
    assert found["deviation"].shape == (5,)
    decoded = inference.pad_decode(vae, found["mean"][None])["x"]
    assert np.array_equal(found["x_hat"], decoded)
    placed = inference.pad_place(vae, data.x[position].tobytes())
    for name in ("x", "x_hat", "mean", "deviation"):
        assert np.array_equal(placed[name], found[name])


BAD = (
    (lambda run: inference.pad_plane(run, axes="circle"), "axes: one of"),
    (lambda run: inference.pad_plane(run, axes="units", of=[0]), "of: two"),
    (lambda run: inference.pad_plane(run, axes="units", of=[0, 9]), "units 0 to 4, not 9"),
    (lambda run: inference.pad_plane(run, axes="images", of=[1, 2]), "three images"),
    (lambda run: inference.pad_plane(run, axes="images", of=[1, 2, -4]), "position: between"),
    (lambda run: inference.pad_plane(run, axes="classes", of=[1, 77]), "two classes"),
    (lambda run: inference.pad_sprite(run, rest=[0] * 4), "at most 3 finite numbers"),
    (lambda run: inference.pad_sprite(run, rest=[float("nan")]), "finite"),
    (lambda run: inference.pad_decode(run, [[0.0] * 4]), "5 numbers each"),
    (lambda run: inference.pad_decode(run, [[float("inf")] * 5]), "finite"),
    (lambda run: inference.pad_example(run, 1797), "position: between 0 and 1,796"),
    (lambda run: inference.pad_place(run, b"123"), "64 bytes each, this one is 3"),
)


def test_what_cannot_be_asked_gets_a_sentence(vae):
    for ask, sentence in BAD:
        with pytest.raises(BadInput, match=sentence):
            ask(vae)


def test_points_have_a_plane_but_no_sheet(trained):
    run = trained("vae", "points", {"steps": 5, "n": 300, "encoder_sizes": [8]})
    assert inference.pad_plane(run)["at"].shape[1] == 2
    assert inference.pad_decoder(run) == {"bends": []}
    with pytest.raises(BadInput, match="points"):
        inference.pad_sprite(run)
    with pytest.raises(BadInput, match="points"):
        inference.pad_place(run, b"12")

"""Decoders as chains of dense layers: the same answers, and none from a decoder that is more than that."""

import pytest
import torch
from torch import nn

from core.models import get
from core.models.base import DataSpec, build
from core.models.blocks import ACTIVATIONS
from core.models.chains import chain_of, evaluated

IMAGES = DataSpec((1, 8, 8), "images", 10)
DENSE = [
    ("pca", {}),
    ("wasserstein_autoencoder", {}),
    ("vae", {"latent_dim": 5}),
    ("vae", {"likelihood": "gaussian"}),
    ("autoencoder", {"tied": True}),
    ("autoencoder", {"output": "linear", "latent_dim": 1}),
    *(("vae", {"activation": name}) for name in ACTIVATIONS if name != "linear"),
]


@pytest.mark.parametrize(("name", "config"), DENSE)
def test_a_chain_decodes_as_its_model_does(name, config):
    model = build(get(name), config, IMAGES, 0).eval()
    chain = model.dense_decoder()
    z = torch.randn(6, *model.latents["z"], generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert evaluated(chain, z) == pytest.approx(model.decode(z).flatten(1), abs=1e-5)


@pytest.mark.parametrize(
    ("name", "config"),
    [("conv_autoencoder", {"channels": [4], "latent_dim": 2}), ("recurrent_autoencoder", {})],
)
def test_what_is_more_than_dense_layers_is_no_chain(name, config):
    assert build(get(name), config, IMAGES, 0).dense_decoder() == []


def test_a_class_is_told_behind_the_code():
    decoder = nn.Sequential(nn.Linear(2 + 3, 8), nn.Tanh(), nn.Linear(8, 4))

    def decode(z, y=None):
        return decoder(torch.cat([z, nn.functional.one_hot(y, 3).float()], 1))

    chain = chain_of(decoder, decode, 2, 3)
    assert [layer.bend for layer in chain] == ["tanh", "linear"]
    assert chain[0].weight.shape == (8, 5)
    assert chain_of(decoder, decode, 2, 4) == []


def test_layers_that_give_another_answer_are_not_given_away():
    decoder = nn.Sequential(nn.Linear(2, 4), nn.LeakyReLU(0.5), nn.Linear(4, 3))
    assert chain_of(decoder, lambda z, y: decoder(z), 2, 0) == []
    plain = nn.Linear(2, 3)
    assert len(chain_of(plain, lambda z, y: plain(z), 2, 0)) == 1
    assert chain_of(plain, lambda z, y: plain(z).square(), 2, 0) == []
    assert chain_of(None, lambda z, y: z, 2, 0) == []


def test_priors_are_told_by_those_that_have_one():
    assert build(get("vae"), {}, IMAGES, 0).prior_deviation == 1.0
    assert build(get("wasserstein_autoencoder"), {"sigma": 2.0}, IMAGES, 0).prior_deviation == 2.0
    assert build(get("pca"), {}, IMAGES, 0).prior_deviation is None

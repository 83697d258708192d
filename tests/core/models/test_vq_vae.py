"""The vector-quantised autoencoder: its gradients, its codebook, its words."""

import pytest
import torch

from core import datasets, models
from core.models.base import Batch, DataSpec, Model, build
from core.models.vq_vae import Codebook, perplexity, straight_through
from core.training.specs import resolve
from core.training.trainer import Trainer

IMAGES = DataSpec((1, 8, 8), "images", 10)
CONVOLUTIONAL = {"channels": [4, 6]}


def vq(**config) -> Model:
    return build(models.get("vq_vae"), {"encoder_sizes": [16], **config}, IMAGES, 0)


def images(n: int = 12) -> Batch:
    return Batch(torch.rand(n, 1, 8, 8, generator=torch.Generator().manual_seed(2)))


def test_straight_through_is_the_vector_and_its_slope_the_code_s() -> None:
    codes = torch.randn(4, 3, requires_grad=True)
    quantised = torch.randn(4, 3, requires_grad=True)
    passed = straight_through(codes, quantised)
    assert torch.allclose(passed, quantised)
    (passed * torch.arange(12.0).view(4, 3)).sum().backward()
    assert torch.equal(codes.grad, torch.arange(12.0).view(4, 3))
    assert quantised.grad is None


@pytest.mark.parametrize("config", [{}, CONVOLUTIONAL])
def test_the_encoder_learns_as_if_nothing_stood_between(config: dict) -> None:
    """Without commitment its gradient is that of the decoder at the chosen vectors."""
    model, given = vq(commitment=0.0, revive=False, codebook="gradient", **config), images()
    model.losses(given)["reconstruction_sum"].backward()
    found = [p.grad.clone() for p in model.encoder.parameters()]
    assert model.codebook.vectors.grad is None
    codes = model.encoder(given.x)
    quantised = model.encode(given.x).mean.view_as(codes).detach().requires_grad_()
    error = (torch.sigmoid(model.logits(quantised)) - given.x.flatten(1)).square().sum(1).mean()
    (slope,) = torch.autograd.grad(error, quantised)
    expected = torch.autograd.grad(codes, list(model.encoder.parameters()), slope)
    for ours, theirs in zip(found, expected, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)
    assert any(g.abs().max() > 0 for g in found)


def test_the_codebook_s_gradient_draws_each_vector_to_the_codes_that_chose_it() -> None:
    model, given = vq(codebook="gradient", revive=False, codes=8), images()
    codes, code = model.encoder(given.x), model.encode(given.x)
    model.losses(given)["loss"].backward()
    flat, indices = codes.detach().flatten(0, 1), code.indices.flatten()
    for k in range(8):
        own = flat[indices == k]
        expected = 2 * (model.codebook.vectors[k] - own).sum(0) / len(given.x)
        assert torch.allclose(model.codebook.vectors.grad[k], expected, atol=1e-5)


def test_running_means_settle_on_the_means() -> None:
    torch.manual_seed(0)
    centres = torch.tensor([[-4.0, 0.0], [4.0, 0.0], [0.0, 5.0]])
    book = Codebook(3, 2, average=True, revive=False)
    book.vectors.copy_(centres * 0.5)
    book.sums.copy_(centres * 0.5)
    codes = centres.repeat(50, 1) + 0.1 * torch.randn(150, 2)
    for _ in range(800):
        _, indices = book.train()(codes)
    for k in range(3):
        assert torch.allclose(book.vectors[k], codes[indices == k].mean(0), atol=0.01)
    before = book.vectors.clone()
    book.eval()(codes)
    assert torch.equal(book.vectors, before)


@pytest.mark.parametrize("average", [True, False])
def test_dead_vectors_come_back_to_life(average: bool) -> None:
    torch.manual_seed(0)
    codes = torch.randn(200, 4) + 30
    counts = {}
    for revive in (True, False):
        book = Codebook(16, 4, average, revive).train()
        with torch.no_grad():
            book.vectors[0].copy_(codes[0])  # the only one that is near
        for _ in range(1500):
            _, indices = book(codes)
        counts[revive] = len(indices.unique())
    assert counts[False] == 1
    assert counts[True] > 8


def test_words_are_the_nearest_vectors_and_decode_to_the_reconstruction() -> None:
    for config in ({}, CONVOLUTIONAL):
        model, given = vq(**config).eval(), images()
        code = model.encode(given.x)
        assert code.indices.shape == (12, 4)
        assert code.mean.shape == (12, *model.latents["z"])
        flat = model.encoder(given.x).flatten(0, 1)
        nearest = torch.cdist(flat, model.codebook.vectors).argmin(1).view(12, 4)
        assert torch.equal(code.indices, nearest)
        assert torch.equal(model.codebook.vectors[nearest].flatten(1), code.mean)
        x_hat = model.decode(code.mean)
        assert torch.equal(x_hat, model.reconstruct(given.x))
        error = (x_hat - given.x).square().flatten(1).sum(1).mean()
        assert model.losses(given)["reconstruction_sum"].item() == pytest.approx(error.item())


def test_perplexity_counts_the_vectors_in_even_use() -> None:
    assert perplexity(torch.arange(8).repeat(3), 16).item() == pytest.approx(8)
    assert perplexity(torch.zeros(9, dtype=torch.int64), 16).item() == pytest.approx(1)


def test_it_learns_and_goes_on_to_the_bit_after_a_resume() -> None:
    spec = resolve("vq_vae", "digits", {"steps": 600, "batch_size": 64})
    data = datasets.load("digits", spec.data)
    trainer = Trainer(spec, data)
    for event in trainer.events():
        if event.kind == "step" and event.step == 300:
            state = trainer.state()
    last = {s.name: s.value for s in trainer.drain()}
    variance = (data.x / 255.0).var(axis=0).mean()
    assert last["validation/reconstruction_mean"] < 0.6 * variance
    assert last["validation/perplexity"] > 16
    other = Trainer(spec, data)
    other.load_state(*state)
    for _ in other.events():
        pass
    for name, value in trainer.model.state_dict().items():
        assert torch.equal(value, other.model.state_dict()[name]), name

"""The dense family: tied weights, damage, filters, bad input, and what the lectures print of it."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core import models
from core.errors import BadInput
from core.models import blocks
from core.models.base import Batch, build, summary
from core.training.specs import resolve
from tests.core.models.dense import DIGITS, MNIST, POINTS, images, model_of, trained


@pytest.mark.parametrize(
    ("name", "preset", "encoder", "decoder"),
    [
        ("autoencoder", "tied", 7_850, 784),
        ("autoencoder", "input dropout", 7_850, 8_624),
        ("autoencoder", "selu", 81_530, 82_284),
        ("autoencoder", "selu tied", 81_530, 884),
        ("autoencoder", "three digits", 543_402, 544_184),
        ("autoencoder", "deep", 1_418_280, 1_419_034),
        ("autoencoder", "stacked", 81_530, 82_284),
        ("autoencoder", "sparse", 108_800, 109_284),
        ("autoencoder", "sparse KL", 108_800, 109_284),
        ("autoencoder", "denoising", 81_530, 82_284),
        ("autoencoder", "overcomplete", 785_000, 784_784),
        ("autoencoder", "contractive", 235_500, 784),
        ("autoencoder", "greedy", 81_530, 82_284),
    ],
)
def test_presets_have_the_counts_of_the_textbooks(name, preset, encoder, decoder) -> None:
    family = models.get(name)
    rows = summary(build(family, family.presets[preset].config, MNIST, 0))
    found = {"encoder": 0, "decoder": 0}
    for row in rows:
        found[row["group"]] += row["parameters"]
    assert found == {"encoder": encoder, "decoder": decoder}


def test_the_small_lecture_is_what_keras_was_told() -> None:
    spec = resolve("autoencoder", preset="tied")
    t = spec.training
    assert (spec.dataset, spec.config["tied"], spec.config["reduction"]) == ("mnist", True, "mean")
    assert (t.optimizer, t.learning_rate, t.momentum, t.nesterov) == ("sgd", 0.2, 0.9, True)
    assert (t.batch_size, t.epochs) == (50, 20)
    assert (t.early_stopping, t.min_delta, t.patience) == (True, 1e-4, 10)
    plane = resolve("pca", preset="plane")
    t = plane.training
    assert (plane.dataset, plane.config["latent_dim"]) == ("plane3d", 2)
    assert (t.optimizer, t.learning_rate, t.momentum, t.epochs, t.batch_size) == (
        *("sgd", 1.5, 0, 20, 32),
    )


def test_the_map_of_three_digits_draws_its_weights_and_biases_from_one_bell() -> None:
    spec = resolve("autoencoder", preset="three digits")
    assert spec.data["keep"] == [1, 5, 6]
    assert (spec.training.replacement, spec.training.steps) == (True, 2500)
    model = build(models.get("autoencoder"), spec.config, MNIST, 0)
    assert model.output == "linear"
    for bias in (model.encoder[1].bias, model.decoder[-1].bias):
        assert bias.std().item() == pytest.approx(0.1, rel=0.15)
    assert model.encoder[1].weight.std().item() == pytest.approx(0.1, rel=0.02)


def test_a_tied_decoder_is_the_transposed_encoder_with_biases_of_its_own() -> None:
    model = model_of(tied=True, encoder_sizes=[12, 5], activation="tanh", initialisation="normal")
    z = torch.randn(4, 5)
    first, second = model.encoder[1].weight, model.encoder[3].weight
    inner = torch.tanh(z @ second + model.decoder[0].bias)
    by_hand = torch.sigmoid(inner @ first + model.decoder[2].bias)
    assert torch.allclose(model.decode(z).flatten(1), by_hand, atol=1e-6)


def test_tied_weights_are_kept_once_and_copied_together() -> None:
    model = model_of(tied=True)
    assert [n for n in model.state_dict() if n.startswith("decoder")] == [
        "decoder.0.bias",
        "decoder.2.bias",
    ]
    twin = copy.deepcopy(model)
    assert twin.decoder[2].weight.data_ptr() == twin.encoder[1].weight.data_ptr()
    assert twin.encoder[1].weight.data_ptr() != model.encoder[1].weight.data_ptr()
    with torch.no_grad():
        twin.encoder[1].weight.zero_()
    assert twin.decoder(torch.ones(1, 30)).abs().sum() == 0  # biases start at zero
    assert model.decoder(torch.ones(1, 30)).abs().sum() > 0


def test_a_tied_layer_is_listed_among_the_decoders_with_only_its_bias() -> None:
    row = summary(model_of(MNIST, tied=True, encoder_sizes=[10]))[-1]
    assert (row["group"], row["parameters"], row["output_shape"]) == ("decoder", 784, [784])
    assert row["kind"] == "Transposed(in_features=10, out_features=784)"


def test_both_uses_of_a_tied_weight_count_in_its_gradient() -> None:
    model = model_of(tied=True, encoder_sizes=[4], output="linear")
    x = images().x.flatten(1)
    model.losses(Batch(x))["loss"].backward()
    w = model.encoder[1].weight.detach().clone().requires_grad_()
    F.mse_loss((x @ w.t()) @ w, x).backward()
    assert torch.allclose(model.encoder[1].weight.grad, w.grad, atol=1e-6)


def test_damage_is_done_in_training_only() -> None:
    model = model_of(corruption="masking", noise_level=0.9)
    torch.manual_seed(0)
    damaged = model.losses(images())["loss"]
    model.eval()
    terms = model.losses(images())
    plain = model_of().eval().losses(images())["loss"]
    assert terms["loss"] == plain
    assert damaged != plain
    assert terms["restored_mean"] != plain
    assert torch.equal(model.reconstruct(images().x), model_of().reconstruct(images().x))


def test_restored_mean_is_the_error_against_the_clean_example() -> None:
    model = model_of(corruption="salt_and_pepper", noise_level=0.3).eval()
    batch = images(500)
    torch.manual_seed(4)
    found = model.losses(batch)["restored_mean"]
    draws = torch.rand(500, 64, generator=torch.Generator().manual_seed(4))
    x = batch.x.flatten(1)
    damaged = torch.where(draws < 0.3, (draws >= 0.15).float(), x)
    assert torch.allclose(found, F.mse_loss(model.reconstruct(damaged).flatten(1), x))


def test_learning_to_restore_helps() -> None:
    errors = {}
    for kind in ("none", "masking"):
        trainer = trained(
            encoder_sizes=[64],
            code_activation="relu",
            learning_rate=5e-3,
            steps=600,
            corruption=kind,
            noise_level=0.3,
        )
        with trainer.looking() as model:
            model.config.corruption = "masking"
            batch = trainer.feed.batch(trainer.feed.split("test"))
            errors[kind] = model.losses(batch)["restored_mean"].item()
    assert errors["masking"] < 0.8 * errors["none"]


def test_rounded_accuracy_is_the_share_of_pixels_on_the_right_side() -> None:
    model = model_of(loss="bce").eval()
    batch = images()
    rounded = model.reconstruct(batch.x).round() == batch.x.round()
    terms = model.losses(batch)
    assert terms["rounded_accuracy"].item() == pytest.approx(rounded.float().mean().item())
    assert "rounded_accuracy" not in model.train().losses(batch)
    assert "rounded_accuracy" not in model_of().eval().losses(batch)


def test_the_mean_cross_entropy_is_torchs() -> None:
    torch.manual_seed(0)
    logits = (torch.randn(50, 64) * 20).requires_grad_()
    x = torch.rand(50, 64)
    for function in (blocks.mean_cross_entropy, F.binary_cross_entropy_with_logits):
        function(logits, x).backward()
    ours = blocks.mean_cross_entropy(logits, x)
    assert ours.item() == pytest.approx(
        F.binary_cross_entropy_with_logits(logits, x).item(), rel=1e-5
    )
    expected = 2 * (torch.sigmoid(logits) - x) / x.numel()
    assert torch.allclose(logits.grad, expected, atol=1e-8)


@pytest.mark.parametrize("tied", [False, True])
def test_filters_are_what_goes_in_and_what_comes_out(tied) -> None:
    model = model_of(tied=tied, encoder_sizes=[12, 5])
    filters = model.filters()
    assert filters["input"].shape == filters["output"].shape == (12, 1, 8, 8)
    assert torch.equal(filters["input"][3].flatten(), model.encoder[1].weight[3])
    one = model.decoder[-1](F.one_hot(torch.tensor([3]), 12).float()) - model.decoder[-1].bias
    assert torch.allclose(filters["output"][3].flatten(), one[0])
    linear = build(models.get("pca"), {"latent_dim": 3}, DIGITS, 0)
    assert linear.filters()["output"].shape == (3, 1, 8, 8)
    assert torch.equal(linear.filters()["output"][1].flatten(), linear.decoder.weight[:, 1])


@pytest.mark.parametrize(
    ("config", "spec", "field"),
    [
        ({"corruption": "dropout", "noise_level": 1.0}, DIGITS, "noise_level"),
        ({"corruption": "masking", "noise_level": 1.0}, POINTS, "noise_level"),
        ({"corruption": "salt_and_pepper", "noise_level": 1.0}, DIGITS, "noise_level"),
        ({"corruption": "salt_and_pepper", "noise_level": 0.1}, POINTS, "corruption"),
        ({"kl_sparsity": 0.1}, DIGITS, "kl_sparsity"),
        ({"kl_sparsity": 0.1, "code_activation": "tanh"}, DIGITS, "kl_sparsity"),
        ({"target_activity": 0.0}, DIGITS, "target_activity"),
    ],
)
def test_what_leaves_nothing_to_learn_is_named_at_its_field(config, spec, field) -> None:
    with pytest.raises(BadInput) as refused:
        model_of(spec, **config)
    assert list(refused.value.fields) == [field]


def test_what_cannot_work_is_refused_live_too() -> None:
    trainer = trained(corruption="masking", until=2)
    for name, value in (("noise_level", 1.0), ("kl_sparsity", 0.1)):
        with pytest.raises(BadInput) as refused:
            trainer.set({name: value})
        assert list(refused.value.fields) == [name]
    assert (trainer.model.config.noise_level, trainer.model.config.kl_sparsity) == (0.3, 0.0)


@pytest.mark.parametrize("tied", [False, True])
def test_a_code_wider_than_the_input_works(tied) -> None:
    trainer = trained(encoder_sizes=[100], latent_dim=150, tied=tied, steps=60)
    losses = [s.value for s in trainer.drain() if s.name == "train/loss"]
    assert losses[-1] < 0.7 * losses[0]
    assert trainer.model.latents == {"z": (150,)}
    flat = trained("points", encoder_sizes=[3], code_activation="tanh", n=200)
    assert flat.step == 40


def test_one_class_alone_works() -> None:
    trainer = trained(keep=[3], corruption="gaussian", steps=60)
    losses = [s.value for s in trainer.drain() if s.name == "train/loss"]
    assert losses[-1] < 0.7 * losses[0]


def test_all_settings_combine() -> None:
    trainer = trained(
        tied=True,
        greedy_steps=10,
        corruption="gaussian",
        l1=1e-3,
        contractive=1e-3,
        kl_sparsity=0.01,
        code_activation="sigmoid",
        loss="bce",
        precision="bf16",
        layer_stats=True,
        steps=60,
    )
    found = {s.name: s.value for s in trainer.drain()}
    assert all(math.isfinite(value) for value in found.values())
    assert {"activation/decoder.0", "validation/restored_mean"} <= set(found)
    assert isinstance(trainer.model.decoder[0], blocks.Transposed)
    assert not isinstance(trainer.model.decoder[0], nn.Linear)

"""The dense family: every setting against what it is defined to be, and what the lectures print of it."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core import datasets, models
from core.errors import BadInput
from core.models import blocks
from core.models.base import Batch, build, summary
from core.training.specs import resolve
from core.training.trainer import Trainer
from tests.core.models.dense import DIGITS, MNIST, POINTS, images, model_of, trained

# -- the lectures ---------------------------------------------------------------------------------


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


# -- tied weights ---------------------------------------------------------------------------------


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


# -- one layer at a time --------------------------------------------------------------------------

GREEDY = {"encoder_sizes": [20, 10, 4], "greedy_steps": 8}


def test_stages_go_from_the_outside_in_and_end_with_everything() -> None:
    model = model_of(**GREEDY)
    named = [model.stage(step) for step in (0, 7, 8, 16, 24, 10_000)]
    assert [s.name for s in named] == [
        *("layer 1 of 3", "layer 1 of 3", "layer 2 of 3", "layer 3 of 3"),
        *("fine-tuning", "fine-tuning"),
    ]
    assert named[2].trainable == ("encoder.3.", "decoder.2.")
    assert named[4].trainable is None


@pytest.mark.parametrize("tied", [False, True])
def test_each_stage_moves_its_own_pair_of_layers(tied) -> None:
    spec = resolve("autoencoder", "digits", {**GREEDY, "tied": tied, "steps": 32})
    trainer = Trainer(spec, datasets.load("digits", spec.data))
    seen, before = [], {n: p.clone() for n, p in trainer.model.named_parameters()}
    for event in trainer.events():
        if event.kind == "step" and event.step % 8 == 0:
            now = dict(trainer.model.named_parameters())
            seen.append({n[:9] for n, p in now.items() if not torch.equal(p, before[n])})
            before = {n: p.clone() for n, p in now.items()}
    pairs = [{"encoder.1", "decoder.4"}, {"encoder.3", "decoder.2"}, {"encoder.5", "decoder.0"}]
    assert seen == [*pairs, set().union(*pairs)]


def test_only_layers_in_use_matter_and_the_code_always_has_its_size() -> None:
    trainer = trained(**GREEDY, until=12)
    model, batch = trainer.model, images()
    before = model.losses(batch)["loss"], model.reconstruct(batch.x)
    assert model.encode(batch.x).mean.shape == (6, 4)
    by_hand = model.decoder[4](torch.relu(model.decoder[2](model.encoder[:5](batch.x))))
    assert torch.allclose(before[1].flatten(1), torch.sigmoid(by_hand))
    with torch.no_grad():
        model.encoder[5].weight.zero_()
        model.decoder[0].weight.zero_()
    assert model.losses(batch)["loss"] == before[0]
    assert torch.equal(model.reconstruct(batch.x), before[1])


def test_weights_remember_how_deep_they_are() -> None:
    trainer = trained(**GREEDY, until=12)
    fresh = model_of(**GREEDY)
    x = images().x
    assert not torch.equal(fresh.reconstruct(x), trainer.model.reconstruct(x))
    fresh.load_state_dict(trainer.model.state_dict())
    assert torch.equal(fresh.reconstruct(x), trainer.model.reconstruct(x))
    assert fresh.state_dict()["depth"] == 2
    assert "depth" not in model_of().state_dict()


def test_penalties_wait_for_the_code() -> None:
    trainer = trained(**GREEDY, steps=30, l1=0.1, contractive=0.1, log_every=1)
    scalars = trainer.drain()
    assert min(s.step for s in scalars if s.name == "train/l1") == 17
    assert min(s.step for s in scalars if s.name == "train/contractive") == 17


# -- filters and bad input ------------------------------------------------------------------------


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
            trainer.set(name, value)
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

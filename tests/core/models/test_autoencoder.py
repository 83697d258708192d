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
from core.models.base import Batch, DataSpec, Model, build, summary
from core.training.specs import resolve
from core.training.trainer import Trainer

MNIST = DataSpec((1, 28, 28), "images", 10)
DIGITS = DataSpec((1, 8, 8), "images", 10)
POINTS = DataSpec((2,), "points")
ACTIVATIONS = ("relu", "leaky_relu", "elu", "selu", "gelu", "tanh", "sigmoid", "linear")


def model_of(spec: DataSpec = DIGITS, seed: int = 0, **config) -> Model:
    return build(models.get("autoencoder"), config, spec, seed)


def images(n: int = 6, spec: DataSpec = DIGITS) -> Batch:
    return Batch(torch.rand(n, *spec.shape, generator=torch.Generator().manual_seed(1)))


def trained(dataset: str = "digits", until: int | None = None, **settings) -> Trainer:
    spec = resolve("autoencoder", dataset, {"batch_size": 32, "steps": 40, **settings})
    trainer = Trainer(spec, datasets.load(dataset, spec.data))
    for event in trainer.events():
        if event.kind == "step" and event.step == until:
            break
    return trainer


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


# -- penalties ------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", [[7], [9, 4], [11, 9, 4]])
def test_the_contractive_term_is_the_jacobian_of_the_whole_encoder(activation, sizes) -> None:
    model = model_of(
        encoder_sizes=sizes, activation=activation, code_activation="sigmoid", contractive=1.0
    )
    model = model.double().eval()
    x = images().x.double()
    each = torch.stack(
        [torch.autograd.functional.jacobian(model.encoder, one[None]).square().sum() for one in x]
    )
    assert torch.allclose(model.losses(Batch(x))["contractive"], each.mean(), rtol=1e-5)


def test_the_contractive_term_of_a_linear_encoder_is_one_for_all() -> None:
    model = model_of(encoder_sizes=[5, 3], activation="linear", contractive=1.0)
    product = model.encoder[2].weight @ model.encoder[1].weight
    found = model.losses(images())["contractive"]
    assert torch.allclose(found, product.square().sum(), rtol=1e-5)


@pytest.mark.parametrize("activation", ["tanh", "gelu", "selu"])
def test_the_contractive_term_can_be_descended(activation) -> None:
    """Its gradient agrees with differences, through every layer's weight, also in eval mode's absence of gradients."""
    model = model_of(encoder_sizes=[6, 3], activation=activation, contractive=1.0).double()
    batch = Batch(images().x.double())
    for weight in (model.encoder[1].weight, model.encoder[3].weight):
        model.zero_grad()
        model.losses(batch)["contractive"].backward()
        direction = torch.randn_like(weight)
        slope = (weight.grad * direction).sum()
        ends = []
        for sign in (1, -1):
            with torch.no_grad():
                weight += sign * 1e-5 * direction
                ends.append(model.losses(batch)["contractive"])
                weight -= sign * 1e-5 * direction
        assert slope.item() == pytest.approx((ends[0] - ends[1]).item() / 2e-5, rel=1e-4)


def test_kl_of_known_activities() -> None:
    z = torch.tensor([[0.1, 0.9], [0.1, 0.1]])  # mean activities 0.1 and 0.5
    far = 0.1 * math.log(0.1 / 0.5) + 0.9 * math.log(0.9 / 0.5)
    assert blocks.kl_to_activity(z, 0.1).item() == pytest.approx(far, rel=1e-5)
    assert torch.isfinite(blocks.kl_to_activity(torch.tensor([[0.0, 1.0]]), 0.1))


def test_l1_is_the_sum_over_the_code_and_the_mean_over_the_batch() -> None:
    model = model_of(l1=0.5)
    batch = images()
    by_hand = model.encode(batch.x).mean.abs().sum() / len(batch.x)
    assert torch.allclose(model.losses(batch)["l1"], by_hand)


def test_penalties_add_their_weight_times_themselves_and_are_off_at_zero() -> None:
    settings = {"encoder_sizes": [12], "code_activation": "sigmoid"}
    plain = model_of(**settings).losses(images())
    assert set(plain) == {"loss", "reconstruction_sum", "reconstruction_mean"}
    weights = {"l1": 0.01, "kl_sparsity": 0.2, "contractive": 0.3}
    terms = model_of(**settings, **weights).losses(images())
    assert set(terms) == {*plain, *weights}
    expected = plain["loss"] + sum(weight * terms[name] for name, weight in weights.items())
    assert terms["loss"].item() == pytest.approx(expected.item(), rel=1e-5)


def test_penalties_do_what_they_are_for() -> None:
    code = {"encoder_sizes": [40], "code_activation": "sigmoid", "steps": 300}
    codes = {}
    for name, more in (("plain", {}), ("l1", {"l1": 0.01}), ("kl", {"kl_sparsity": 0.5})):
        trainer = trained(**code, **more)
        with trainer.looking() as model:
            batch = trainer.feed.batch(trainer.feed.split("test"))
            codes[name] = model.encode(batch.x).mean
    assert codes["l1"].mean() < 0.3 * codes["plain"].mean()
    assert codes["kl"].mean(0).sub(0.1).abs().mean() < 0.05
    assert codes["plain"].mean(0).sub(0.1).abs().mean() > 0.2


def test_a_penalty_may_be_turned_on_while_it_trains() -> None:
    trainer = trained(until=5)
    trainer.set("contractive", 0.1)
    for _ in trainer.events():
        pass
    found = {s.name: s.step for s in reversed(trainer.drain())}
    assert found["train/contractive"] == 6
    assert found["validation/contractive"] == 40


# -- corruption and accuracy ----------------------------------------------------------------------


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

"""The loop: nothing that looks, pauses or resumes may move a number; whatever breaks says so."""

import math
from itertools import zip_longest

import numpy as np
import pytest
import torch

from core import arrays as files
from core import datasets, models
from core.errors import BadInput, DamagedFile
from core.training.feed import Feed, order
from core.training.specs import check_fit, resolve
from core.training.trainer import Trainer
from tests.core.staged_model import Staged


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry knows one model more."""
    known = models.get
    monkeypatch.setattr(models, "get", lambda name: Staged if name == "staged" else known(name))


def trainer_of(model: str, dataset: str = "digits", **settings) -> Trainer:
    spec = resolve(model, dataset, {"batch_size": 32, "steps": 40, **settings})
    return Trainer(spec, datasets.load(dataset, spec.data))


def run(trainer: Trainer, until: int | None = None) -> None:
    for event in trainer.events():
        if event.kind == "step" and event.step == until:
            return


def assert_same(a: Trainer, b: Trainer) -> None:
    left, right = a.state(), b.state()
    assert left[1] == right[1]
    assert left[0].keys() == right[0].keys()
    for key, array in left[0].items():
        assert np.array_equal(array, right[0][key]), key


CASES = [
    ("gan", "points", {"n": 300, "discriminator_updates": 2}),
    ("vae", "digits", {"binarise": "dynamic", "log_every": 7}),
    ("conv_autoencoder", "digits", {"optimizer": "nadam", "schedule": "cosine"}),
    ("conv_autoencoder", "digits", {}),
    ("autoencoder", "digits", {"optimizer": "sgd", "momentum": 0.9, "nesterov": True}),
    ("pca", "plane3d", {"optimizer": "rmsprop", "early_stopping": True}),
    ("staged", "digits", {}),
    (
        "autoencoder",
        "digits",
        {"greedy_steps": 8, "tied": True, "corruption": "gaussian", "replacement": True},
    ),
]


@pytest.mark.usefixtures("staged")
@pytest.mark.parametrize(("model", "dataset", "settings"), CASES)
@pytest.mark.parametrize("at", [0, 1, 8, 15, 23])
def test_a_resumed_run_ends_where_the_other_does_to_the_bit(model, dataset, settings, at) -> None:
    whole = trainer_of(model, dataset, **settings)
    run(whole)
    first = trainer_of(model, dataset, **settings)
    if at:
        run(first, until=at)
    # Through bytes, as a run's own: what a file does not keep cannot help.
    arrays, meta = files.unpack(files.pack(*first.state()))
    second = trainer_of(model, dataset, **settings)
    second.load_state(arrays, meta)
    run(second)
    assert_same(whole, second)
    assert whole.drain() == first.drain() + second.drain()


@pytest.mark.usefixtures("staged")
@pytest.mark.parametrize(("model", "dataset", "settings"), CASES)
def test_looking_changes_nothing(model, dataset, settings) -> None:
    alone, watched = (trainer_of(model, dataset, **settings) for _ in range(2))
    run(alone)
    for event in watched.events():
        with watched.looking(event.step) as looked:
            torch.randn(3)
            if hasattr(looked, "sample"):
                looked.sample(2, torch.Generator().manual_seed(0))
        watched.state()
    assert_same(alone, watched)
    assert alone.drain() == watched.drain()


def test_two_by_turns_are_two_alone() -> None:
    alone = [trainer_of("vae", seed_of_data) for seed_of_data in ("digits", "points")]
    for trainer in alone:
        run(trainer)
    turns = [trainer_of("vae", d) for d in ("digits", "points")]
    for _ in zip_longest(*(trainer.events() for trainer in turns)):
        pass
    for a, b in zip(alone, turns, strict=True):
        assert_same(a, b)


def test_single_turns_replay_to_the_bit() -> None:
    def play(resume_at: int | None) -> Trainer:
        trainer = trainer_of("gan", "points", n=300)
        for event in trainer.events():
            if event.step == 10 and event.kind == "step":
                break
        turns = ["D", "D", "G", "D"]
        for i, phase in enumerate(turns):
            if i == resume_at:
                arrays, meta = trainer.state()
                trainer = trainer_of("gan", "points", n=300)
                trainer.load_state(arrays, meta)
            trainer.single(phase)
        run(trainer)
        return trainer

    assert_same(play(None), play(2))


def test_stages_train_what_they_name(staged) -> None:
    trainer = trainer_of("staged")
    seen, before = [], {n: p.clone() for n, p in trainer.model.named_parameters()}
    for event in trainer.events():
        if event.kind == "stage" or (event.kind == "step" and event.step == trainer.total_steps):
            now = dict(trainer.model.named_parameters())
            seen.append({n.split(".")[0] for n, p in now.items() if not torch.equal(p, before[n])})
            before = {n: p.clone() for n, p in now.items()}
    assert seen == [{"outer"}, {"inner"}, {"outer", "inner"}]


def test_live_changes_act_at_once_and_only_where_allowed() -> None:
    trainer = trainer_of("vae")
    run(trainer, until=5)
    trainer.set({"learning_rate": 1e-9})
    trainer.set({"beta": 0.0})
    before = trainer.model.decoder[0].weight.clone()
    run(trainer, until=8)
    assert torch.allclose(before, trainer.model.decoder[0].weight, atol=1e-6)
    assert trainer.live_values()["beta"] == 0.0
    for name, value in (("latent_dim", 3), ("nonsense", 1), ("learning_rate", -1), ("beta", "x")):
        with pytest.raises(BadInput) as refused:
            trainer.set({name: value})
        assert list(refused.value.fields) == [name]
    gan = trainer_of("gan", "points", n=300)
    gan.set({"generator_updates": 3})
    assert gan.phases["G"].repeats == 3


def test_live_settings_that_only_go_together_are_kept_together() -> None:
    """Hinge verdicts have no target to smooth; the run began with a smoothing."""
    trainer = trainer_of("gan", "points", n=300, label_smoothing=0.1)
    trainer.set({"label_smoothing": 0.0})
    trainer.set({"discriminator_loss": "hinge"})
    run(trainer, until=2)
    second = trainer_of("gan", "points", n=300, label_smoothing=0.1)
    second.load_state(*trainer.state())
    assert_same(trainer, second)
    with pytest.raises(BadInput):
        second.set({"learning_rate": 0.5, "packing": 2})
    assert second.live_values() == trainer.live_values()


def test_a_diverging_loss_stops_with_its_step_and_advice() -> None:
    trainer = trainer_of(
        "autoencoder",
        optimizer="sgd",
        learning_rate=10,
        output="linear",
        reduction="sum",
        log_every=4,
    )
    *_, last = trainer.events()
    assert last.kind == "failed"
    assert "smaller learning rate (it was 10)" in last.text
    step = int(last.text.split("at step ")[1].split(".")[0])
    losses = {s.step: s.value for s in trainer.drain() if s.name == "train/loss"}
    assert last.step - 4 < step <= last.step
    assert not abs(losses[last.step]) < 1e6


def test_early_stopping_waits_its_patience() -> None:
    trainer = trainer_of("autoencoder", steps=5000, early_stopping=True, min_delta=10, patience=3)
    *_, last = trainer.events()
    per_epoch = trainer.feed.steps_per_epoch(32)
    assert last.kind == "done"
    assert last.step == 4 * per_epoch  # the first epoch sets the mark
    assert "Stopped early" in last.text


@pytest.mark.parametrize(
    ("settings", "between"), [({}, 10), ({"early_stopping": True}, 1), ({"batch_size": 32}, 7)]
)
def test_epochs_of_a_few_steps_share_a_validation(settings, between) -> None:
    """Of 216 rows: a step is an epoch, or seven are."""
    trainer = trainer_of("gan", "points", **{"n": 300, "batch_size": 512, **settings})
    run(trainer)
    steps = [s.step for s in trainer.drain() if s.name == "validation/G/loss"]
    assert steps == sorted({*range(between, 41, between), 40})


def test_samples_are_measured_once_in_a_hundred_steps_however_short_an_epoch() -> None:
    for batch_size in (512, 96, 48):  # epochs of one, three and five steps
        trainer = trainer_of("gan", "points", n=300, batch_size=batch_size, steps=320)
        run(trainer)
        steps = [s.step for s in trainer.drain() if s.name == "samples/modes"]
        assert [step // 100 for step in steps] == [1, 2, 3, 3], steps


def test_epochs_set_the_steps_and_every_row_is_seen_once() -> None:
    trainer = trainer_of("autoencoder", epochs=2, batch_size=100)
    rows = len(trainer.feed.rows)
    assert trainer.total_steps == 2 * math.ceil(rows / 100)
    feed = Feed(trainer.feed.data, seed=7)
    seen = torch.cat([feed.next(100).index for _ in range(feed.steps_per_epoch(100))])
    assert sorted(seen.tolist()) == sorted(trainer.feed.data.index[trainer.feed.rows].tolist())
    assert (feed.epoch, feed.offset) == (1, 0)
    assert not torch.equal(order(50, 7, 0), order(50, 7, 1))


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "nadam", "sgd", "rmsprop"])
def test_every_optimiser_learns(optimizer: str) -> None:
    rate = 0.5 if optimizer == "sgd" else 2e-3
    trainer = trainer_of("autoencoder", optimizer=optimizer, learning_rate=rate, steps=150)
    run(trainer)
    losses = [s.value for s in trainer.drain() if s.name == "train/loss"]
    assert losses[-1] < 0.8 * losses[0]


def test_clipping_bounds_the_step_and_layer_stats_are_logged_on_request() -> None:
    trainer = trainer_of(
        "autoencoder", optimizer="sgd", learning_rate=1.0, clip_norm=1e-3, reduction="sum"
    )
    before = torch.cat([p.detach().flatten() for p in trainer.model.parameters()])
    run(trainer, until=1)
    after = torch.cat([p.detach().flatten() for p in trainer.model.parameters()])
    assert (after - before).norm().item() == pytest.approx(1e-3, rel=1e-3)
    assert not [s for s in trainer.drain() if s.name.startswith(("gradient/", "activation/"))]
    trainer.set({"layer_stats": True})
    run(trainer, until=3)
    names = {s.name for s in trainer.drain()}
    assert {"gradient/encoder.1", "gradient/decoder.2", "activation/encoder.3"} <= names


def test_of_networks_that_take_turns_the_gradient_of_each_is_logged() -> None:
    trainer = trainer_of("gan", "points", n=300, log_every=2, optimizer="sgd", learning_rate=0.5)
    run(trainer, until=3)
    before = {n: p.detach().clone() for n, p in trainer.model.generator.named_parameters()}
    run(trainer, until=4)
    moved = torch.cat(
        [(p - before[n]).flatten() for n, p in trainer.model.generator.named_parameters()]
    )
    logged = {(s.step, s.name): s.value for s in trainer.drain() if s.name.endswith("/gradient")}
    assert set(logged) == {(k, f"train/{n}/gradient") for k in (2, 4) for n in "DG"}
    assert logged[4, "train/G/gradient"] == pytest.approx(moved.norm().item() / 0.5, rel=1e-3)


def test_bfloat16_stays_close_to_float32() -> None:
    losses = {}
    for precision in ("f32", "bf16"):
        trainer = trainer_of("autoencoder", steps=100, precision=precision)
        run(trainer)
        losses[precision] = [s.value for s in trainer.drain() if s.name == "train/loss"][-1]
    assert losses["bf16"] == pytest.approx(losses["f32"], rel=0.1)


def test_weights_of_another_shape_are_refused() -> None:
    arrays, meta = trainer_of("vae").state()
    with pytest.raises(DamagedFile):
        trainer_of("vae", latent_dim=5).load_state(arrays, meta)


def test_specs_name_each_mistake_and_write_out_every_default() -> None:
    spec = resolve("vae", "digits", {"latent_dim": 3, "learning_rate": 0.01, "binarise": "fixed"})
    assert spec.config["latent_dim"] == 3
    assert spec.config["beta"] == 1.0
    assert spec.training.learning_rate == 0.01
    assert spec.data["binarise"] == "fixed"
    with pytest.raises(BadInput) as refused:
        resolve("vae", "digits", {"latent_dim": -1, "learning_rate": 0, "validation": 3})
    assert set(refused.value.fields) == {"latent_dim", "learning_rate", "validation"}
    with pytest.raises(BadInput) as refused:
        resolve("vae", "digits", {"colour": 1})
    assert set(refused.value.fields) == {"colour"}
    with pytest.raises(BadInput, match="choose"):
        resolve("vae", preset="no such")


@pytest.mark.parametrize(("model", "validation"), [("vae", 0), ("gan", 0.1)])
def test_early_stopping_without_a_validation_loss_is_refused(model, validation) -> None:
    spec = resolve(model, "digits", {"validation": validation, "early_stopping": True})
    with pytest.raises(BadInput) as refused:
        check_fit(spec, datasets.load("digits", spec.data))
    assert set(refused.value.fields) == {"early_stopping"}

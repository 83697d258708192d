"""Layers trained one by one: what each stage moves, uses and remembers."""

import pytest
import torch

from core import datasets
from core.training.specs import resolve
from core.training.trainer import Trainer
from tests.core.models.dense import images, model_of, trained

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

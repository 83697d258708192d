"""What trained runs answer: arrays that fit each other, the same twice, and sentences for bad questions."""

import numpy as np
import pytest
import torch

from core import datasets, inference
from core.errors import BadInput, DamagedFile, NoSuchRun
from core.inference import weights
from core.runs import LOCAL
from core.training.specs import resolve
from core.training.worker import work

VAE = {"steps": 40, "batch_size": 64, "encoder_sizes": [16]}
GAN = {"steps": 10, "n": 300}


def test_codes_have_their_class_and_their_row_in_the_source(trained):
    data = datasets.load("digits", {})
    found = inference.encode(trained(), "validation")
    rows = data.splits["validation"]
    assert found["z"].shape == (len(rows), 2)
    assert found["z"].dtype == np.float32
    assert np.array_equal(found["y"], data.y[rows])
    assert np.array_equal(found["index"], data.index[rows])


def test_a_reconstruction_is_the_decoded_code(trained):
    run = trained()
    pictures = inference.reconstruct(run)
    again = inference.decode(run, inference.encode(run)["z"])["x"]
    assert pictures["x"].shape == pictures["x_hat"].shape == (359, 1, 8, 8)
    assert pictures["x"].min() == 0
    assert pictures["x"].max() == 1
    assert np.allclose(pictures["x_hat"], again, atol=1e-6)
    assert np.array_equal(pictures["index"], inference.encode(run)["index"])


def test_figures_agree_with_the_arrays(trained):
    run = trained()
    pictures = inference.reconstruct(run)
    mse = np.square(pictures["x_hat"] - pictures["x"], dtype=np.float64).mean()
    figures = inference.evaluate(run)
    assert figures["test_mse"]["value"] == pytest.approx(mse, rel=1e-5)
    assert figures["test_sse"]["value"] == pytest.approx(64 * mse, rel=1e-5)


def test_samples_follow_the_seed_alone(trained):
    run = trained()
    first = inference.sample(run, n=1203, seed=1)["x"]
    torch.manual_seed(99)
    assert np.array_equal(first, inference.sample(run, n=1203, seed=1)["x"])
    assert not np.array_equal(first, inference.sample(run, n=1203, seed=2)["x"])
    assert first.shape == (1203, 1, 8, 8)
    assert len(np.unique(first.reshape(1203, -1), axis=0)) == 1203


def test_points_come_in_data_units_without_limits(trained):
    run = trained("gan", "points", GAN)
    assert inference.sample(run, n=7)["x"].shape == (7, 2)


def test_data_without_classes_say_so(trained):
    run = trained("vae", "plane3d", {"steps": 5, "encoder_sizes": [4]})
    assert set(inference.encode(run, limit=9)["y"]) == {-1}
    assert len(inference.encode(run, limit=9)["z"]) == 9


def test_weights_of_a_step_that_was_not_kept_are_trained_again(trained, store):
    run = trained()
    kept = store.states(run)
    step = kept[-2]
    expected = inference.encode(run, step=step)["z"]
    store.files(run).path("states", step).unlink()
    assert np.array_equal(inference.encode(run, step=step)["z"], expected)
    assert not np.array_equal(inference.encode(run)["z"], expected)
    assert store.states(run) == [s for s in kept if s != step]


def test_weights_after_a_live_change_are_trained_again_with_it(store, trained):
    run = store.create(resolve("vae", "digits", VAE), LOCAL, state="running")
    store.command(run.id, "set", {"name": "learning_rate", "value": 0.02})
    work([run.id], store=store)
    expected = inference.encode(run.id)["z"]
    assert not np.array_equal(expected, inference.encode(trained())["z"])
    for step in store.states(run.id):
        store.files(run.id).path("states", step).unlink()
    weights._cache.clear()
    assert np.array_equal(inference.encode(run.id, step=40)["z"], expected)


def test_a_run_written_anew_is_read_anew(trained, store):
    run = trained()
    before = inference.encode(run)["z"]
    values, meta = store.read_state(run)
    values["model/encoder.1.bias"] = values["model/encoder.1.bias"] + 1
    store.files(run).write_state(40, values, meta)
    assert not np.array_equal(before, inference.encode(run)["z"])


def test_a_shipped_run_answers_without_its_data(trained, store, tmp_path, monkeypatch):
    run = trained()
    expected = inference.sample(run, 5)["x"]
    store.export(run, tmp_path / "shipped" / "one")
    from core.runs import Store

    monkeypatch.setattr(datasets, "load", lambda *_, **__: pytest.fail("asked for data"))
    loaded = weights.load("one", store=Store(shipped=tmp_path / "shipped"))
    with torch.no_grad():
        x = loaded.model.sample(5, torch.Generator().manual_seed(0))
    assert np.array_equal(x.numpy(), expected)


def test_a_conditional_model_draws_the_class_that_is_asked_for(trained):
    run = trained(settings={**VAE, "conditional": True})
    three, seven = (inference.decode(run, [[0.5, 0.5]], y=k)["x"] for k in (3, 7))
    assert not np.array_equal(three, seven)
    drawn = inference.sample(run, n=700, seed=1, y=3)["x"]
    z = torch.randn(500, 2, generator=torch.Generator().manual_seed(1)).numpy()
    assert np.allclose(drawn[:500], inference.decode(run, z, y=3)["x"], atol=1e-6)
    # What is reconstructed goes in and out with its own class.
    pictures, codes = inference.reconstruct(run, limit=20), inference.encode(run, limit=20)
    for k in range(20):
        x = inference.decode(run, codes["z"][[k]], y=int(codes["y"][k]))["x"]
        assert np.allclose(x[0], pictures["x_hat"][k], atol=1e-6)
    with pytest.raises(BadInput, match="between 0 and 9"):
        inference.sample(run, n=1, y=10)
    with pytest.raises(BadInput, match="not conditional"):
        inference.sample(trained(), n=1, y=3)


def test_a_discrete_code_has_its_words(trained):
    run = trained("vq_vae", settings={**VAE, "codes": 16})
    found = inference.encode(run)
    assert found["indices"].shape == (len(found["z"]), 4)
    assert 0 <= found["indices"].min() <= found["indices"].max() < 16
    pictures = inference.reconstruct(run)["x_hat"]
    assert np.allclose(inference.decode(run, found["z"])["x"], pictures, atol=1e-6)


BAD = {
    "no such run": (lambda run: inference.encode("nobody"), "no run 'nobody'"),
    "no such split": (lambda run: inference.encode(run, "all"), "no split 'all'"),
    "step to come": (lambda run: inference.encode(run, step=41), "has done 40 steps, not 41"),
    "step before all": (lambda run: inference.encode(run, step=-1), "not -1"),
    "no rows": (lambda run: inference.encode(run, limit=0), "at least 1"),
    "wrong size": (lambda run: inference.decode(run, [[1.0]]), "N × 2, these are 1 × 1"),
    "no codes": (lambda run: inference.decode(run, []), "codes are N × 2"),
    "ragged": (lambda run: inference.decode(run, [[1, 2], [3]]), "rectangular"),
    "letters": (lambda run: inference.decode(run, [["a", "b"]]), "rectangular"),
    "no number": (lambda run: inference.decode(run, [[float("nan"), 0]]), "finite"),
    "none": (lambda run: inference.sample(run, n=0), "between 1 and 100,000"),
    "too many": (lambda run: inference.sample(run, n=10**9), "between 1 and 100,000"),
    "negative seed": (lambda run: inference.sample(run, seed=-1), "seed"),
}


def test_bad_questions_get_one_sentence(trained, subtests):
    run = trained()
    for case, (question, sentence) in BAD.items():
        with subtests.test(case), pytest.raises((BadInput, NoSuchRun), match=sentence):
            question(run)


def test_a_model_says_what_it_cannot_do(trained):
    with pytest.raises(BadInput, match=r"\(GAN\) cannot encode"):
        inference.encode(trained("gan", "points", GAN))


def test_a_run_that_has_not_begun_has_no_weights(store):
    run = store.create(resolve("vae", "digits", VAE), LOCAL)
    with pytest.raises(NoSuchRun, match="no weights yet"):
        inference.encode(run.id)


def test_damaged_weights_are_named(trained, store):
    run = trained()
    store.files(run).path("states", 40).write_bytes(b"rubbish")
    with pytest.raises(DamagedFile, match="damaged"):
        inference.encode(run)

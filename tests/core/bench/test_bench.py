"""The benches measure what they say: short runs whose figures must fit each other."""

import time

import pytest
import torch

from core.bench import textbook, timeline
from core.bench.pair import bench_pair
from core.bench.turns import in_turns, median_ratio
from core.models import get
from core.models.base import DataSpec, build


def sleeper(rate: float, turns: int = 0):
    """Sees ``rate`` examples a second; wants to go on for ``turns`` turns whatever the time."""
    left = [turns]

    def train(seconds: float) -> tuple[int, bool]:
        time.sleep(seconds)
        left[0] -= 1
        return round(rate * seconds), left[0] > 0

    return train


def test_turns_alternate_until_each_has_had_its_time():
    order = []

    def noted(name, contestant):
        def train(seconds):
            order.append(name)
            return contestant(seconds)

        return train

    found = in_turns({"a": noted("a", sleeper(1000)), "b": noted("b", sleeper(500))}, 0.1, 0.02)
    assert order[:4] == ["a", "b", "a", "b"]
    assert found["a"].seconds >= 0.1
    assert found["a"].rate / found["b"].rate == pytest.approx(2, rel=0.3)


def test_a_whole_run_is_finished_however_long_it_takes():
    found = in_turns({"run": sleeper(1000, turns=8), "loop": sleeper(1000)}, 0.05, 0.02)
    assert found["run"].examples == 8 * 20
    assert found["loop"].seconds < found["run"].seconds


def test_the_ratio_is_the_median_of_neighbours():
    assert median_ratio([2.0, 30.0, 2.0], [1.0, 10.0, 2.0]) == 2.0


@pytest.mark.parametrize("name", textbook.NETWORKS)
def test_the_textbook_s_networks_are_ours(name):
    model, network, settings = textbook.NETWORKS[name]
    ours = build(get(model), settings, DataSpec((1, 28, 28), "images", 10), 0)
    shapes = sorted(tuple(p.shape) for p in ours.parameters())
    assert shapes == sorted(tuple(p.shape) for p in network().parameters())


@pytest.mark.parametrize("name", textbook.NETWORKS)
def test_the_textbook_s_losses_are_ours(name):
    """With the same weights and the same noise, the same number."""
    model, network, settings = textbook.NETWORKS[name]
    ours = build(get(model), settings, DataSpec((1, 28, 28), "images", 10), 0)
    theirs = network()
    for own, other in zip(theirs.parameters(), ours.parameters(), strict=True):
        own.data.copy_(other.data)
    from core.models.base import Batch

    x = torch.rand(8, 1, 28, 28)
    torch.manual_seed(1)
    expected = ours.losses(Batch(x))["loss"]
    torch.manual_seed(1)
    assert theirs.loss(x).item() == pytest.approx(expected.item(), rel=1e-5)


def test_two_trainings_at_once(home):
    found = bench_pair(seconds=0.5, rounds=1)
    assert found["alone"] > 0
    assert found["ratio"] == pytest.approx(min(found["together"]) / found["alone"])


@pytest.mark.mnist
def test_training_against_the_loops(home, mnist_dir):
    from core.bench.train import bench_train

    threads, heard = torch.get_num_threads(), []
    rows = bench_train(["autoencoder"], 1.0, 1, str(mnist_dir), heard.append)
    assert rows == heard
    row = rows[0]
    assert row["ratio"] == pytest.approx(row["ours"] / row["user_loop"])
    assert row["ratio_bare"] == pytest.approx(row["ours"] / row["bare_loop"])
    assert row["ratio"] > 1
    assert torch.get_num_threads() == threads
    assert not list(home.glob("runs/*")), "a bench leaves no runs behind"


def test_a_pad_s_figures_stand_in_rows_of_their_own():
    from core.bench.latent import _rows

    lags = {"one": [1.0] * 99 + [50.0] * 3, "other": [2.0] * 100}
    rows = _rows(lags, [0.4, 0.2, 0.9], [1.0], {"n": 41, "m": 41, "sprite": b"0" * 186_000})
    assert [(row["value"], row["unit"]) for row in rows] == [
        (50.0, "ms"),
        (0.4, "s"),
        (1.0, "s"),
        (186.0, "kB"),
    ]
    assert rows[0]["parts"] == {
        "one p99": 50.0,
        "other p99": 2.0,
        "one median": 1.0,
        "other median": 2.0,
    }
    assert "202 moves" in rows[0]["protocol"]
    assert rows[1]["parts"] == {"slowest": 0.9}


def test_maps_are_measured_against_scikit_learn_s_and_umap_learn_s(monkeypatch):
    from core.bench import projections

    monkeypatch.setattr(projections, "_umap", lambda codes, rounds: [{"bench": "umap"}])
    heard = []
    rows = projections.bench_projections(100, 200, dataset="digits", steps=50, report=heard.append)
    assert rows == heard
    ratio, trust, larger, _ = rows
    assert ratio["value"] == pytest.approx(
        ratio["parts"]["scikit-learn (s)"] / ratio["parts"]["ours (s)"]
    )
    assert trust["value"] == pytest.approx(trust["parts"]["ours"] - trust["parts"]["scikit-learn"])
    assert 0.8 < trust["parts"]["ours"] <= 1
    assert "100 codes of 10 numbers" in ratio["protocol"]
    assert "200 codes" in larger["protocol"]
    assert 0 < larger["parts"]["longest without a word of progress (s)"] < larger["value"]


def test_only_frames_with_another_snapshot_count_as_new():
    """Sixty frames a second, every second one with another snapshot, after a wait that does not count."""
    looks = [(0.0, 0), (900.0, 0)] + [(1000 + 1000 * k / 60, k // 2) for k in range(2, 62)]
    new, frames = timeline.rates_of(looks)
    assert new == pytest.approx(30)
    assert frames == pytest.approx(60)


def test_the_bench_of_the_time_slider_keeps_every_snapshot(store, monkeypatch):
    monkeypatch.setattr(timeline, "EVERY", 1)
    run = timeline.filmed(store, "digits", None)
    assert store.snapshots(run) == list(range(timeline.SNAPSHOTS))
    assert store.get(run).state == "done"
    assert store.states(run)


def test_an_unknown_bench_is_refused():
    from core.bench.train import bench_train
    from core.errors import BadInput

    with pytest.raises(BadInput, match="no bench for gan"):
        bench_train(["gan"])

"""Trust in a map: scikit-learn's numbers, the extremes that are known, and an estimate that knows its error."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from core.analysis import trust as measures
from core.analysis.trust import stability, trust
from core.errors import BadInput

NAMES = ("trustworthiness", "continuity", "neighbourhood_preservation")


def drawn(n: int, d: int = 10, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


@pytest.mark.parametrize(("n", "k"), [(40, 5), (300, 15), (301, 120)])
def test_it_is_what_scikit_learn_finds_and_continuity_is_it_the_other_way_round(n, k):
    vectors = drawn(n)
    at = vectors[:, :2] + 0.3 * drawn(n, 2, 1)
    found = trust(vectors, at, k)
    assert found["trustworthiness"]["value"] == pytest.approx(
        trustworthiness(vectors, at, n_neighbors=k), abs=1e-6
    )
    assert found["continuity"]["value"] == pytest.approx(
        trustworthiness(at, vectors, n_neighbors=k), abs=1e-6
    )
    turned = trust(at, vectors, k)
    assert turned["trustworthiness"]["value"] == found["continuity"]["value"]
    assert turned["neighbourhood_preservation"] == found["neighbourhood_preservation"]
    for name in NAMES:
        assert found[name]["kind"] == "exact"
        assert found[name]["error"] is None
        assert (found[name]["k"], found[name]["queries"], found[name]["of"]) == (k, n, n)


def test_preservation_by_hand():
    vectors = np.array([[0.0], [1], [3], [7], [15]])
    at = np.array([[0.0], [1], [-3], [7], [15]])
    # Nearest before: 1, 0, 1, 2, 3; on the map: 1, 0, 0, 1, 3.
    assert trust(vectors, at, 1)["neighbourhood_preservation"]["value"] == pytest.approx(3 / 5)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
def test_a_map_that_keeps_everything_is_trusted_wholly_however_far_it_lies(scale):
    vectors = drawn(200, 3)
    turn = np.linalg.qr(drawn(3, 3, 5))[0]
    for at in (vectors, scale * vectors @ turn + 3 * scale):
        found = trust(vectors, at.astype(np.float64))
        assert [found[name]["value"] for name in NAMES] == [1, 1, 1]


def test_copies_of_one_vector_are_not_torn_apart():
    vectors = np.repeat(drawn(20, 60), 10, axis=0)
    shuffled = np.random.default_rng(0).permutation(len(vectors))
    found = trust(vectors[shuffled], vectors[shuffled][:, ::-1].copy(), k=5)
    assert [found[name]["value"] for name in NAMES] == [1, 1, 1]


def test_a_random_map_comes_to_what_chance_gives():
    n, k = 800, 10
    found = trust(drawn(n), drawn(n, 2, 1), k)
    chance = 1 - (n - k) * (n - k - 1) / ((n - 1) * (2 * n - 3 * k - 1))
    assert found["trustworthiness"]["value"] == pytest.approx(chance, abs=0.02)
    assert found["continuity"]["value"] == pytest.approx(chance, abs=0.02)
    assert found["neighbourhood_preservation"]["value"] == pytest.approx(k / (n - 1), abs=0.005)


def test_above_5000_points_an_estimate_knows_its_error(monkeypatch):
    vectors = drawn(6_000)
    at = vectors[:, :2].copy()
    estimate = trust(vectors, at, seed=3)
    assert estimate == trust(vectors, at, seed=3)
    assert estimate != trust(vectors, at, seed=4)
    monkeypatch.setattr(measures, "EXACT", 6_000)
    exact = trust(vectors, at)
    for name in NAMES:
        assert estimate[name]["kind"] == "estimate"
        assert (estimate[name]["queries"], estimate[name]["of"]) == (2_000, 6_000)
        assert exact[name]["kind"] == "exact"
        off = abs(estimate[name]["value"] - exact[name]["value"])
        assert 0 < off < 4 * estimate[name]["error"] < 0.02


def test_blocks_do_not_change_the_numbers(monkeypatch):
    vectors, at = drawn(150, 80), drawn(150, 2, 1)
    whole, seen = trust(vectors, at), []
    monkeypatch.setattr(measures, "BLOCK", 1000)
    parts = trust(vectors, at, progress=lambda share, text: seen.append((share, text)))
    for name in NAMES:
        assert parts[name]["value"] == pytest.approx(whole[name]["value"], abs=1e-12)
    shares = [share for share, _ in seen]
    assert len(seen) > 10
    assert shares == sorted(shares)
    assert seen[-1] == (1, "Neighbours of 150 of 150 points")


def test_few_points_get_fewer_neighbours_and_say_so():
    assert trust(drawn(12), drawn(12, 2))["continuity"]["k"] == 5
    assert trust(drawn(3), drawn(3))["continuity"] == {
        "value": 1.0,
        "error": None,
        "kind": "exact",
        "k": 1,
        "queries": 3,
        "of": 3,
        "protocol": "1 nearest neighbour by Euclidean distance, mean over all 3 points",
    }


def test_turned_copies_are_stable_and_noise_is_not():
    at = drawn(300, 2)
    turn = np.linalg.qr(drawn(2, 2, 5))[0]
    same = stability([at, 2.5 * at @ turn, at[:, ::-1] - 4], k=10)
    assert same["value"] == 1
    assert same["error"] == 0
    assert same["pairs"] == [1, 1, 1]
    other = stability([at, drawn(300, 2, 1)], k=10)
    assert other["value"] == pytest.approx(10 / 299, abs=0.01)
    assert other["error"] is None


def test_the_error_of_stability_is_the_jackknife_over_seeds():
    maps = [drawn(200, 2) + s * drawn(200, 2, 7 + i) for i, s in enumerate((0.05, 0.1, 0.4))]
    found = stability(maps, k=8)
    pairs = np.array(found["pairs"])
    assert found["value"] == pytest.approx(pairs.mean())
    assert found["error"] == pytest.approx(np.sqrt(2 / 3 * np.square(pairs - pairs.mean()).sum()))


@pytest.mark.parametrize(
    ("vectors", "at", "k"),
    [
        (drawn(2), drawn(2, 2), 15),
        (drawn(9), drawn(8, 2), 15),
        (drawn(9), drawn(9, 2), 0),
        (np.where(drawn(9) > 1, np.nan, drawn(9)), drawn(9, 2), 3),
        (drawn(9), np.full((9, 2), np.inf), 3),
    ],
)
def test_what_cannot_be_measured_is_a_sentence(vectors, at, k):
    with pytest.raises(BadInput, match=r"\.$"):
        trust(vectors, at, k)


def test_stability_needs_maps_of_the_same_points():
    with pytest.raises(BadInput, match="two at least"):
        stability([drawn(9, 2)])
    with pytest.raises(BadInput, match="belong together"):
        stability([drawn(9, 2), drawn(8, 2)])

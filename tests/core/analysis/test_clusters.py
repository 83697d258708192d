"""Clusters: found where they are, the same each time, and set against the classes as the textbooks do."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from core.analysis import clusters
from core.analysis.clusters import agreement, hdbscan, kmeans
from core.errors import BadInput

SIZES = (120, 60, 30)


@pytest.fixture(scope="module")
def blobs():
    """Three clusters far apart in 80 numbers, the smallest first, and what they are."""
    random = np.random.default_rng(0)
    y = np.repeat([2, 1, 0], SIZES[::-1])
    centres = 20 * random.normal(size=(3, 80))
    return (centres[y] + random.normal(size=(len(y), 80))).astype(np.float32), y


def test_both_find_clusters_that_are_far_apart_and_number_them_by_size(blobs):
    vectors, y = blobs
    assert (kmeans(vectors, 3, seed=1) == y).all()
    found = hdbscan(vectors, 10)
    inside = found >= 0
    assert inside.mean() > 0.9
    assert (found[inside] == y[inside]).all()
    for labels in (found, kmeans(vectors, 3)):
        assert labels.dtype == np.int32


def test_the_same_seed_gives_the_same_clusters():
    noise = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)
    assert (kmeans(noise, 7, 4) == kmeans(noise, 7, 4)).all()
    counts = np.bincount(kmeans(noise, 7, 4))
    assert len(counts) == 7
    assert (np.diff(counts) <= 0).all()
    assert (hdbscan(noise, 5) == hdbscan(noise, 5)).all()


def test_agreement_is_scikit_learns_and_purity_by_hand():
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, -1, -1, 0])
    y = np.array([0, 0, 0, 1, 1, 1, 0, 2, 2, 2, 0, -1])
    found = agreement(labels, y)
    assert found["sentence"] == ""
    value = {name: figure["value"] for name, figure in found["figures"].items()}
    both = (labels >= 0) & (y >= 0)
    assert value["purity"] == pytest.approx((3 + 2 + 2) / 9)
    assert value["nmi"] == pytest.approx(normalized_mutual_info_score(y[both], labels[both]))
    assert value["ari"] == pytest.approx(adjusted_rand_score(y[both], labels[both]))
    assert value["noise_share"] == pytest.approx(2 / 12)
    assert value["clusters"] == 3
    for figure in found["figures"].values():
        assert figure["kind"] == "exact"
        assert figure["unit"]
        assert figure["protocol"]
    assert "9 examples" in found["figures"]["purity"]["protocol"]


def test_perfect_agreement_does_not_depend_on_the_numbering():
    y = np.repeat([0, 1, 2], 10)
    found = agreement((y + 1) % 3, y)["figures"]
    assert [found[name]["value"] for name in ("purity", "nmi", "ari")] == pytest.approx([1, 1, 1])


@pytest.mark.parametrize(
    ("labels", "y", "says"),
    [
        ([0, 1, -1], None, "no classes"),
        ([0, 1, -1], [-1, -1, -1], "no classes"),
        ([0, 1, -1], [4, 4, 4], "one class"),
        ([0, 0, -1], [4, 4, 3], "one class"),
        ([-1, -1, -1], [0, 1, 2], "noise"),
        ([-1, 0, -1], [0, -1, 2], "both"),
    ],
)
def test_where_agreement_means_nothing_a_sentence_says_so(labels, y, says):
    found = agreement(np.array(labels), None if y is None else np.array(y))
    assert says in found["sentence"]
    assert set(found["figures"]) == {"clusters", "noise_share"}


def test_what_cannot_work_is_a_sentence(blobs):
    vectors, _ = blobs
    for k in (1, 101):
        with pytest.raises(BadInput, match="between 2 and 100 clusters"):
            kmeans(vectors, k)
    with pytest.raises(BadInput, match="2 different points cannot make 3"):
        kmeans(np.repeat(vectors[:2], 5, axis=0), 3)
    for size in (1, len(vectors) + 1):
        with pytest.raises(BadInput, match="between 2 and 210"):
            hdbscan(vectors, size)
    broken = vectors.copy()
    broken[3, 3] = np.nan
    for method in (kmeans, hdbscan):
        with pytest.raises(BadInput, match="not numbers"):
            method(broken, 5)
        with pytest.raises(BadInput, match="the same"):
            method(np.ones_like(vectors), 5)
    with pytest.raises(BadInput, match="at most 14,000, not 15,000"):
        hdbscan(np.zeros((15_000, 80), np.float32), 5)


def test_wide_vectors_keep_their_first_50_components(blobs):
    vectors, _ = blobs
    scores = clusters.reduced(vectors)
    assert scores.shape == (210, 50)
    spread = scores.var(axis=0)
    assert (np.diff(spread) < 0).all()
    assert spread.sum() < vectors.var(axis=0).sum()
    assert (clusters.reduced(vectors[:, :50]) == vectors[:, :50]).all()

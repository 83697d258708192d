import numpy as np
import pytest
from sklearn.decomposition import PCA

from core.analysis.maps import components, own, pca
from core.errors import BadInput
from tests.core.analysis.maps.blobs import plane


def fit(vectors, dims=2, **options):
    return pca.fit(vectors.astype(np.float32), pca.Settings(), dims, **options)


def test_the_axes_of_a_plane_are_found_and_so_are_their_shares():
    vectors, axes = plane()
    found = fit(vectors)
    turned = found.state["axes"] @ axes[:2].T
    assert np.abs(turned) == pytest.approx(np.eye(2), abs=1e-5)
    whole = 25 + 4 + 0.01
    assert found.facts["explained_variance_ratio"] == pytest.approx([25 / whole, 4 / whole])
    assert found.facts["explained_variance"] == pytest.approx(29 / whole)
    assert found.facts["exact"] is True
    assert np.var(found.at, axis=0, ddof=1) == pytest.approx([25, 4], rel=1e-4)
    assert found.at.mean(axis=0) == pytest.approx([0, 0], abs=1e-5)
    assert found.frames is None


@pytest.mark.parametrize("shape", [(200, 30), (20, 300)])
def test_places_are_those_of_scikit_learn_up_to_the_sign(shape):
    vectors = np.random.default_rng(1).normal(size=shape) * np.linspace(3, 1, shape[1])
    found = fit(vectors, 3)
    theirs = PCA(3, svd_solver="full").fit(vectors)
    assert np.abs(found.at) == pytest.approx(np.abs(theirs.transform(vectors)), abs=1e-3)
    shares = theirs.explained_variance_ratio_
    assert found.facts["explained_variance_ratio"] == pytest.approx(shares, rel=1e-4)


def test_the_largest_loading_is_positive_unless_an_earlier_map_points_the_other_way():
    vectors, _ = plane()
    found = fit(vectors)
    axes = found.state["axes"]
    assert (axes[np.arange(2), np.abs(axes).argmax(axis=1)] > 0).all()
    opposite = fit(vectors, start=found.at * [-1, 1])
    assert np.array_equal(opposite.at, found.at * np.float32([-1, 1]))
    # The places that the axes say are those of the map, whichever way they point.
    again = pca.place(vectors.astype(np.float32), opposite, pca.Settings(), vectors)
    assert again == pytest.approx(opposite.at, abs=1e-4)


def test_back_is_the_inverse_on_the_plane():
    vectors, _ = plane()
    found = fit(vectors)
    at = np.float32([[0, 0], [3, -2], [100, 50]])
    there = pca.back(found, at)
    assert there.shape == (3, 6)
    assert there.dtype == np.float32
    assert there[0] == pytest.approx(vectors.mean(axis=0), abs=1e-4)
    assert pca.place(vectors, found, pca.Settings(), there) == pytest.approx(at, abs=1e-3)


def test_with_as_many_axes_as_numbers_nothing_is_lost():
    vectors = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    found = fit(vectors, 3)
    assert pca.back(found, found.at) == pytest.approx(vectors, abs=1e-5)
    assert found.facts["explained_variance"] == pytest.approx(1)


def test_many_long_vectors_are_done_by_random_projections_the_same_every_time(monkeypatch):
    monkeypatch.setattr(components, "EXACT", 100)
    random = np.random.default_rng(0)
    vectors = random.normal(size=(300, 5)) * [9, 5, 1, 1, 1] @ random.normal(size=(5, 200))
    found, again = fit(vectors), fit(vectors)
    assert found.facts["exact"] is False
    assert np.array_equal(found.at, again.at)
    exact = PCA(2, svd_solver="full").fit(vectors)
    shares = exact.explained_variance_ratio_
    assert found.facts["explained_variance_ratio"] == pytest.approx(shares, rel=1e-3)


def test_long_vectors_come_down_to_fifty_components():
    random = np.random.default_rng(0)
    vectors = (random.normal(size=(200, 5)) @ random.normal(size=(5, 80))).astype(np.float32)
    state, facts = components.reduction(vectors)
    assert facts == {"reduced_to": 50, "reduced_keeps": pytest.approx(1)}
    low = components.lowered(vectors, state)
    assert low.shape == (200, 50)
    before = np.linalg.norm(vectors[0] - vectors[1:], axis=1)
    assert np.linalg.norm(low[0] - low[1:], axis=1) == pytest.approx(before, rel=1e-3)
    assert components.reduction(vectors[:, :50]) == ({}, {})
    assert np.array_equal(components.lowered(vectors[:, :50], {}), vectors[:, :50])


def test_a_plane_needs_vectors_of_two_numbers():
    with pytest.raises(BadInput, match="dims: 100 points of 1 numbers have 1 axes at most"):
        pca.check(pca.Settings(), 100, 1, 2)
    with pytest.raises(BadInput, match="3 points of 10 numbers have 2 axes"):
        pca.check(pca.Settings(), 3, 10, 3)


def test_new_points_must_be_of_the_same_kind():
    vectors, _ = plane()
    found = fit(vectors)
    with pytest.raises(BadInput, match="vectors of 6 numbers; the new ones have 5"):
        pca.place(vectors, found, pca.Settings(), vectors[:, :5])
    with pytest.raises(BadInput, match="not numbers"):
        pca.place(vectors, found, pca.Settings(), np.full((1, 6), np.nan))


def test_the_code_as_it_is_is_not_touched():
    vectors = np.random.default_rng(0).normal(3, 1, size=(20, 2)).astype(np.float32)
    found = own.fit(vectors, own.Settings(), 2)
    assert np.array_equal(found.at, vectors)
    assert np.array_equal(own.back(found, vectors[:4]), vectors[:4])
    assert np.array_equal(own.place(vectors, found, own.Settings(), vectors[:4]), vectors[:4])
    with pytest.raises(BadInput, match="Only vectors of 3 numbers") as wrong:
        own.check(own.Settings(), 20, 2, 3)
    assert list(wrong.value.fields) == ["method"]

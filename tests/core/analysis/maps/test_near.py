import numpy as np
import pytest
from scipy.spatial.distance import cdist

from core.analysis.maps import near
from tests.core.analysis.maps.blobs import blobs


@pytest.mark.parametrize(
    ("metric", "scipys"),
    [("euclidean", "euclidean"), ("cosine", "cosine"), ("manhattan", "cityblock")],
)
@pytest.mark.parametrize("d", [5, 30])
def test_neighbours_are_those_of_all_distances(metric, scipys, d, monkeypatch):
    monkeypatch.setattr(near, "BLOCK", 7)
    vectors, _ = blobs(each=20, d=d)
    apart = cdist(vectors, vectors, scipys)
    np.fill_diagonal(apart, np.inf)
    told = []
    neighbours = near.Neighbours(vectors, metric)
    rows, far = neighbours.of_each(6, lambda share, text: told.append(share))
    assert np.array_equal(rows, np.argsort(apart, axis=1)[:, :6])
    assert far == pytest.approx(np.sort(apart, axis=1)[:, :6], abs=1e-4)
    assert told[-1] == 1
    new = vectors[:4] + 0.5
    found, away = neighbours.of_new(new, 3)
    apart = cdist(new, vectors, scipys)
    assert np.array_equal(found, np.argsort(apart, axis=1)[:, :3])
    assert away == pytest.approx(np.sort(apart, axis=1)[:, :3], abs=1e-4)


def test_equal_vectors_are_each_others_neighbours_and_never_their_own():
    vectors = np.repeat(blobs(each=2)[0], 10, axis=0)
    rows, far = near.Neighbours(vectors, "euclidean").of_each(5)
    assert (rows != np.arange(60)[:, None]).all()
    assert (rows // 10 == np.arange(60)[:, None] // 10).all()
    assert (far == 0).all()

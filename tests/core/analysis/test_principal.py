"""Exact PCA against scikit-learn's, at every size at once."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from core import datasets
from core.analysis import principal


@pytest.mark.parametrize("name", ["digits", "plane3d"])
def test_errors_and_projections_are_those_of_scikit_learn(name):
    data = datasets.load(name, {})
    scale = 255 if data.kind == "images" else 1
    rows = data.splits["test"]
    x = data.x.reshape(len(data.x), -1).astype(np.float64) / scale
    basis = principal.fitted(data)
    errors = principal.mean_errors(basis, data, rows)
    assert len(errors) == x.shape[1] + 1
    for k in (1, 2, x.shape[1] - 1):
        theirs = PCA(k, svd_solver="full").fit(x[data.splits["train"]])
        back = theirs.inverse_transform(theirs.transform(x[rows]))
        assert errors[k] == pytest.approx(np.square(back - x[rows]).mean(), rel=1e-6)
        ours = basis.back(basis.scores(torch.from_numpy(x[rows]), k))
        assert np.allclose(ours, back, atol=1e-5)
    assert (np.diff(errors) <= 0).all()
    assert errors[-1] == 0


def test_a_size_of_nought_leaves_the_distance_from_the_training_mean():
    data = datasets.load("plane3d", {"n": 500})
    errors = principal.mean_errors(principal.fitted(data), data, data.splits["test"])
    away = data.x[data.splits["test"]] - data.x[data.splits["train"]].mean(0, dtype=np.float64)
    assert errors[0] == pytest.approx(np.square(away).mean(), rel=1e-6)


def test_the_basis_is_fitted_once_a_data_set():
    data = datasets.load("plane3d", {"n": 500})
    assert principal.fitted(data) is principal.fitted(data)

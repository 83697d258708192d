"""Densities of codes: fitted to what is known, drawn from as they say, whole where a unit is dead."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from core.analysis import code_densities
from core.analysis.code_densities import fitted, standard
from core.errors import BadInput

COVARIANCE = np.array([[2.0, 1.2], [1.2, 1.0]])


@pytest.fixture(scope="module")
def tilted():
    return np.random.default_rng(0).multivariate_normal([3, -1], COVARIANCE, 4000)


@pytest.fixture(scope="module")
def clusters():
    random = np.random.default_rng(1)
    centres = np.array([[0.0, 0], [100, 0], [0, 200]])
    return centres[random.choice(3, 3000, p=[0.5, 0.3, 0.2])] + random.normal(size=(3000, 2))


def test_a_full_gaussian_finds_mean_and_covariance(tilted):
    found = fitted(tilted, "full")
    assert found.means[0] == pytest.approx([3, -1], abs=0.1)
    assert found.covariances[0] == pytest.approx(COVARIANCE, abs=0.12)
    drawn = found.draw(20_000, 0)
    assert np.cov(drawn.T) == pytest.approx(COVARIANCE, abs=0.15)
    assert drawn.mean(0) == pytest.approx([3, -1], abs=0.1)


def test_a_diagonal_one_leaves_the_correlation_out(tilted):
    found = fitted(tilted, "diagonal")
    assert found.covariances[0][0, 1] == 0
    assert np.corrcoef(found.draw(20_000, 0).T)[0, 1] == pytest.approx(0, abs=0.03)
    assert found.nats(tilted).mean() < fitted(tilted, "full").nats(tilted).mean() - 0.3


def test_a_mixture_finds_the_clusters_whatever_their_size(clusters):
    for scale in (1.0, 1e-3, 1e4):
        found = fitted(scale * clusters, "mixture", 3)
        order = np.argsort(-found.weights)
        assert found.weights[order] == pytest.approx([0.5, 0.3, 0.2], abs=0.03)
        assert found.means[order] / scale == pytest.approx(
            np.array([[0, 0], [100, 0], [0, 200]]), abs=0.2
        )
        apart = found.draw(500, 0)[:, None] / scale - found.means / scale
        assert np.linalg.norm(apart, axis=2).min(1).max() < 6


def test_the_density_is_the_known_one(tilted):
    found = fitted(tilted, "full")
    known = multivariate_normal(found.means[0], found.covariances[0]).logpdf(tilted[:50])
    assert found.nats(tilted[:50]) == pytest.approx(known)
    z = np.random.default_rng(0).normal(size=(20, 3))
    assert standard(3, 2.0).nats(z) == pytest.approx(
        multivariate_normal(cov=4 * np.eye(3)).logpdf(z)
    )


def test_a_mixture_integrates_to_one():
    codes = np.random.default_rng(0).normal(size=(300, 1)) * 2
    found = fitted(codes, "mixture", 4)
    line = np.linspace(-20, 20, 4001)
    assert np.exp(found.nats(line[:, None])).sum() * 0.01 == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("kind", code_densities.KINDS)
def test_a_dead_unit_stays_where_it_is(kind):
    codes = np.random.default_rng(0).normal(size=(500, 4))
    codes[:, 2] = 7.0
    found = fitted(codes, kind, 5)
    drawn = found.draw(200, 0)
    assert drawn[:, 2] == pytest.approx(7, abs=0.02)
    assert np.isfinite(found.nats(codes)).all()
    assert np.isfinite(fitted(np.zeros((50, 3)), kind, 2).draw(10, 0)).all()


def test_draws_follow_the_seed(clusters):
    found = fitted(clusters, "mixture", 3)
    assert np.array_equal(found.draw(9, 4), found.draw(9, 4))
    assert not np.array_equal(found.draw(9, 4), found.draw(9, 5))
    again = fitted(clusters, "mixture", 3)
    assert np.array_equal(found.means, again.means)


def test_too_few_codes_and_other_kinds_are_refused():
    with pytest.raises(BadInput, match="too few"):
        fitted(np.zeros((5, 2)), "mixture", 10)
    with pytest.raises(BadInput, match="kind: one of"):
        fitted(np.zeros((50, 2)), "square")

"""Densities fitted to the codes of a trained model, from which new codes are drawn.

A plain autoencoder says nothing of how its codes are spread; a density fitted afterwards makes a generative model of
it all the same (Ghosh et al. 2020, "From variational to deterministic autoencoders", section 4, with a mixture of ten
Gaussians). All in float64, each fit a function of the codes and the seed.
"""

from dataclasses import dataclass

import numpy as np

from core.errors import BadInput

__all__ = ["KINDS", "Density", "fitted", "standard"]

KINDS = ("diagonal", "full", "mixture")
# Of the liveliest unit's variance: what a unit that never moves is given, so that a density exists.
FLOOR = 1e-6
ROUNDS = 100


@dataclass(frozen=True)
class Density:
    """A mixture of Gaussians: ``weights`` (k,), ``means`` (k, d), ``covariances`` (k, d, d)."""

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    def draw(self, n: int, seed: int) -> np.ndarray:
        """``n`` codes (n, d), the same for the same seed."""
        random = np.random.default_rng(seed)
        at = np.minimum(
            np.searchsorted(np.cumsum(self.weights), random.random(n)), len(self.weights) - 1
        )
        noise = random.standard_normal((n, self.means.shape[1]))
        roots = np.linalg.cholesky(self.covariances)
        return self.means[at] + np.einsum("nij,nj->ni", roots[at], noise)

    def nats(self, z: np.ndarray) -> np.ndarray:
        """The logarithm of the density at each of ``z`` (n, d): (n,) nats, exact."""
        from scipy.special import logsumexp

        parts = []
        for mean, covariance in zip(self.means, self.covariances, strict=True):
            root = np.linalg.cholesky(covariance)
            scaled = np.linalg.solve(root, (np.asarray(z, np.float64) - mean).T)
            log_det = 2 * np.log(np.diag(root)).sum()
            parts.append(-0.5 * ((scaled**2).sum(0) + log_det + len(mean) * np.log(2 * np.pi)))
        with np.errstate(divide="ignore"):
            return logsumexp(np.stack(parts, 1) + np.log(self.weights), axis=1)


def standard(d: int, std: float = 1.0) -> Density:
    """The prior N(0, std²·I) over codes of ``d`` numbers."""
    return Density(np.ones(1), np.zeros((1, d)), std**2 * np.eye(d)[None])


def fitted(codes: np.ndarray, kind: str, components: int = 10, seed: int = 0) -> Density:
    """The density of a ``kind`` that makes ``codes`` (N, d) likeliest: maximum likelihood, by EM for a mixture.

    ``diagonal``: each unit on its own. ``full``: one Gaussian with all covariances. ``mixture``: so many full ones
    (scikit-learn, begun by k-means with ``seed``; EM finds a local maximum).
    """
    if kind not in KINDS:
        raise BadInput(f"kind: one of {', '.join(KINDS)}, not {kind!r}.")
    z = codes.astype(np.float64)
    if len(z) < 2 or (kind == "mixture" and len(z) < components):
        raise BadInput(f"codes: {len(z)} are too few to fit this density to.")
    variance = z.var(axis=0)
    floor = max(FLOOR * float(variance.max()), np.finfo(np.float64).tiny ** 0.5)
    mean = z.mean(axis=0)[None]
    if kind == "diagonal":
        return Density(np.ones(1), mean, np.diag(variance + floor)[None])
    if kind == "full":
        covariance = np.cov(z, rowvar=False, bias=True).reshape(len(variance), -1)
        return Density(np.ones(1), mean, (covariance + floor * np.eye(len(variance)))[None])
    return _mixture(z, components, seed, float(np.sqrt(variance.max())) or 1.0)


def _mixture(z: np.ndarray, components: int, seed: int, scale: float) -> Density:
    """Fitted to codes of about unit size: scikit-learn's floor under the variances is absolute."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(
        components, max_iter=ROUNDS, reg_covar=FLOOR, random_state=seed, init_params="kmeans"
    )
    with warnings.catch_warnings():
        # The last round is a mixture too; codes that hardly differ have fewer clusters than components.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(z / scale)
    return Density(model.weights_, scale * model.means_, scale**2 * model.covariances_)

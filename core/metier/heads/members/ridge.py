"""Ridge regression of every class against the rest, also of more rows than a matrix of all pairs
has room for."""

from __future__ import annotations

import numpy as np
import scipy.linalg
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.utils import gen_batches
from sklearn.utils.extmath import safe_sparse_dot

from metier.heads.features import Matrix, dense
from metier.heads.inputs import Floats, Rows
from metier.heads.members.scorer import (
    KernelScorer,
    Learner,
    LinearScorer,
    Weights,
    balanced,
    signs,
    weights,
)

MOST_PAIRED = 4_000
"""Rows up to which all pairs are compared: time grows with their cube, memory with their square."""

LANDMARKS = 2_000
"""Rows that others are compared with where there are more."""

_BATCH = 4_096
_JITTER = 1e-8


def radial_ridge(gamma: float, alpha: float) -> Learner:
    """Ridge regression on radial similarities of dense features.

    Of more than `MOST_PAIRED` rows the result is linear in the similarities to `LANDMARKS` of them,
    about as many of each class: the Nystroem method, of which Rudi, Camoriano and Rosasco (2015),
    Less is more, show that it loses nothing with enough of them.

    Args:
        gamma: the similarity of two rows is exp(-gamma x squared distance).
        alpha: regularization.
    """

    def learn(features: Matrix, targets: Rows, count: int) -> KernelScorer:
        rows = weights(features)
        if len(rows) > MOST_PAIRED:
            shares = balanced(targets, count)
            chosen = np.random.default_rng(0).choice(
                len(rows), LANDMARKS, replace=False, p=shares / shares.sum()
            )
            landmarks = rows[np.sort(chosen)]
            dual = _dual(rows, landmarks, signs(targets, count), shares, gamma, alpha)
            return KernelScorer(landmarks, weights(dual), gamma)
        model = KernelRidge(kernel="rbf", gamma=gamma, alpha=alpha)
        model.fit(rows.astype(np.float64), signs(targets, count), balanced(targets, count))
        return KernelScorer(rows, weights(model.dual_coef_), gamma)

    return learn


def linear_ridge(alpha: float) -> Learner:
    """Ridge regression on features, of which there may be more than rows.

    Args:
        alpha: regularization.
    """

    def learn(features: Matrix, targets: Rows, count: int) -> LinearScorer:
        if features.shape[0] > MOST_PAIRED:
            plain = Ridge(alpha, fit_intercept=False, solver="sparse_cg", tol=1e-6)
            plain.fit(features, signs(targets, count), balanced(targets, count))
            return LinearScorer(weights(plain.coef_.T), np.zeros(count))
        products = dense(features @ features.T)
        model = KernelRidge(kernel="precomputed", alpha=alpha)
        model.fit(products, signs(targets, count), balanced(targets, count))
        coefficients = safe_sparse_dot(features.T, model.dual_coef_)
        return LinearScorer(weights(coefficients), np.zeros(count))

    return learn


def _dual(
    rows: Weights, landmarks: Weights, values: Floats, shares: Floats, gamma: float, alpha: float
) -> Floats:
    """Coefficients (m, k) of the similarities to m landmarks with the least loss: the sum of the
    weighted squared errors, and alpha times the squared norm of the function.

    Args:
        rows: (n, d).
        landmarks: (m, d) of them.
        values: (n, k) to come near to.
        shares: (n,) weights of the rows.
        gamma: as of `radial_ridge`.
        alpha: as of `radial_ridge`.
    """
    within = rbf_kernel(landmarks, gamma=gamma).astype(np.float64)
    products = alpha * within
    products[np.diag_indices_from(products)] += _JITTER * len(rows)
    right = np.zeros((len(landmarks), values.shape[1]))
    for batch in gen_batches(len(rows), _BATCH):
        similar = rbf_kernel(rows[batch], landmarks, gamma=gamma).astype(np.float64)
        weighted = similar.T * shares[batch]
        products += weighted @ similar
        right += weighted @ values[batch]
    return np.asarray(scipy.linalg.solve(products, right, assume_a="pos"))

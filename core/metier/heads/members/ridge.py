"""Kernel ridge regression of every class against the rest: one solution for all classes."""

from __future__ import annotations

import numpy as np
from sklearn.kernel_ridge import KernelRidge
from sklearn.utils.extmath import safe_sparse_dot

from metier.heads.features import Matrix, dense
from metier.heads.inputs import Rows
from metier.heads.members.scorer import (
    KernelScorer,
    Learner,
    LinearScorer,
    balanced,
    signs,
    weights,
)


def radial_ridge(gamma: float, alpha: float) -> Learner:
    """Ridge regression on radial similarities of dense features.

    Args:
        gamma: the similarity of two rows is exp(-gamma x squared distance).
        alpha: regularization.
    """

    def learn(features: Matrix, targets: Rows, count: int) -> KernelScorer:
        rows = weights(features)
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
        products = dense(features @ features.T)
        model = KernelRidge(kernel="precomputed", alpha=alpha)
        model.fit(products, signs(targets, count), balanced(targets, count))
        coefficients = safe_sparse_dot(features.T, model.dual_coef_)
        return LinearScorer(weights(coefficients), np.zeros(count))

    return learn

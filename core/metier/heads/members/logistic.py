"""Logistic regression: on features as they are, or scaled by how they tell classes apart."""

from __future__ import annotations

import numpy as np
import scipy.sparse
from sklearn.linear_model import LogisticRegression

from metier.heads.features import Matrix
from metier.heads.inputs import Floats, Rows
from metier.heads.members.scorer import Learner, LinearScorer, two_sided, weights

_ITERATIONS = 1000

_SMOOTHING = 0.1
"""Added to the sum of each feature, so that one that is not in a class has a finite ratio."""


def logistic(strength: float) -> Learner:
    """Multinomial logistic regression.

    Args:
        strength: inverse regularization, `C` of scikit-learn.
    """

    def learn(features: Matrix, targets: Rows, count: int) -> LinearScorer:
        model = _regression(strength).fit(features, targets)
        coefficients, intercepts = two_sided(model.coef_, model.intercept_)
        return LinearScorer(weights(coefficients.T), intercepts)

    return learn


def ratio_scaled(strength: float) -> Learner:
    """Logistic regression of each class on features scaled by their log-count ratio.

    Wang and Manning (2012), Baselines and bigrams, with weights of TF-IDF in place of counts and
    logistic regression in place of a support vector machine.
    """

    def learn(features: Matrix, targets: Rows, count: int) -> LinearScorer:
        columns, intercepts = [], []
        for label in range(count):
            ratios = _log_ratios(features, targets == label)
            scaled = features @ scipy.sparse.diags(ratios)
            model = _regression(strength).fit(scaled, targets == label)
            columns.append(model.coef_[0] * ratios)
            intercepts.append(float(model.intercept_[0]))
        return LinearScorer(weights(np.stack(columns, axis=1)), np.array(intercepts), True)

    return learn


def _regression(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=_ITERATIONS, class_weight="balanced")


def _log_ratios(features: Matrix, inside: Rows) -> Floats:
    """(d,) log of the share of each feature in a class, divided by its share in the rest."""
    sums = [
        np.asarray(features[rows].sum(axis=0)).ravel() + _SMOOTHING for rows in (inside, ~inside)
    ]
    ratios: Floats = np.log((sums[0] / sums[0].sum()) / (sums[1] / sums[1].sum()))
    return ratios

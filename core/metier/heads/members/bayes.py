"""Naive Bayes on the terms of texts."""

from __future__ import annotations

import numpy as np
from sklearn.naive_bayes import ComplementNB

from metier.heads.features import Matrix
from metier.heads.inputs import Rows
from metier.heads.members.scorer import Learner, LinearScorer, weights


def complement_bayes(smoothing: float) -> Learner:
    """Complement naive Bayes (Rennie et al. 2003): each class by the terms of the others.

    Args:
        smoothing: added to the sum of each term.
    """

    def learn(features: Matrix, targets: Rows, count: int) -> LinearScorer:
        model = ComplementNB(alpha=smoothing).fit(features, targets)
        return LinearScorer(weights(model.feature_log_prob_.T), np.zeros(count))

    return learn

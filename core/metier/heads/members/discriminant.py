"""Linear discriminant analysis with a covariance that is shrunk toward a sphere."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from metier.heads.features import Matrix, NoFeaturesError
from metier.heads.inputs import Rows
from metier.heads.members.scorer import Learner, LinearScorer, two_sided, weights


def discriminant(shrinkage: float) -> Learner:
    """Linear discriminant analysis: good with few rows of many classes.

    Args:
        shrinkage: share of the sphere in the covariance, in [0, 1].
    """

    def learn(features: Matrix, targets: Rows, count: int) -> LinearScorer:
        if len(targets) <= count:
            raise NoFeaturesError("there are too few rows for a covariance")
        even = np.full(count, 1.0 / count)
        model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage, priors=even)
        with warnings.catch_warnings():
            # the deviation of a class with one row is 0
            warnings.filterwarnings("ignore", message="Only one sample available")
            model.fit(features, targets)
        coefficients, intercepts = two_sided(model.coef_, model.intercept_)
        return LinearScorer(weights(coefficients.T), intercepts)

    return learn

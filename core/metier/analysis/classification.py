"""Classification of vectors by labeled examples. Imports scikit-learn."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

_STRENGTHS = (1.0, 10.0, 100.0)
"""Values of inverse regularization to choose from; the middle one without cross-validation. They
are above the usual 1 because single dimensions of unit vectors differ little."""

_FOLDS = 5

_FLOATS = [np.float32, np.float64]


class ExampleClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression on the vectors of labeled texts, as in the classification workflows.

    The regularization is the one of three values with the least log loss in cross-validation with
    up to five folds. The same rows and `random_state` give the same result.

    Args:
        random_state: seed of the assignment to folds.

    Attributes:
        classes_: (k,) distinct labels, sorted, in the order of the columns of probabilities.
        accuracy_: accuracy in cross-validation, in [0, 1]; None if a label has a single example,
            which cannot be held out.
        C_: chosen inverse regularization.
        n_features_in_: dimensions of the vectors.
    """

    def __init__(self, *, random_state: int | None = 0) -> None:
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit the classifier.

        Args:
            X: (m, dim) vectors, such as those of `TextEmbedder`.
            y: m labels, at least two different ones.

        Raises:
            ValueError: the input has NaN, the numbers of rows and labels differ, or all labels are
                the same.
        """
        rows, labels = validate_data(self, X, y, dtype=_FLOATS)
        check_classification_targets(labels)
        self.classes_, targets, counts = np.unique(labels, return_inverse=True, return_counts=True)
        self.C_, self.accuracy_ = _STRENGTHS[1], None
        if len(counts) > 1 and counts.min() > 1:
            folds = StratifiedKFold(
                min(_FOLDS, int(counts.min())), shuffle=True, random_state=self.random_state
            )
            results = [_cross_validate(rows, targets, folds, strength) for strength in _STRENGTHS]
            _, self.accuracy_, self.C_ = min(results, key=lambda result: result[0])
        self._fitted = _model(self.C_).fit(rows, targets)
        return self

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """Return the (n, k) probabilities of the labels for (n, dim) vectors; rows sum to 1."""
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, dtype=_FLOATS)
        return np.asarray(self._fitted.predict_proba(rows), dtype=np.float64)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Return the (n,) most probable labels; of equal ones the first in `classes_`."""
        probabilities = self.predict_proba(X)
        labels: npt.NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return labels


def _cross_validate(
    rows: npt.NDArray[Any], targets: npt.NDArray[np.intp], folds: StratifiedKFold, strength: float
) -> tuple[float, float, float]:
    """Return the log loss and accuracy on held-out examples, and the strength itself."""
    probabilities = cross_val_predict(
        _model(strength), rows, targets, cv=folds, method="predict_proba"
    )
    correct = probabilities.argmax(axis=1) == targets
    return float(log_loss(targets, probabilities)), float(correct.mean()), strength


def _model(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=1000)

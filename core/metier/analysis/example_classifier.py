"""Labels learned from examples: a logistic regression whose strength the examples choose."""

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
"""Inverse regularisation tried where there are examples to try it on, else the middle one. Unit
vectors differ by little in each number, so that weaker ones than usual fit best."""

_FOLDS = 5

_FLOATS = [np.float32, np.float64]


class ExampleClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression on vectors of labelled texts, as the workflows that classify fit it.

    The regularisation is the one of three with the least log loss on examples held out, in as
    many as five folds. The same rows and `random_state` give the same result.

    Args:
        random_state: draws the folds.

    Attributes:
        classes_: (k,) the different labels, sorted; the columns of probabilities.
        accuracy_: share of the examples that were labelled right when held out, in [0, 1]; None
            where a label has a single example, which cannot be.
        C_: inverse regularisation that was chosen.
        n_features_in_: numbers of a vector.
    """

    def __init__(self, *, random_state: int | None = 0) -> None:
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Learn.

        Args:
            X: (m, dim) vectors, such as `TextEmbedder` gives.
            y: m labels, two or more different ones.

        Raises:
            ValueError: what scikit-learn refuses: NaN, another number of labels than of rows, a
                single label.
        """
        rows, labels = validate_data(self, X, y, dtype=_FLOATS)
        check_classification_targets(labels)
        self.classes_, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
        self.C_, self.accuracy_ = _STRENGTHS[1], None
        if len(counts) > 1 and counts.min() > 1:
            folds = StratifiedKFold(
                min(_FOLDS, int(counts.min())), shuffle=True, random_state=self.random_state
            )
            tried = [_held_out(rows, places, folds, strength) for strength in _STRENGTHS]
            _, self.accuracy_, self.C_ = min(tried, key=lambda one: one[0])
        self._fitted = _model(self.C_).fit(rows, places)
        return self

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """(n, k) the probability of each label for (n, dim) vectors; rows sum to 1."""
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, dtype=_FLOATS)
        return np.asarray(self._fitted.predict_proba(rows), dtype=np.float64)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """(n,) the most probable label; of equal ones the first of `classes_`."""
        probabilities = self.predict_proba(X)
        found: npt.NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return found


def _held_out(
    rows: npt.NDArray[Any], places: npt.NDArray[np.intp], folds: StratifiedKFold, strength: float
) -> tuple[float, float, float]:
    """Log loss and accuracy on examples held out, and the strength they were found with."""
    probabilities = cross_val_predict(
        _model(strength), rows, places, cv=folds, method="predict_proba"
    )
    right = probabilities.argmax(axis=1) == places
    return float(log_loss(places, probabilities)), float(right.mean()), strength


def _model(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=1000)

"""The learner of heads as an estimator of scikit-learn, for vectors alone."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from metier.heads.inputs import HeadInputs
from metier.heads.learning import learn

_FLOATS = [np.float32, np.float64]


class ExampleClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Learns labels from the vectors of examples, as a `Head` does without texts and columns.

    Logistic regression, discriminant analysis and kernel ridge regression are tried in
    cross-validation with up to five folds; those with the least log loss are weighed and
    calibrated. The same rows and `random_state` give the same result.

    Args:
        random_state: seed of the assignment to folds.

    Attributes:
        classes_: (k,) distinct labels, sorted, in the order of the columns of probabilities.
        accuracy_: accuracy in cross-validation, in [0, 1]; None if fewer than two labels have two
            different examples, which can be held out.
        members_: names of what was chosen, with their shares, which sum to 1.
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
        self.classes_, targets = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"All {len(labels)} labels are of one class: {self.classes_[0]!r}.")
        seed = 0 if self.random_state is None else self.random_state
        self._learned = learn(HeadInputs(rows), targets, len(self.classes_), seed=seed)
        self.accuracy_ = self._learned.accuracy
        self.members_ = dict(self._learned.pool.shares)
        return self

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """Return the (n, k) probabilities of the labels for (n, dim) vectors; rows sum to 1."""
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, dtype=_FLOATS)
        return self._learned.probabilities(HeadInputs(rows))

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Return the (n,) most probable labels; of equal ones the first in `classes_`."""
        probabilities = self.predict_proba(X)
        labels: npt.NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return labels

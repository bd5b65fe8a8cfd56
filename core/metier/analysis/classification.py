"""Classification of vectors: by label texts, by contrast, or by labeled examples."""

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

Matrix = npt.NDArray[np.float32]

_SCALE = 20.0
"""How sharply cosines are told apart: what sentence encoders are trained with (1 / 0.05)."""


def label_shares(texts: Matrix, labels: Matrix) -> npt.NDArray[np.float64]:
    """How much speaks for each label: the softmax of the cosines, sharpened.

    A share orders the labels of a text. It is no probability: nothing was fitted to it.

    Args:
        texts: (n, dim) unit rows.
        labels: (k, dim) unit rows, one for each label.

    Returns:
        (n, k) float64; rows sum to 1.
    """
    cosines = (texts @ labels.T).astype(np.float64)
    raised = np.exp(_SCALE * (cosines - cosines.max(axis=1, keepdims=True)))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


_NARROWEST = 0.02
"""Least width of the score's slope: below it rounding of the vectors would decide."""

_NEAREST = 2
"""How many examples speak for each side: one alone makes a chance likeness decide."""


def contrast_scores(
    texts: Matrix, signs: Matrix, contrasts: Matrix, neutral: Matrix
) -> npt.NDArray[np.float64]:
    """Score texts between 0 and 1 for showing a sign rather than anything else.

    score = sigmoid((s - max(c, usual)) / width): s is the mean cosine of a text with its two
    nearest signs, c with its two nearest contrasts. `usual` and `width` adapt to the model: the
    mean and the standard deviation of s over neutral texts. 0.5 means undecided. It is a ranking
    score, not a probability.

    Args:
        texts: (n, dim) unit rows.
        signs: (p, dim) unit rows of texts that show the sign, p >= 1.
        contrasts: (c, dim) unit rows of texts that do not show it, denials among them, c >= 1.
        neutral: (m, dim) unit rows of ordinary texts of the field, m >= 2.

    Returns:
        (n,) float64.
    """
    shown = _nearness(texts, signs)
    usual = _nearness(neutral, signs)
    width = max(float(usual.std()), _NARROWEST)
    against = np.maximum(_nearness(texts, contrasts), float(usual.mean()))
    return np.asarray(1.0 / (1.0 + np.exp(-(shown - against) / width)))


def _nearness(texts: Matrix, examples: Matrix) -> npt.NDArray[np.float64]:
    """(n,) mean cosine of each text with its nearest examples."""
    cosines = texts @ examples.T
    nearest = min(_NEAREST, cosines.shape[1])
    best = np.partition(cosines, -nearest, axis=1)[:, -nearest:]
    return np.asarray(best.astype(np.float64).mean(axis=1))


_STRENGTHS = (1.0, 10.0, 100.0)
"""Inverse regularization tried where there are examples to try it on, else the middle one. Unit
vectors differ by little in each number, so that weaker ones than usual fit best."""

_FOLDS = 5

_FLOATS = [np.float32, np.float64]


class ExampleClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression on vectors of labeled texts, as the workflows that classify fit it.

    The regularization is the one of three with the least log loss on examples held out, in as
    many as five folds. The same rows and `random_state` give the same result.

    Args:
        random_state: draws the folds.

    Attributes:
        classes_: (k,) the different labels, sorted; the columns of probabilities.
        accuracy_: share of the examples that were labeled right when held out, in [0, 1]; None
            where a label has a single example, which cannot be.
        C_: inverse regularization that was chosen.
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

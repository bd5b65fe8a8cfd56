"""Classes of vectors: by the nearest label text, or by regression on labelled examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

_SCALE = 20.0
"""How sharply cosines are told apart: what sentence encoders are trained with (1 / 0.05)."""

_STRENGTHS = (1.0, 10.0, 100.0)
"""Inverse regularisation tried where there are examples to try it on, else the middle one. Unit
vectors differ by little in each number, so that weaker ones than usual fit best."""

_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Regression:
    """What labelled examples say about other rows.

    Attributes:
        labels: k different labels, sorted; the columns of `probabilities`.
        probabilities: (n, k) float64; rows sum to 1.
        accuracy: share of the examples that were labelled right by the others, in [0, 1]; None
            where a label has a single example, which cannot be held out.
    """

    labels: tuple[str, ...]
    probabilities: npt.NDArray[np.float64]
    accuracy: float | None


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


def regress(examples: Matrix, labels: list[str], texts: Matrix, *, seed: int = 0) -> Regression:
    """Logistic regression on labelled rows; the same rows and seed give the same result.

    The regularisation is the one of three with the least log loss on examples held out, in as
    many as five folds.

    Args:
        examples: (m, dim) unit rows.
        labels: m labels, two or more different ones.
        texts: (n, dim) unit rows to label.
        seed: draws the folds.
    """
    known, places, counts = np.unique(np.array(labels), return_inverse=True, return_counts=True)
    strength, accuracy = _STRENGTHS[1], None
    if counts.min() > 1:
        tried = [_held_out(examples, places, int(counts.min()), one, seed) for one in _STRENGTHS]
        _, accuracy, strength = min(tried, key=lambda one: one[0])
    fitted = _model(strength).fit(examples, places)
    return Regression(
        labels=tuple(str(label) for label in known),
        probabilities=np.asarray(fitted.predict_proba(texts), dtype=np.float64),
        accuracy=accuracy,
    )


def _held_out(
    examples: Matrix, places: npt.NDArray[np.int64], fewest: int, strength: float, seed: int
) -> tuple[float, float, float]:
    """Log loss and accuracy on examples held out, and the strength they were found with."""
    from sklearn.metrics import log_loss
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(min(_FOLDS, fewest), shuffle=True, random_state=seed)
    probabilities = cross_val_predict(
        _model(strength), examples, places, cv=folds, method="predict_proba"
    )
    right = probabilities.argmax(axis=1) == places
    return float(log_loss(places, probabilities)), float(right.mean()), strength


def _model(strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, max_iter=1000)

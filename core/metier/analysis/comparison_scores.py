"""Scores of vectors by comparison: with the texts of labels, or with signs and contrasts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

_SCALE = 20.0
"""Factor of the cosines before the softmax: the value that sentence encoders are trained with."""


def label_shares(texts: Matrix, labels: Matrix) -> npt.NDArray[np.float64]:
    """Return the softmax of the scaled cosines between texts and labels.

    A share ranks the labels of a text. It is not a calibrated probability.

    Args:
        texts: (n, dim) unit vectors.
        labels: (k, dim) unit vectors, one for each label.

    Returns:
        (n, k) float64; rows sum to 1.
    """
    cosines = (texts @ labels.T).astype(np.float64)
    weights = np.exp(_SCALE * (cosines - cosines.max(axis=1, keepdims=True)))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


_MIN_WIDTH = 0.02
"""Smallest width of the sigmoid: with less, rounding of the vectors would change scores."""

_NEAREST = 2
"""Number of nearest examples to average; a single one can be similar by chance."""


def contrast_scores(
    texts: Matrix, signs: Matrix, contrasts: Matrix, neutral: Matrix
) -> npt.NDArray[np.float64]:
    """Score texts between 0 and 1 by how much more they resemble signs than anything else.

    score = sigmoid((s - max(c, usual)) / width), where s is the mean cosine of a text with its two
    nearest signs, and c with its two nearest contrasts. `usual` and `width` adapt to the model:
    they are the mean and the standard deviation of s over neutral texts. A score of 0.5 means
    undecided. Scores rank texts and are not probabilities.

    Args:
        texts: (n, dim) unit vectors.
        signs: (p, dim) unit vectors of texts that show the sign, p >= 1.
        contrasts: (q, dim) unit vectors of texts that do not show it, such as denials, q >= 1.
        neutral: (m, dim) unit vectors of ordinary texts of the field, m >= 2.

    Returns:
        (n,) float64.
    """
    sign_cosines = _mean_best_cosines(texts, signs)
    usual = _mean_best_cosines(neutral, signs)
    width = max(float(usual.std()), _MIN_WIDTH)
    against = np.maximum(_mean_best_cosines(texts, contrasts), float(usual.mean()))
    return np.asarray(1.0 / (1.0 + np.exp(-(sign_cosines - against) / width)))


def _mean_best_cosines(texts: Matrix, examples: Matrix) -> npt.NDArray[np.float64]:
    """Return the (n,) mean cosines of n texts with their nearest examples."""
    cosines = texts @ examples.T
    count = min(_NEAREST, cosines.shape[1])
    best = np.partition(cosines, -count, axis=1)[:, -count:]
    return np.asarray(best.astype(np.float64).mean(axis=1))

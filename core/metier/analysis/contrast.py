"""Contrast scores: is a text nearer to examples of a thing than to examples of its absence?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

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

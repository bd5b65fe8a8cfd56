"""Contrast scores: is a text nearer to examples of a thing than to examples of its absence?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

_NARROWEST = 0.02
"""Least width of the score's slope: below it rounding of the vectors would decide."""


def contrast_scores(
    texts: Matrix, signs: Matrix, contrasts: Matrix, neutral: Matrix
) -> npt.NDArray[np.float64]:
    """Score texts between 0 and 1 for showing a sign rather than its contrast.

    score = sigmoid((s - max(c, floor)) / width), with s and c the best cosine of the text with a
    sign and with a contrast. `floor` and `width` adapt to the model: they are the mean plus two
    standard deviations, and the standard deviation, of the best cosine neutral texts have with
    a sign. 0.5 means undecided. It is a ranking score, not a probability.

    Args:
        texts: (n, dim) unit rows.
        signs: (p, dim) unit rows of texts that show the sign, p >= 1.
        contrasts: (c, dim) unit rows of texts near it that do not show it; c may be 0.
        neutral: (m, dim) unit rows of ordinary texts of the field, m >= 2.

    Returns:
        (n,) float64.
    """
    found = (texts @ signs.T).max(axis=1).astype(np.float64)
    usual = (neutral @ signs.T).max(axis=1).astype(np.float64)
    width = max(float(usual.std()), _NARROWEST)
    against = np.full(len(found), float(usual.mean()) + 2.0 * width)
    if len(contrasts):
        against = np.maximum(against, (texts @ contrasts.T).max(axis=1))
    return np.asarray(1.0 / (1.0 + np.exp(-(found - against) / width)))

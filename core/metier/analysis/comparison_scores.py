"""Scores of vectors by comparison: with the texts of labels, or with signs and contrasts."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

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


FALSE_ALARMS = 0.01
"""Share of background texts that score 0.5 or more, were their margins normally distributed."""

_MIDDLE = NormalDist().inv_cdf(1 - FALSE_ALARMS)

_MIN_SPREAD = 0.02
"""Smallest standard deviation: with less, rounding of the vectors would change scores."""

_SHARPNESS = 1.5
"""How much nearer examples count more, in standard deviations of the model's cosines."""


class Margins(NamedTuple):
    """How much more texts resemble the signs of a risk than anything else.

    Attributes:
        texts: (n,) of the texts.
        background: (q + m,) of contrasts and neutral texts, each compared with the others.
    """

    texts: npt.NDArray[np.float64]
    background: npt.NDArray[np.float64]


def contrast_margins(texts: Matrix, signs: Matrix, contrasts: Matrix, neutral: Matrix) -> Margins:
    """Compare texts with signs and with the background, which is contrasts and neutral texts.

    The margin is soft(signs) - soft(background), where soft(X) = log(mean(exp(b * cosines with
    X))) / b lies between the mean and the largest cosine with X, and b = 1.5 / (standard deviation
    of the cosines within the background), so that it adapts to the model.

    Args:
        texts: (n, dim) unit vectors.
        signs: (p, dim) unit vectors of texts that show the risk, p >= 1.
        contrasts: (q, dim) unit vectors of texts that do not show it, such as denials, q >= 0.
        neutral: (m, dim) unit vectors of ordinary texts of the field, m >= 2.
    """
    background = np.concatenate([contrasts, neutral])
    within = _cosines(background, background)
    pairs = within[np.triu_indices(len(background), 1)]
    sharpness = _SHARPNESS / max(float(pairs.std()), _MIN_SPREAD)
    np.fill_diagonal(within, -np.inf)  # a text is compared with the others

    def margins(vectors: Matrix, against: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return _soft(_cosines(vectors, signs), sharpness) - _soft(against, sharpness)

    return Margins(margins(texts, _cosines(texts, background)), margins(background, within))


def contrast_scores(risks: Sequence[Margins]) -> npt.NDArray[np.float64]:
    """Score texts between 0 and 1 for each risk, so that a score says the same of every risk.

    score = sigmoid((margin - usual) / spread - z) with z = 2.33. `usual` and `spread` are mean and
    standard deviation of the margins of the background, which shows no risk: halfway between
    those of the risk and the mean of those of all risks, as the background of one risk is too
    small to tell how rare large margins are. So a score says, of every risk and in every model,
    how rare such a margin is among texts that show nothing. Were these margins normally
    distributed, 1 of 100 of them would score 0.5 or more, and 1 of 1,000 would score 0.68. It
    is no probability that a text shows the risk.

    Args:
        risks: of each risk the margins, all of the same n texts; at least one.

    Returns:
        (risks, n) float64.
    """
    usual = np.array([margins.background.mean() for margins in risks])
    spread = np.array([max(margins.background.std(), _MIN_SPREAD) for margins in risks])
    usual, spread = (usual + usual.mean()) / 2, (spread + spread.mean()) / 2
    texts = np.stack([margins.texts for margins in risks])
    deviations = (texts - usual[:, None]) / spread[:, None]
    return np.asarray(1.0 / (1.0 + np.exp(_MIDDLE - deviations)))


def nearest(
    texts: Matrix, examples: Matrix
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Return for n texts the (n,) rows of their nearest examples, and (n,) cosines with them."""
    cosines = _cosines(texts, examples)
    rows = cosines.argmax(axis=1)
    return rows, cosines[np.arange(len(texts)), rows]


def _cosines(texts: Matrix, examples: Matrix) -> npt.NDArray[np.float64]:
    return np.asarray((texts @ examples.T).astype(np.float64))


def _soft(cosines: npt.NDArray[np.float64], sharpness: float) -> npt.NDArray[np.float64]:
    """Return the (n,) soft maxima of (n, k) cosines; -inf stands for no example."""
    highest = cosines.max(axis=1, keepdims=True)
    weights = np.exp(sharpness * (cosines - highest))
    counts = np.isfinite(cosines).sum(axis=1)
    return np.asarray(highest[:, 0] + np.log(weights.sum(axis=1) / counts) / sharpness)

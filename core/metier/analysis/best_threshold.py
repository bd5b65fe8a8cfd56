"""Thresholds of scores chosen by labels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class ThresholdChoice(NamedTuple):
    """A threshold with what it gives on the labels that it was chosen by.

    Attributes:
        threshold: least score that counts, with four decimals.
        texts: from there on.
        precision: share of right ones among the texts from there on.
        recall: share of the right ones that are among them.
    """

    threshold: float
    texts: int
    precision: float
    recall: float


def best_threshold(
    truth: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64]
) -> ThresholdChoice:
    """The threshold with the largest F1, the harmonic mean of precision and recall.

    It lies midway between two scores, or is the highest; of several the highest is taken, which
    flags least.

    Args:
        truth: (n,) whether a text is right to flag, at least one of them.
        scores: (n,) in [0, 1].
    """
    values = np.unique(scores)[::-1]  # highest first
    flagged = np.array([(scores >= value).sum() for value in values])
    right = np.array([(truth & (scores >= value)).sum() for value in values])
    f1 = 2 * right / (flagged + truth.sum())
    best = int(f1.argmax())
    following = values[best + 1] if best + 1 < len(values) else 0.0
    threshold = float(np.ceil((values[best] + following) / 2 * 10_000) / 10_000)
    return ThresholdChoice(
        min(threshold, float(values[best])),
        int(flagged[best]),
        float(right[best] / flagged[best]),
        float(right[best] / truth.sum()),
    )

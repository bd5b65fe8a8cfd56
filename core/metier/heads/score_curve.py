"""What every threshold of a score gives on held-out texts: the points of ROC and PR curves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from metier.heads.inputs import Floats

MOST_POINTS = 200
"""Thresholds that are kept, evenly over the ranks of the scores."""


class CurvePosition(NamedTuple):
    """A point of a curve, and the threshold that it is of."""

    x: float
    y: float
    threshold: float


class ScoreCurve(BaseModel):
    """Held-out texts at or above thresholds of the score of one label.

    No text can be told by it, and with up to 200 different scores nothing of their order is lost.

    Attributes:
        label: that the score is of.
        thresholds: scores, the highest first; the last one is the lowest score of all.
        hits: number of texts of the label at each threshold.
        misses: number of other texts at each threshold.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    thresholds: tuple[float, ...]
    hits: tuple[int, ...]
    misses: tuple[int, ...]

    @property
    def base_rate(self) -> float:
        """Share of all texts that is of the label."""
        return self.hits[-1] / (self.hits[-1] + self.misses[-1])

    def roc(self) -> list[CurvePosition]:
        """Share of the other texts (x) and of the label's texts (y) at or above each threshold."""
        hits, misses = self.hits[-1] or 1, self.misses[-1] or 1
        positions = [
            CurvePosition(miss / misses, hit / hits, threshold)
            for threshold, hit, miss in self._rows()
        ]
        return [CurvePosition(0.0, 0.0, 1.0), *positions]

    def precision_recall(self) -> list[CurvePosition]:
        """Recall (x) and precision (y) at each threshold."""
        return [
            CurvePosition(hit / (self.hits[-1] or 1), hit / (hit + miss), threshold)
            for threshold, hit, miss in self._rows()
        ]

    def _rows(self) -> zip[tuple[float, int, int]]:
        return zip(self.thresholds, self.hits, self.misses, strict=True)


def score_curve(label: str, truth: npt.NDArray[np.bool_], scores: Floats) -> ScoreCurve:
    """Return the curve of scores.

    Args:
        label: that they are of.
        truth: (n,) whether a text is of the label.
        scores: (n,).
    """
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) < 0, True))  # equal ones together
    if len(ends) > MOST_POINTS:
        ends = ends[np.linspace(0, len(ends) - 1, MOST_POINTS).round().astype(int)]
    hits = np.cumsum(truth[order])[ends]
    return ScoreCurve(
        label=label,
        thresholds=tuple(round(float(score), 4) for score in scores[order][ends]),
        hits=tuple(map(int, hits)),
        misses=tuple(map(int, ends + 1 - hits)),
    )

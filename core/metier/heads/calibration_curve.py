"""How far scores are from the shares of what came true, in bins of equal width."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from metier.heads.inputs import Floats

_BINS = 10


class CurvePoint(NamedTuple):
    """A bin of scores: their mean, the share of them that came true, and their number."""

    score: float
    share: float
    texts: int


def calibration_curve(truth: npt.NDArray[np.bool_], scores: Floats) -> list[CurvePoint]:
    """Return the bins of scores, of ten of equal width, that are not empty.

    Args:
        truth: (n,) whether what is scored is so.
        scores: (n,) in [0, 1].
    """
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    points = []
    for number in np.unique(bins):
        inside = bins == number
        mean, share = float(scores[inside].mean()), float(truth[inside].mean())
        points.append(CurvePoint(mean, share, int(inside.sum())))
    return points


def calibration_error(truth: npt.NDArray[np.bool_], scores: Floats) -> float:
    """Return the mean distance between score and share in the bins, weighted by their number.

    Naeini, Cooper and Hauskrecht (2015), Obtaining well calibrated probabilities.

    Args:
        truth: as for `calibration_curve`.
        scores: as for `calibration_curve`.
    """
    points = calibration_curve(truth, scores)
    return sum(point.texts * abs(point.score - point.share) for point in points) / len(truth)

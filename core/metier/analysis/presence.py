"""Whether a document holds what is looked for, by the highest score of its passages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_LOGISTIC = np.pi / np.sqrt(3.0)
"""Standard deviation of the logistic distribution of scale 1."""

_TOP = 0.95
_MIN_SPREAD = 1e-3


class ScoreScale(NamedTuple):
    """Scores of one kind of passages.

    Attributes:
        location: (q,) means.
        spread: (q,) standard deviations.
    """

    location: Floats
    spread: Floats


def typical_scale(columns: Sequence[Floats]) -> ScoreScale:
    """The scale of scores most of which are of passages that do not answer.

    It is the median, and the spread of a logistic distribution that has as many scores above the
    95th percentile: the highest ones, which may be of answers, change neither.

    Args:
        columns: the scores for each question, at least one.
    """
    location = np.array([np.median(scores) for scores in columns])
    top = np.array([np.quantile(scores, _TOP) for scores in columns])
    spread = (top - location) / np.log(_TOP / (1.0 - _TOP)) * _LOGISTIC
    return ScoreScale(location, np.maximum(spread, _MIN_SPREAD))


def presence_probabilities(
    highest: Floats, count: float, absent: ScoreScale, present: ScoreScale, prior: float
) -> Floats:
    """(q,) probabilities that one of the passages of a document answers a question.

    The highest of `count` scores is compared with what it would be if none of the passages
    answered, and if one of them did: with F and f of the scores of passages that do not answer, and
    G and g of those that do, both logistic, the ratio of the densities of the highest score is
    G + g F / (count f). By Bayes' rule it becomes a probability.

    Args:
        highest: (q,) the highest score of each question.
        count: passages of the document that are independent of each other.
        absent: scores of passages that do not answer.
        present: scores of passages that do.
        prior: share of the documents that answer a question.
    """
    null = (highest - absent.location) / (absent.spread / _LOGISTIC)
    scale = np.maximum(present.spread, absent.spread) / _LOGISTIC
    own = (highest - present.location) / scale
    ratio = (absent.spread / _LOGISTIC) / scale / max(count, 1.0)
    # log G and log (1 - G) / (1 - F), each without overflow
    log_own = -np.logaddexp(0.0, -own)
    log_rest = np.logaddexp(0.0, null) - np.logaddexp(0.0, own)
    log_odds = log_own + np.log1p(ratio * np.exp(np.minimum(log_rest, 60.0)))
    log_odds += np.log(prior) - np.log1p(-prior)
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))

"""Whether two batches differ: in vectors, scores and rates. Imports scikit-learn."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import ks_2samp, rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from metier.analysis.shares import LEVEL, wilson_interval

Floats = npt.NDArray[np.float64]

_BINS = 10
_DRAWS = 1000
_FOLDS = 5
_UNKNOWN = 0.5
"""The score of a row that nothing tells apart."""

_HALF = 0.5
"""A count that empty bins are given, so that their logarithm exists."""


class Interval(NamedTuple):
    """A figure with the ends of its interval."""

    value: float
    low: float
    high: float


class BatchDifference(NamedTuple):
    """How well a classifier tells two batches apart.

    Attributes:
        auc: of the held-out rows; 0.5 where it cannot tell them apart.
        scores: (n,) held-out probability of each new row to be of the new batch.
    """

    auc: Interval
    scores: Floats


def tell_apart(
    reference: npt.NDArray[np.float32], batch: npt.NDArray[np.float32], *, seed: int = 0
) -> BatchDifference:
    """Test whether two batches of vectors are drawn alike (Lopez-Paz and Oquab 2017).

    A logistic regression learns to tell them apart, on rows held out in turn. Nothing tells rows
    apart that are in both. The interval is of draws of the rows, as many of each batch.

    Args:
        reference: (m, dim), m >= 5.
        batch: (n, dim), n >= 5.
        seed: of folds and draws.
    """
    rows = np.concatenate([reference, batch]).astype(np.float64)
    is_new = np.repeat([False, True], [len(reference), len(batch)])
    apart = ~_in_both(rows, is_new)
    scores = np.full(len(rows), _UNKNOWN)
    folds = min(_FOLDS, int((apart & is_new).sum()), int((apart & ~is_new).sum()))
    if folds > 1:
        scores[apart] = cross_val_predict(
            LogisticRegression(max_iter=1000, class_weight="balanced"),
            rows[apart],
            is_new[apart],
            cv=StratifiedKFold(folds, shuffle=True, random_state=seed),
            method="predict_proba",
        )[:, 1]
    before, now = scores[~is_new], scores[is_new]
    rng = np.random.default_rng(seed)
    draws = np.array(
        [_auc(rng.choice(before, len(before)), rng.choice(now, len(now))) for _ in range(_DRAWS)]
    )
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return BatchDifference(Interval(_auc(before, now), float(low), float(high)), now)


def _in_both(rows: Floats, is_new: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(n,) whether a row that is equal to this one is in the other batch."""
    _, equal = np.unique(np.round(rows, 5), axis=0, return_inverse=True)
    equal = equal.ravel()
    shared = np.intersect1d(equal[is_new], equal[~is_new])
    return np.isin(equal, shared)


def population_stability(before: Floats, now: Floats, *, seed: int = 0) -> Interval:
    """The population stability index of scores, over ten bins with a tenth of the earlier each.

    The sum over bins of `(q - p) ln(q / p)`, p and q the shares before and now. By convention above
    0.1 is a change and above 0.25 a large one. Draws of two samples always differ by more than the
    samples do, so the interval is moved by as much as their mean is off.

    Args:
        before: (m,) earlier scores.
        now: (n,) new ones.
        seed: of the draws.
    """
    edges = np.unique(np.quantile(before, np.linspace(0, 1, _BINS + 1)[1:-1]))
    value = _stability(before, now, edges)
    rng = np.random.default_rng(seed)
    draws = np.array(
        [
            _stability(rng.choice(before, len(before)), rng.choice(now, len(now)), edges)
            for _ in range(_DRAWS)
        ]
    )
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) - (draws.mean() - value)
    return Interval(value, max(0.0, float(low)), max(value, float(high)))


def same_distribution(before: Floats, now: Floats) -> tuple[float, float]:
    """The two-sample Kolmogorov-Smirnov statistic of scores, and its p-value."""
    result = ks_2samp(before, now)
    return float(result.statistic), float(result.pvalue)


def rate_difference(before: int, earlier: int, now: int, later: int, *, tests: int = 1) -> Interval:
    """How much a rate has risen, with an interval (Newcombe 1998, method 10).

    Args:
        before: cases that had it.
        earlier: all cases then.
        now: cases that have it.
        later: all cases now.
        tests: how many rates are compared: the intervals of all of them hold the true differences
            in 95 of 100 comparisons (Bonferroni).
    """
    level = 1 - (1 - LEVEL) / tests
    first, second = before / earlier, now / later
    first_low, first_high = wilson_interval(before, earlier, level)
    second_low, second_high = wilson_interval(now, later, level)
    difference = second - first
    below = math.hypot(second - second_low, first_high - first)
    above = math.hypot(second_high - second, first - first_low)
    return Interval(difference, difference - below, difference + above)


def _auc(before: Floats, now: Floats) -> float:
    """The chance that a new score is above an earlier one, ties half (Mann and Whitney 1947)."""
    ranks = rankdata(np.concatenate([before, now]))[len(before) :]
    above = float(ranks.sum()) - len(now) * (len(now) + 1) / 2
    return above / (len(before) * len(now))


def _stability(before: Floats, now: Floats, edges: Floats) -> float:
    shares = []
    for scores in (before, now):
        counts = np.bincount(np.searchsorted(edges, scores, "right"), minlength=len(edges) + 1)
        smoothed = np.maximum(counts, _HALF)
        shares.append(smoothed / smoothed.sum())
    p, q = shares
    return float(((q - p) * np.log(q / p)).sum())

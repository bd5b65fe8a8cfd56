"""Metrics of held-out predictions, with intervals from a bootstrap that keeps the size of labels.

Every metric is a function of weights (r, n): how often each of n rows is in each of r draws. Rows
of ones give the metric itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from metier.heads.inputs import Floats, Rows

DRAWS = 500
"""Draws of the bootstrap."""

_BINS = 10
_UNBOUNDED = frozenset({"log_loss", "brier"})
_TAILS = (2.5, 97.5)

Metric = Callable[[Floats], Floats]
"""From (r, n) weights to the (r,) values of a metric; NaN where a draw has none."""

Truth = npt.NDArray[np.bool_]


class Estimate(BaseModel):
    """A figure with its 95 % interval, from draws with the same number of texts of each label.

    The ends are percentiles of the draws, moved by as much as their mean is off the figure: draws
    of a calibration error are too high. They leave no range that a figure cannot leave.

    Attributes:
        value: on the held-out texts.
        low: lower end.
        high: upper end.
    """

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def draw(targets: Rows, seed: int) -> Floats:
    """Return (draws, n) weights: rows drawn with replacement within each class."""
    generator = np.random.default_rng(seed)
    weights = np.zeros((DRAWS, len(targets)))
    for label in np.unique(targets):
        rows = np.flatnonzero(targets == label)
        shares = np.full(len(rows), 1.0 / len(rows))
        weights[:, rows] = generator.multinomial(len(rows), shares, size=DRAWS)
    return weights


def estimate(metric: Metric, weights: Floats, *, most: float = 1.0) -> Estimate:
    """Return a metric with its interval.

    Args:
        metric: that the rows have.
        weights: (r, n) draws.
        most: largest value that there is; the smallest is 0.
    """
    value = float(metric(np.ones((1, weights.shape[1])))[0])
    drawn = metric(weights)
    drawn = drawn[~np.isnan(drawn)]
    ends = np.percentile(drawn, _TAILS) - (drawn.mean() - value) if len(drawn) else [value, value]
    low, high = (round(min(max(float(end), 0.0), most), 4) for end in ends)
    value = round(value, 4)
    return Estimate(value=value, low=min(low, value), high=max(high, value))


def estimates(metrics: Mapping[str, Metric], weights: Floats) -> dict[str, Estimate]:
    """Return metrics with their intervals, by name; without those that the rows do not have."""
    figures = {
        name: estimate(metric, weights, most=np.inf if name in _UNBOUNDED else 1.0)
        for name, metric in metrics.items()
    }
    return {name: figure for name, figure in figures.items() if not np.isnan(figure.value)}


def mean_of(values: npt.NDArray[Any]) -> Metric:
    """The mean of (n,) values; NaN in a draw without rows."""

    def metric(weights: Floats) -> Floats:
        return share(weights @ values.astype(np.float64), weights.sum(axis=1))

    return metric


def mean_where(values: npt.NDArray[Any], rows: Truth) -> Metric:
    """The mean of the values of some rows."""
    inner = mean_of(values[rows])
    return lambda weights: inner(weights[:, rows])


def share(part: Floats, whole: Floats) -> Floats:
    """Quotients; NaN where the divisor is 0."""
    missing = np.full(np.shape(whole), np.nan)
    return np.asarray(np.divide(part, whole, out=missing, where=whole > 0))


def macro_f1(targets: Rows, predicted: Rows, count: int) -> Metric:
    """The mean over the classes of targets of the harmonic mean of precision and recall."""
    labels = np.arange(count)
    truth, guess = targets[:, None] == labels, predicted[:, None] == labels
    truth, guess = truth[:, np.unique(targets)], guess[:, np.unique(targets)]

    def metric(weights: Floats) -> Floats:
        hits = weights @ (truth & guess)
        return np.asarray((2.0 * hits / (weights @ truth + weights @ guess)).mean(axis=1))

    return metric


def binned_error(truth: Truth, scores: Floats) -> Metric:
    """The calibration error, as `calibration_error`."""
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    inside = bins[:, None] == np.arange(_BINS)
    excess = inside * (scores - truth)[:, None]

    def metric(weights: Floats) -> Floats:
        return np.asarray(np.abs(weights @ excess).sum(axis=1) / weights.sum(axis=1))

    return metric


def roc_auc(truth: Truth, scores: Floats) -> Metric:
    """Chance that a positive row scores above another one; equal scores count half."""

    def metric(weights: Floats) -> Floats:
        hits, misses = _counts(truth, scores, weights)
        steps = np.diff(misses, axis=1, prepend=0.0)
        area = (steps * (hits - np.diff(hits, axis=1, prepend=0.0) / 2.0)).sum(axis=1)
        return share(area, hits[:, -1] * misses[:, -1])

    return metric


def pr_auc(truth: Truth, scores: Floats) -> Metric:
    """Average precision: the mean of the precisions at each positive row."""

    def metric(weights: Floats) -> Floats:
        hits, misses = _counts(truth, scores, weights)
        precision = hits / np.maximum(hits + misses, 1.0)
        return share((np.diff(hits, axis=1, prepend=0.0) * precision).sum(axis=1), hits[:, -1])

    return metric


def macro(metrics: list[Metric]) -> Metric:
    """The mean of metrics, of those that a draw has."""

    def metric(weights: Floats) -> Floats:
        values = np.stack([of_class(weights) for of_class in metrics])
        has_value = ~np.isnan(values)
        return share(np.where(has_value, values, 0.0).sum(axis=0), has_value.sum(axis=0))

    return metric


def _counts(truth: Truth, scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """(r, s) positive and other rows at or above each of s different scores, highest first."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) < 0, True))
    ranked, is_hit = weights[:, order], truth[order]
    hits = np.cumsum(ranked * is_hit, axis=1)[:, ends]
    return hits, np.cumsum(ranked * ~is_hit, axis=1)[:, ends]

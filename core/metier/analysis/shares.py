"""Shares of few cases, with the interval that says how few they are. Imports scipy."""

from __future__ import annotations

from scipy.stats import binomtest

LEVEL = 0.95
"""How often an interval holds the true share."""


def wilson_interval(count: int, total: int, level: float = LEVEL) -> tuple[float, float]:
    """The interval of a share (Wilson 1927), which holds where counts are small, too.

    Args:
        count: cases of a kind.
        total: all cases, at least one.
        level: how often such an interval holds the true share.

    Returns:
        Both ends, in [0, 1].
    """
    interval = binomtest(count, total).proportion_ci(level, method="wilson")
    return float(interval.low), float(interval.high)

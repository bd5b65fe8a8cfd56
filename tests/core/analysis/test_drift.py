from __future__ import annotations

import numpy as np
import pytest

from metier.analysis.drift import (
    population_stability,
    rate_difference,
    same_distribution,
    tell_apart,
)
from metier.analysis.shares import wilson_interval


def vectors(seed: int, count: int, shift: float = 0.0) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32)
    rows[:, 0] += shift
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_batches_of_one_kind_are_not_told_apart() -> None:
    # of twenty pairs of batches of one kind about one may be told apart by chance
    seen = [
        tell_apart(vectors(seed, 60), vectors(seed + 100, 40), seed=seed).auc.low > 0.5
        for seed in range(20)
    ]
    assert sum(seen) <= 3


def test_a_shifted_batch_is_told_apart_and_its_rows_are_new() -> None:
    difference = tell_apart(vectors(1, 80), vectors(2, 50, shift=2.0))

    assert difference.auc.low > 0.7
    assert difference.auc.low < difference.auc.value < difference.auc.high <= 1.0
    assert difference.scores.shape == (50,)
    assert difference.scores.mean() > 0.6


def test_rows_that_are_in_both_batches_are_not_told_apart() -> None:
    rows = vectors(3, 40)
    equal = np.repeat(rows[:1], 25, axis=0)

    assert tell_apart(rows, rows).auc == (0.5, 0.5, 0.5)
    assert tell_apart(equal, equal).auc == (0.5, 0.5, 0.5)
    assert tell_apart(equal, np.repeat(rows[1:2], 25, axis=0)).auc.low == 1.0


def test_the_same_seed_gives_the_same_interval() -> None:
    before, now = vectors(1, 30), vectors(2, 30)

    first, second = tell_apart(before, now, seed=4), tell_apart(before, now, seed=4)

    assert first.auc == second.auc


def test_the_stability_index_is_the_sum_over_bins() -> None:
    before = np.arange(100) / 100
    now = np.concatenate([before[:50], before[:50]])  # nothing is above the median any more

    # five bins hold 0.2 of it now and five hold 0.5 of 100 texts, where 0.1 was in each
    smoothed = np.array([20.0] * 5 + [0.5] * 5) / 102.5
    expected = ((smoothed - 0.1) * np.log(smoothed / 0.1)).sum()
    stability = population_stability(before, now)

    assert stability.value == pytest.approx(expected)
    assert stability.low > 0.25


def test_the_stability_of_scores_that_stay_includes_no_change() -> None:
    scores = np.random.default_rng(0).beta(2, 5, size=400)

    stability = population_stability(scores[:200], scores[200:])

    assert stability.low < 0.1
    assert stability.low <= stability.value <= stability.high
    assert same_distribution(scores[:200], scores[200:])[1] > 0.05
    assert same_distribution(scores[:200], scores[200:] + 0.3)[1] < 1e-6


def test_scores_that_are_all_alike_have_a_stability() -> None:
    assert population_stability(np.full(20, 0.4), np.full(20, 0.4)).value == 0.0


def test_the_difference_of_rates_has_the_interval_of_newcombe() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table II: 56/70 - 48/80, method 10
    difference = rate_difference(48, 80, 56, 70)

    assert difference == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


def test_many_rates_have_wider_intervals() -> None:
    alone, of_ten = rate_difference(5, 50, 12, 50), rate_difference(5, 50, 12, 50, tests=10)

    assert of_ten.low < alone.low < alone.value == of_ten.value < alone.high < of_ten.high


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_shares_have_the_intervals_of_wilson(
    count: int, total: int, low: float, high: float
) -> None:
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3
    assert wilson_interval(count, total) == pytest.approx((low, high), abs=1e-4)

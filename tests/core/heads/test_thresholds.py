"""Thresholds that reach a goal."""

from __future__ import annotations

import numpy as np
import pytest

from metier import ThresholdGoal
from metier.errors import InputError, ParameterError
from metier.heads.thresholds import choose_threshold

SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05])
TRUTH = np.array([True, True, False, True, False, False, True, False, False, False])


@pytest.mark.parametrize(
    ("goal", "value", "precision", "recall", "flagged"),
    [
        ({"recall": 0.5}, 0.75, 1.0, 0.5, 2),
        ({"recall": 0.75}, 0.55, 0.75, 0.75, 4),
        ({"recall": 1.0}, 0.25, 0.5714, 1.0, 7),
        ({"precision": 0.75}, 0.55, 0.75, 0.75, 4),
        ({"precision": 1.0}, 0.75, 1.0, 0.5, 2),
        ({"rate": 0.3}, 0.65, 0.6667, 0.5, 3),
        ({"rate": 1.0}, 0.025, 0.4, 1.0, 10),
    ],
)
def test_a_threshold_reaches_its_goal_at_the_least_cost(goal, value, precision, recall, flagged):
    chosen = choose_threshold(TRUTH, SCORES, ThresholdGoal(**goal))
    assert chosen.value == pytest.approx(value)
    assert (chosen.precision, chosen.recall) == (precision, recall)
    assert (chosen.flagged, chosen.texts) == (flagged, 10)


def test_a_precision_that_no_threshold_has_is_refused_with_the_best_one():
    truth = np.array([False, True, True, False])
    with pytest.raises(InputError, match=r"precision on 4 held-out texts is 0\.667") as refused:
        choose_threshold(truth, np.array([0.9, 0.8, 0.7, 0.6]), ThresholdGoal(precision=0.9))
    assert refused.value.code == "goal-not-reachable"
    assert "flags 3 of them and finds 100%" in str(refused.value)


def test_equal_scores_are_flagged_together():
    scores = np.array([0.9, 0.5, 0.5, 0.5])
    goal = ThresholdGoal(rate=0.5)
    assert choose_threshold(np.array([True] * 4), scores, goal).flagged == 1
    with pytest.raises(InputError, match=r"smallest rate is 0\.7500"):
        choose_threshold(np.array([True] * 4), np.array([0.5, 0.5, 0.5, 0.1]), goal)


@pytest.mark.parametrize("values", [{}, {"recall": 0.5, "rate": 0.1}, {"recall": 0}, {"rate": 1.5}])
def test_a_goal_is_one_share(values):
    with pytest.raises(ParameterError):
        ThresholdGoal(**values)


def test_a_rate_is_reached_where_rounding_would_miss_it():
    scores = np.arange(100) / 100
    reached = choose_threshold(scores > 0.5, scores, ThresholdGoal(rate=0.29))
    assert reached.flagged == 29

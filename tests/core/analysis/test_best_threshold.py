"""Thresholds chosen by labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from metier.analysis.best_threshold import best_threshold


def test_scores_that_tell_texts_apart_get_a_threshold_between_them():
    choice = best_threshold(np.array([True, True, False, False]), np.array([0.9, 0.7, 0.3, 0.1]))
    assert choice == pytest.approx((0.5, 2, 1.0, 1.0))


def test_of_thresholds_that_are_as_good_the_highest_is_taken():
    # at 0.8 F1 is 2 * 1 / (1 + 2), and from 0.2 on 2 * 2 / (4 + 2): as much
    truth = np.array([True, False, False, True])
    choice = best_threshold(truth, np.array([0.8, 0.6, 0.4, 0.2]))
    assert choice == pytest.approx((0.7, 1, 1.0, 0.5))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=1, max_size=40))
def test_no_other_threshold_has_a_larger_f1(pairs):
    truth = np.array([is_risk for is_risk, _ in pairs])
    scores = np.array([score / 20 for _, score in pairs])
    if not truth.any():
        truth[0] = True
    choice = best_threshold(truth, scores)
    flagged = scores >= choice.threshold
    assert choice.precision == pytest.approx((truth & flagged).sum() / flagged.sum())
    assert choice.recall == pytest.approx((truth & flagged).sum() / truth.sum())
    others = [f1_score(truth, scores >= value, zero_division=0.0) for value in np.unique(scores)]
    assert f1_score(truth, flagged) == pytest.approx(max(others))

"""Metrics of weighted rows against those of scikit-learn, and their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from metier.heads.calibration_curve import calibration_error
from metier.heads.resampling import (
    binned_error,
    draw,
    estimate,
    macro_f1,
    mean_of,
    mean_where,
    pr_auc,
    roc_auc,
)

GENERATOR = np.random.default_rng(0)
TRUTH = GENERATOR.random(200) < 0.3
SCORES = np.round(np.clip(0.3 * TRUTH + 0.7 * GENERATOR.random(200), 0, 1), 2)
WEIGHTS = GENERATOR.integers(0, 4, (3, 200)).astype(float)


@pytest.mark.parametrize(
    ("metric", "reference"),
    [
        (roc_auc(TRUTH, SCORES), roc_auc_score),
        (pr_auc(TRUTH, SCORES), average_precision_score),
    ],
)
def test_areas_of_weighted_rows_are_those_of_scikit_learn(metric, reference):
    expected = [reference(TRUTH, SCORES, sample_weight=weights) for weights in WEIGHTS]
    assert metric(WEIGHTS) == pytest.approx(expected)


def test_f1_of_weighted_rows_is_that_of_scikit_learn():
    targets, predicted = GENERATOR.integers(0, 3, 200), GENERATOR.integers(0, 3, 200)
    expected = [
        f1_score(targets, predicted, average="macro", sample_weight=weights) for weights in WEIGHTS
    ]
    assert macro_f1(targets, predicted, 3)(WEIGHTS) == pytest.approx(expected)


def test_the_error_of_repeated_rows_is_that_of_the_rows_themselves():
    rows = np.repeat(np.arange(200), WEIGHTS[0].astype(int))
    expected = calibration_error(TRUTH[rows], SCORES[rows])
    assert binned_error(TRUTH, SCORES)(WEIGHTS)[0] == pytest.approx(expected)


def test_draws_keep_the_number_of_rows_of_each_class():
    targets = np.array([0] * 30 + [1] * 5)
    weights = draw(targets, seed=1)
    assert (weights[:, :30].sum(axis=1) == 30).all()
    assert (weights[:, 30:].sum(axis=1) == 5).all()
    assert (weights == draw(targets, seed=1)).all()


def test_an_interval_is_about_two_standard_errors_wide():
    values = np.arange(400) % 2
    interval = estimate(mean_of(values), draw(np.zeros(400, dtype=int), seed=0))
    assert interval.value == 0.5
    assert interval.high - interval.low == pytest.approx(4 * 0.5 / 20, rel=0.15)
    assert interval.low < 0.5 < interval.high


def test_a_mean_of_some_rows_leaves_out_draws_without_them():
    rows = np.arange(6) == 0
    interval = estimate(mean_where(np.ones(6), rows), draw(np.zeros(6, dtype=int), seed=0))
    assert (interval.value, interval.low, interval.high) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("seed", range(4))
def test_an_interval_holds_its_figure_and_leaves_no_range(seed):
    generator = np.random.default_rng(seed)
    truth = np.arange(60) % 3 == 0
    scores = 1 / (1 + np.exp(2 - 4 * truth - generator.standard_normal(60)))
    weights = draw(truth.astype(int), seed)
    for metric in (roc_auc(truth, scores), pr_auc(truth, scores), binned_error(truth, scores)):
        figure = estimate(metric, weights)
        assert 0.0 <= figure.low <= figure.value <= figure.high <= 1.0

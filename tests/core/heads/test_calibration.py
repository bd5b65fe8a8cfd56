"""Calibration against that of scikit-learn, and its error."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from metier.heads.calibration import (
    Isotonic,
    Sigmoid,
    Temperature,
    calibrate,
    log_odds,
    restore_calibrator,
)
from metier.heads.calibration_curve import calibration_curve, calibration_error


class Odds(ClassifierMixin, BaseEstimator):
    """A classifier whose rows are scores already."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        return X

    def predict(self, X):
        return self.classes_[X.argmax(axis=1)]


def drawn(count: int = 600, *, classes: int = 3, sharpness: float = 1.0, seed: int = 0):
    """Log probabilities that are `sharpness` times too sharp, and the classes drawn from them."""
    generator = np.random.default_rng(seed)
    true = log_softmax(1.5 * generator.standard_normal((count, classes)), axis=1)
    targets = (np.exp(true).cumsum(axis=1) < generator.random((count, 1))).sum(axis=1)
    return log_softmax(sharpness * true, axis=1), targets.astype(np.intp)


def by_scikit_learn(method: str, scores, targets, rows):
    frozen = FrozenEstimator(Odds().fit(scores, targets))
    model = CalibratedClassifierCV(frozen, method=method)
    return model.fit(scores, targets).predict_proba(rows)


def test_temperature_is_that_of_scikit_learn():
    logs, targets = drawn(4000, sharpness=3.0)
    fitted = Temperature.fit(logs, targets)
    expected = by_scikit_learn("temperature", logs, targets, logs)
    assert fitted.probabilities(logs) == pytest.approx(expected, abs=1e-3)
    assert fitted.inverse == pytest.approx(1 / 3.0, rel=0.15)


@pytest.mark.parametrize(("method", "kind"), [("sigmoid", Sigmoid), ("isotonic", Isotonic)])
def test_curves_of_single_classes_are_those_of_scikit_learn(method, kind):
    """But for the sigmoid, whose targets scikit-learn moves off 0 and 1, as Platt did."""
    logs, targets = drawn(sharpness=2.0)
    expected = by_scikit_learn(method, log_odds(logs), targets, log_odds(logs))
    assert kind.fit(logs, targets).probabilities(logs) == pytest.approx(expected, abs=1e-2)


@pytest.mark.parametrize("kind", [Temperature, Sigmoid, Isotonic])
def test_a_calibrator_is_the_same_when_it_is_restored_from_its_arrays(kind):
    logs, targets = drawn(200)
    fitted = kind.fit(logs, targets)
    restored = restore_calibrator(fitted.method, fitted.arrays())
    assert (restored.probabilities(logs) == fitted.probabilities(logs)).all()


def test_probabilities_that_are_too_sharp_are_calibrated_and_right_ones_stay():
    folds = np.arange(600) % 5
    logs, targets = drawn(sharpness=4.0)
    chosen = calibrate(logs, targets, folds)
    top, is_right = chosen.held_out.max(axis=1), chosen.held_out.argmax(axis=1) == targets
    assert calibration_error(is_right, top) < 0.06
    assert calibration_error(is_right, np.exp(logs).max(axis=1)) > 0.15
    right, targets = drawn()
    chosen = calibrate(right, targets, folds)
    assert chosen.calibrator.method == "temperature"
    assert chosen.calibrator.probabilities(right) == pytest.approx(np.exp(right), abs=0.05)


def test_a_curve_is_chosen_where_a_temperature_cannot_help():
    """The second class is twice as likely as it seems: a shift, not a scale."""
    generator = np.random.default_rng(0)
    odds = 1.5 * generator.standard_normal(2000)
    targets = (generator.random(2000) < 1 / (1 + np.exp(-(odds + 1.5)))).astype(np.intp)
    logs = log_softmax(np.stack([-odds / 2, odds / 2], axis=1), axis=1)
    chosen = calibrate(logs, targets, np.arange(2000) % 5)
    assert chosen.calibrator.method == "sigmoid"
    assert chosen.losses["sigmoid"] < chosen.losses["temperature"]


def test_a_class_with_few_rows_has_no_curve_of_its_own():
    logs, targets = drawn(60, classes=12)
    assert list(calibrate(logs, targets, np.arange(60) % 5).losses) == ["temperature"]


def test_the_calibration_error_is_the_mean_distance_of_bins():
    scores = np.array([0.05, 0.05, 0.95, 0.95, 1.0])
    truth = np.array([False, True, True, True, False])
    assert [point.texts for point in calibration_curve(truth, scores)] == [2, 3]
    expected = (2 * abs(0.05 - 0.5) + 3 * abs(2.9 / 3 - 2 / 3)) / 5
    assert calibration_error(truth, scores) == pytest.approx(expected)

"""Conformal sets: their coverage, and their p-values against those of crepes."""

from __future__ import annotations

import numpy as np
import pytest
from crepes import ConformalClassifier

from metier.heads.conformal import Conformal, held_out_sets


def drawn(count: int, shares=(0.8, 0.15, 0.05), *, seed: int = 0):
    """Probabilities of rows and their class, of classes that are not equally frequent."""
    generator = np.random.default_rng(seed)
    targets = generator.choice(len(shares), count, p=shares)
    scores = 2.0 * np.eye(len(shares))[targets] + generator.standard_normal((count, len(shares)))
    exponents = np.exp(scores + np.log(shares))
    return exponents / exponents.sum(axis=1, keepdims=True), targets


def test_p_values_are_those_of_crepes_for_each_class():
    learned, targets = drawn(300)
    rows, _ = drawn(50, seed=1)
    capped = np.minimum(learned, 0.99)
    for label in range(3):
        alphas = 1.0 - capped[targets == label, label]
        reference = ConformalClassifier().fit(alphas)
        expected = reference.predict_p(1.0 - np.minimum(rows[:, [label]], 0.99), smoothing=False)
        values = Conformal.fit(learned, targets).p_values(rows)
        assert values[:, label] == pytest.approx(expected[:, 0])


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_every_class_is_covered_at_the_level_also_the_rare_one(level):
    learned, targets = drawn(20000)
    rows, truth = drawn(20000, seed=1)
    sets = Conformal.fit(learned, targets).sets(rows, level)
    for label in range(3):
        inside = truth == label
        assert sets[inside, label].mean() == pytest.approx(level, abs=0.035)


def test_held_out_rows_are_covered_at_the_level():
    probabilities, targets = drawn(3000)
    sets = held_out_sets(probabilities, targets, np.arange(3000) % 5, 0.9)
    for label, tolerance in enumerate((0.02, 0.02, 0.03)):
        assert sets[targets == label, label].mean() == pytest.approx(0.9, abs=tolerance)


def test_a_row_that_is_like_no_class_has_an_empty_set_and_one_between_two_has_both():
    own = np.linspace(0.7, 0.9, 40)
    learned = np.vstack([np.stack([own, 1 - own], 1), np.stack([1 - own, own], 1)])
    fitted = Conformal.fit(learned, np.repeat([0, 1], 40))
    assert not fitted.sets(np.array([[0.5, 0.5]]), 0.9).any()
    between = np.array([[0.45, 0.55], [0.55, 0.45]] * 8)
    wide = Conformal.fit(
        np.vstack([learned, between]), np.concatenate([np.repeat([0, 1], 40), [0, 1] * 8])
    )
    assert wide.sets(np.array([[0.5, 0.5]]), 0.9).all()


def test_a_class_with_too_few_rows_is_in_every_set():
    fitted = Conformal.fit(
        np.array([[0.9, 0.1]] * 30 + [[0.1, 0.9]] * 4), np.repeat([0, 1], [30, 4])
    )
    assert fitted.sets(np.array([[1.0, 0.0]]), 0.9).tolist() == [[True, True]]


def test_certainty_above_99_percent_counts_as_equal():
    fitted = Conformal.fit(
        np.array([[0.9999999, 1e-7], [1e-7, 0.9999999]] * 20), np.array([0, 1] * 20)
    )
    assert fitted.sets(np.array([[0.995, 0.005]]), 0.9).tolist() == [[True, False]]

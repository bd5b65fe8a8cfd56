"""Probabilities of presence from the highest score of a document."""

from __future__ import annotations

import numpy as np
import pytest

from metier.analysis.presence import ScoreScale, presence_probabilities, typical_scale

ABSENT = ScoreScale(np.array([-6.0]), np.array([1.5]))
PRESENT = ScoreScale(np.array([0.0]), np.array([2.0]))


def probability(highest: float, count: float = 200, prior: float = 0.35) -> float:
    return float(presence_probabilities(np.array([highest]), count, ABSENT, PRESENT, prior)[0])


def test_a_higher_score_is_never_less_probable():
    scores = np.linspace(-40, 40, 400)
    values = [probability(score) for score in scores]
    assert values == sorted(values)
    assert 0.0 <= values[0] < 0.01
    assert 0.99 < values[-1] <= 1.0


def test_the_same_score_says_less_among_more_passages_and_more_with_a_higher_prior():
    assert probability(-1.0, count=1000) < probability(-1.0, count=10)
    assert probability(-1.0, prior=0.1) < probability(-1.0, prior=0.6)


def test_probabilities_come_true_as_often_as_they_say():
    """Documents drawn as the model has it: of those with 0.3 three of ten have an answer."""
    draws = np.random.default_rng(0)
    scale = np.pi / np.sqrt(3)
    scores, answers = [], []
    for _ in range(4000):
        others = draws.logistic(-6.0, 1.5 / scale, 50).max()
        answered = draws.random() < 0.35
        own = draws.logistic(0.0, 2.0 / scale) if answered else -np.inf
        scores.append(max(others, own))
        answers.append(answered)
    values = np.array([probability(score, count=50) for score in scores])
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        inside = (values >= low) & (values < low + 0.2)
        assert np.mean(np.array(answers)[inside]) == pytest.approx(values[inside].mean(), abs=0.06)


def test_some_answers_among_the_passages_do_not_change_the_typical_scale():
    scores = np.random.default_rng(1).logistic(-6.0, 1.0, 1000)
    with_answers = np.concatenate([scores, np.full(12, 8.0)])
    plain, mixed = typical_scale([scores]), typical_scale([with_answers])
    assert plain.location[0] == pytest.approx(-6.0, abs=0.15)
    assert plain.spread[0] == pytest.approx(np.pi / np.sqrt(3), rel=0.08)
    assert mixed.spread[0] == pytest.approx(plain.spread[0], rel=0.1)

"""Choosing members by what they predict for held-out rows."""

from __future__ import annotations

import numpy as np
import pytest

from metier.heads.stacking import choose

GENERATOR = np.random.default_rng(0)
TARGETS = GENERATOR.integers(0, 3, 400)
TRUTH = np.eye(3)[TARGETS]


def member(strength: float, *, seed: int) -> np.ndarray:
    return strength * TRUTH + np.random.default_rng(seed).standard_normal((400, 3))


def test_a_member_that_knows_nothing_is_not_chosen():
    pool = choose({"good": member(2.0, seed=1), "noise": member(0.0, seed=2)}, TARGETS)
    assert list(pool.weights) == ["good"]
    assert pool.shares["good"] == pytest.approx(1.0)


def test_members_with_errors_of_their_own_are_chosen_together_and_copies_are_not():
    first, second = member(1.5, seed=1), member(1.5, seed=2)
    pool = choose({"first": first, "copy": first * 3.0, "second": second}, TARGETS)
    assert len(pool.weights) == 2
    assert "second" in pool.weights
    alone = choose({"first": first}, TARGETS)
    assert pool.loss < alone.loss - 0.05


def test_scores_that_are_scaled_get_a_scaled_weight_and_the_same_probabilities():
    scores = member(1.5, seed=1)
    first, second = choose({"x": scores}, TARGETS), choose({"x": 50.0 * scores}, TARGETS)
    assert first.log_probabilities({"x": scores}) == pytest.approx(
        second.log_probabilities({"x": 50.0 * scores}), abs=1e-6
    )


def test_shares_of_classes_are_learned_where_members_weigh_classes_the_same():
    targets = (np.arange(400) % 10 == 0).astype(np.intp)
    scores = 0.3 * np.random.default_rng(3).standard_normal((400, 2))
    pool = choose({"noise": scores}, targets)
    probabilities = np.exp(pool.log_probabilities({"noise": scores}))
    assert probabilities[:, 1].mean() == pytest.approx(0.1, abs=0.02)

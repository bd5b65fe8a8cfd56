"""Shares of labels, and contrast scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.analysis.vectors import around, scattered, unit

from metier.analysis.comparison_scores import (
    contrast_margins,
    contrast_scores,
    label_shares,
    nearest,
)


def test_the_nearest_label_has_the_largest_share():
    vectors, labels = around(3, 30)
    shares = label_shares(vectors, np.eye(24, dtype=np.float32)[:3])
    assert shares.shape == (30, 3)
    assert shares.sum(axis=1) == pytest.approx(1.0)
    cosines = vectors[:, :3]
    assert (shares.argmax(axis=1) == cosines.argmax(axis=1)).all()
    assert (shares.argmax(axis=1) == labels).mean() > 0.9


def test_equal_labels_have_equal_shares():
    label = np.eye(4, dtype=np.float32)[[0, 0]]
    assert label_shares(label[:1], label).tolist() == [[0.5, 0.5]]


def scores_of(texts, signs, contrasts, neutral):
    """(n,) scores for a single risk."""
    (scores,) = contrast_scores([contrast_margins(texts, signs, contrasts, neutral)])
    return scores


def test_a_sign_scores_high_and_contrasts_and_ordinary_texts_low():
    signs, contrasts, neutral = scattered(4, dim=64), scattered(20, dim=64, seed=1), scattered(
        40, dim=64, seed=2)  # fmt: skip
    scores = scores_of(np.concatenate([signs, contrasts, neutral]), signs, contrasts, neutral)
    assert (scores[:4] > 0.9).all()
    assert (scores[4:] < 0.5).mean() > 0.95


def test_a_text_that_is_nearer_to_the_signs_scores_higher():
    signs, contrasts = unit([[1, 0, 0, 0]]), unit([[0, 1, 0, 0]])
    steps = unit([[share, 1 - share, 0.2, 0.1] for share in (0.1, 0.3, 0.5, 0.7, 0.9)])
    scores = scores_of(steps, signs, contrasts, scattered(20, dim=4))
    assert (np.diff(scores) > 0).all()


def test_every_risk_raises_as_many_false_alarms_at_a_score_whatever_its_cosines():
    # the cosines of ordinary texts with the signs of one risk are three times as large
    shared = unit([[1, *np.zeros(31)]])
    plain = scattered(400, dim=32, seed=1)
    texts = unit(plain + 0.6 * shared)
    near, far = unit(scattered(12, dim=32, seed=2) + 0.5 * shared), scattered(12, dim=32, seed=3)
    background, new = texts[:200], texts[200:]
    margins = [contrast_margins(new, signs, background[:100], background[100:])
               for signs in (near, far)]  # fmt: skip
    alarms = (contrast_scores(margins) >= 0.4).mean(axis=1)
    # margins alone would raise far more alarms for the one than for the other
    limit = np.quantile(np.concatenate([risk.texts for risk in margins]), 1 - alarms.mean())
    by_margin = [(risk.texts >= limit).mean() for risk in margins]
    assert abs(alarms[0] - alarms[1]) < abs(by_margin[0] - by_margin[1])


@given(st.integers(0, 1000), *[st.integers(1, 6)] * 3, st.integers(2, 6))
def test_scores_lie_between_0_and_1_and_do_not_depend_on_the_other_texts(seed, n, p, c, m):
    rows = scattered(n + p + c + m, seed=seed)
    texts, signs, contrasts, neutral = np.split(rows, [n, n + p, n + p + c])
    scores = scores_of(texts, signs, contrasts, neutral)
    assert scores.shape == (n,)
    assert scores.dtype == np.float64
    assert ((scores >= 0) & (scores <= 1)).all()
    alone = scores_of(texts[:1], signs, contrasts, neutral)
    assert scores[0] == pytest.approx(alone[0], abs=1e-4)


@pytest.mark.parametrize("contrasts", [0, 2])
def test_scores_are_finite_when_all_neutral_texts_are_equal(contrasts):
    neutral = np.repeat(scattered(1), 5, axis=0)
    signs = scattered(2, seed=1)
    assert np.isfinite(scores_of(signs, signs, scattered(2, seed=2)[:contrasts], neutral)).all()


def test_the_nearest_example_is_named_with_its_cosine():
    rows, cosines = nearest(unit([[1, 0.1], [0, 1]]), unit([[0, 1], [1, 0]]))
    assert rows.tolist() == [1, 0]
    assert cosines == pytest.approx([1 / np.sqrt(1.01), 1.0])

"""Shares of labels, and contrast scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.analysis.vectors import around, scattered, unit

from metier.analysis.comparison_scores import contrast_scores, label_shares


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


def test_a_sign_scores_high_a_contrast_low_and_an_ordinary_text_below_a_half():
    signs, contrasts, neutral = np.split(scattered(9, dim=64), 3)
    scores = contrast_scores(np.concatenate([signs, contrasts, neutral]), signs, contrasts, neutral)
    assert (scores[:3] > 0.9).all()
    assert (scores[3:6] < 0.1).all()
    assert scores[6:].mean() < 0.6


def test_a_text_as_near_to_the_contrast_as_to_the_sign_is_undecided():
    signs, contrasts = unit([[1, 0.1, 0]]), unit([[1, -0.1, 0]])
    neutral = unit([[0, 0, 1], [0, 0.01, 1]])
    assert contrast_scores(unit([[1, 0, 0]]), signs, contrasts, neutral) == pytest.approx([0.5])


@given(st.integers(0, 1000), *[st.integers(1, 6)] * 3, st.integers(2, 6))
def test_scores_lie_between_0_and_1_and_do_not_depend_on_the_other_texts(seed, n, p, c, m):
    rows = scattered(n + p + c + m, seed=seed)
    texts, signs, contrasts, neutral = np.split(rows, [n, n + p, n + p + c])
    scores = contrast_scores(texts, signs, contrasts, neutral)
    assert scores.shape == (n,)
    assert scores.dtype == np.float64
    assert ((scores >= 0) & (scores <= 1)).all()
    alone = contrast_scores(texts[:1], signs, contrasts, neutral)
    assert scores[0] == pytest.approx(alone[0], abs=1e-4)


def test_scores_are_finite_when_all_neutral_texts_are_equal():
    neutral = np.repeat(scattered(1), 5, axis=0)
    signs, contrasts = scattered(2, seed=1), scattered(2, seed=2)
    assert np.isfinite(contrast_scores(signs, signs, contrasts, neutral)).all()

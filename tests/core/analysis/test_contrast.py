"""Contrast scores: 0.5 where a text is as near to signs as to their absence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.analysis.vectors import scattered, unit

from metier.analysis.classification import contrast_scores


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


def test_neutral_texts_that_are_all_alike_make_no_score_infinite():
    neutral = np.repeat(scattered(1), 5, axis=0)
    signs, contrasts = scattered(2, seed=1), scattered(2, seed=2)
    assert np.isfinite(contrast_scores(signs, signs, contrasts, neutral)).all()

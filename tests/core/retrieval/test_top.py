"""The best of many: a shortlist that holds them all, and a fixed order among equals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.retrieval.nearest import best, shortlist


@given(st.integers(0, 10**6), st.integers(0, 60_000), st.integers(-1, 5000))
def test_a_shortlist_holds_the_best_whatever_their_number(seed, size, count):
    scores = np.random.default_rng(seed).standard_normal(size).astype(np.float32)
    places = shortlist(scores, count, slack=0.0)
    wanted = min(max(count, 0), size)
    assert sorted(scores[places])[::-1] == sorted(scores)[::-1][:wanted]


@pytest.mark.parametrize("size", [50, 50_000])
def test_what_is_as_good_as_the_last_is_in_it_too(size):
    scores = np.zeros(size, dtype=np.float32)
    scores[7] = 1.0
    assert len(shortlist(scores, 5)) == size
    scores[: size // 2] = np.linspace(2, 3, size // 2)
    assert set(shortlist(scores, 3)) >= {size // 2 - 1, size // 2 - 2, size // 2 - 3}


def test_negative_infinity_is_never_chosen():
    scores = np.array([1.0, -np.inf, 0.5], dtype=np.float32)
    assert sorted(shortlist(scores, 3).tolist()) == [0, 2]
    assert len(shortlist(np.full(9, -np.inf, dtype=np.float32), 2)) == 0


def test_the_best_come_first_and_equal_ones_by_id():
    vectors = np.array([[0, 1], [1, 0], [0.6, 0.8], [1, 0]], dtype=np.float32)
    query = np.array([1, 0], dtype=np.float32)
    places, scores = best(query, vectors, ["a", "c", "d", "b"], 3)
    assert places.tolist() == [3, 1, 2]
    np.testing.assert_allclose(scores, [1, 1, 0.6])
    assert best(query, vectors[:0], [], 3)[0].tolist() == []


def test_equal_rows_have_equal_scores_wherever_they_stand():
    rng = np.random.default_rng(0)
    row, query = rng.standard_normal((2, 384)).astype(np.float32)
    vectors = rng.standard_normal((37, 384)).astype(np.float32)
    vectors[[0, 5, 18, 36]] = row
    ids = [f"{number:02}" for number in range(37)]
    places, scores = best(query, vectors, ids, 37)
    equal = [
        float(score) for place, score in zip(places, scores, strict=True) if place in (0, 5, 18, 36)
    ]
    assert len(set(equal)) == 1

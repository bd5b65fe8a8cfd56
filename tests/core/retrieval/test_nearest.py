"""The nearest of many vectors: exact, in a fixed order, and by a quick shortlist."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from metier.errors import ParameterError
from metier.retrieval.nearest import best, nearest, shortlist

# products of small whole numbers are exact in float32, so equal scores are equal
numbers = st.integers(-8, 8).map(float)


@st.composite
def searches(draw):
    dim, queries, documents = (draw(st.integers(1, 5)), draw(st.integers(0, 4)),
                               draw(st.integers(0, 12)))  # fmt: skip
    return (
        draw(arrays(np.float32, (queries, dim), elements=numbers)),
        draw(arrays(np.float32, (documents, dim), elements=numbers)),
        draw(st.integers(1, 15)),
    )


@given(searches())
def test_the_best_are_found_in_order_and_equal_ones_as_given(search):
    queries, documents, top_k = search
    places, scores = nearest(queries, documents, top_k)
    assert places.shape == scores.shape == (len(queries), min(top_k, len(documents)))
    assert (places.dtype, scores.dtype) == (np.int64, np.float32)
    for row, query in enumerate(queries):
        by_hand = [float(np.dot(query, document)) for document in documents]
        expected = sorted(range(len(by_hand)), key=lambda index: (-by_hand[index], index))[:top_k]
        assert places[row].tolist() == expected
        assert scores[row].tolist() == [by_hand[index] for index in expected]


@pytest.mark.parametrize("top_k", [0, -1])
def test_no_hits_at_all_are_no_search(top_k):
    with pytest.raises(ParameterError, match=f"top_k={top_k} is less than 1"):
        nearest(np.ones((1, 2), np.float32), np.ones((3, 2), np.float32), top_k)


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

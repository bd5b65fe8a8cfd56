"""Exact search: the same as comparing everything by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from metier.errors import ParameterError
from metier.retrieval.nearest import nearest

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

"""Terms beside vectors: what the wording of texts adds to a clustering."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from tests.core.analysis.vectors import scattered

from metier.analysis.clusters import cluster
from metier.analysis.communities import adjusted_rand_index
from metier.analysis.term_vectors import term_vectors

SUBJECTS = ["loan rate bank", "heart valve pulse", "court clause party"]


def wordings(rows: int, *, seed: int = 0) -> tuple[list[list[str]], np.ndarray]:
    """Terms of texts on three subjects in turn, each with words that no other text has."""
    rng = np.random.default_rng(seed)
    subjects = np.arange(rows) % len(SUBJECTS)
    terms = [
        [*rng.permutation(SUBJECTS[subject].split() * 2)[:5], f"word{row}", "the"]
        for row, subject in enumerate(subjects)
    ]
    return terms, subjects


def test_texts_are_near_each_other_by_the_terms_they_share():
    terms, subjects = wordings(30)
    vectors = term_vectors(terms, np.arange(30), np.ones(30, dtype=np.int64))
    cosines = vectors @ vectors.T
    same = subjects[:, None] == subjects
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert cosines[same].min() > cosines[~same].max()


def test_a_text_that_shares_no_term_is_near_to_none():
    terms = [["alpha", "beta"], ["alpha", "beta"], ["beta", "gamma", "gamma"], ["delta"], []]
    vectors = term_vectors(terms, np.arange(5), np.ones(5, dtype=np.int64))
    assert not vectors[3:].any()
    assert vectors[:3].any(axis=1).all()


def test_texts_without_any_common_term_have_no_direction():
    vectors = term_vectors([["a"], ["b"], []], np.arange(3), np.ones(3, dtype=np.int64))
    assert not vectors.any()


def test_texts_taken_as_one_have_the_mean_count_of_a_term():
    terms = [["loan", "loan"], ["loan", "rate"], ["rate", "court"], ["court", "loan"]]
    alone = term_vectors(terms, np.arange(4), np.ones(4, dtype=np.int64))
    twice = term_vectors([*terms, *terms], np.array([0, 1, 2, 3] * 2), np.full(4, 2))
    assert twice == pytest.approx(alone, abs=1e-6)


def test_wording_shows_groups_that_the_vectors_do_not():
    terms, subjects = wordings(150)
    vectors = scattered(150, dim=64)
    without = cluster(vectors, groups=3).labels
    beside = cluster(vectors, groups=3, terms=terms).labels
    assert adjusted_rand_score(subjects, without) < 0.1
    assert adjusted_rand_score(subjects, beside) > 0.4


def test_labels_with_terms_do_not_depend_on_the_order_of_rows():
    terms, _ = wordings(120)
    vectors = scattered(120, dim=32)
    vectors[60:90] = vectors[:30]  # equal vectors of other wordings
    order = np.random.default_rng(1).permutation(120)
    straight = cluster(vectors, terms=terms)
    shuffled = cluster(vectors[order], terms=[terms[row] for row in order])
    assert (shuffled.labels == straight.labels[order]).all()
    assert (shuffled.strengths == straight.strengths[order]).all()


LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)


@given(LABELS)
def test_the_adjusted_rand_index_is_that_of_scikit_learn(pairs):
    first, second = (np.array(side) for side in zip(*pairs, strict=True))
    expected = adjusted_rand_score(first, second)
    assert adjusted_rand_index(first, second) == pytest.approx(expected, abs=1e-9)

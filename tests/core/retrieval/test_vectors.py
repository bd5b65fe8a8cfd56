"""Vectors with their provenance: what keeps it, and which products are refused."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from metier.errors import UsageError
from metier.registry.provenance import Provenance
from metier.retrieval.nearest import nearest
from metier.retrieval.vectors import Vectors

MADE_WITH = Provenance("tiny", "f00d", 4)
OTHER = Provenance("large", "beef", 4)


def vectors(provenance: Provenance = MADE_WITH) -> Vectors:
    return Vectors.of(np.eye(4, dtype=np.float32)[:3], provenance)


@pytest.mark.parametrize(
    "pick",
    [
        lambda v: v[1:],
        lambda v: v[0],
        lambda v: v[[2, 0]],
        lambda v: v[v[:, 0] > 0],
        lambda v: v.T,
        lambda v: v.copy(),
        copy.copy,
        copy.deepcopy,
        lambda v: pickle.loads(pickle.dumps(v)),
        lambda v: pickle.loads(pickle.dumps(v[1:], protocol=2)),
        lambda v: v.astype(np.float16),
    ],
)
def test_what_is_picked_out_in_whole_vectors_keeps_the_provenance(pick):
    assert pick(vectors()).provenance == MADE_WITH


@pytest.mark.parametrize(
    "compute",
    [
        lambda v: v[:, :2],
        lambda v: v.reshape(-1),
        lambda v: v @ v.T,
        lambda v: v.mean(axis=0),
        lambda v: v * 2,
        lambda v: v.argsort(axis=1),
        lambda v: np.concatenate([v, v]),
        lambda v: np.asarray(v),
    ],
)
def test_what_is_computed_has_none(compute):
    assert getattr(compute(vectors()), "provenance", None) is None


def test_as_many_vectors_as_they_have_numbers_are_told_from_their_numbers():
    square = Vectors.of(np.eye(4, dtype=np.float32), MADE_WITH)
    assert [part.provenance for part in (square[:, :2], square[:, 0], square[:, ::2])] == [None] * 3
    assert [part.provenance for part in (square[:2], square[0], square[::2], square.T)] == [
        MADE_WITH
    ] * 4


@pytest.mark.parametrize("pick", [lambda v: v[1:], lambda v: v[:, :2], lambda v: v.T])
def test_a_pickle_holds_the_numbers_and_the_provenance_of_a_selection(pick):
    selection = pick(vectors())
    restored = pickle.loads(pickle.dumps(selection))
    assert type(restored) is Vectors
    assert np.array_equal(np.asarray(restored), np.asarray(selection))
    assert restored.provenance == selection.provenance


def test_the_former_name_of_the_provenance_still_works_with_a_warning():
    with pytest.warns(DeprecationWarning, match=r"Vectors\.provenance"):
        assert vectors().mark == MADE_WITH


def test_the_numbers_are_those_that_were_given_and_can_be_changed():
    plain = np.eye(4, dtype=np.float32)[:3]
    changed = Vectors.of(plain, MADE_WITH)
    changed += 1
    assert np.array_equal(changed, np.eye(4)[:3] + 1)
    assert np.array_equal(changed, plain)


def test_a_product_of_vectors_made_otherwise_is_refused_with_the_difference():
    with pytest.raises(UsageError, match=r"model: 'tiny' \(fingerprint f00d\) and 'large'"):
        vectors() @ vectors(OTHER).T
    with pytest.raises(UsageError, match="cannot be compared"):
        np.matmul(vectors()[0], vectors(OTHER)[0])


def test_bare_numbers_may_be_multiplied_with_anything():
    one, other = vectors(), vectors(OTHER)
    assert np.array_equal(np.asarray(one) @ other.T, np.eye(3))
    assert np.array_equal(one @ one.T, np.eye(3))


def test_a_search_refuses_them_by_name():
    with pytest.raises(UsageError, match="vectors of the queries and of the documents"):
        nearest(vectors(), vectors(OTHER), 1)
    places, scores = nearest(vectors(), vectors(), 1)
    assert places[:, 0].tolist() == [0, 1, 2]
    assert type(scores) is np.ndarray


def test_a_search_in_vectors_of_another_size_says_both():
    with pytest.raises(UsageError, match="of 2 dimensions cannot be compared with documents of 4"):
        nearest(np.ones((1, 2), np.float32), np.ones((3, 4), np.float32), 1)

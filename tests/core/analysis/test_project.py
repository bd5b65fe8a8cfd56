"""The flat map: two finite coordinates for each row, the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from tests.core.analysis.vectors import groups, scattered
from threadpoolctl import threadpool_limits

from metier.analysis.projection import flat_map


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 6, 40])
def test_every_row_has_its_place(count):
    places, laid_out = flat_map(scattered(max(count, 1))[:count])
    assert (places.shape, laid_out) == ((count, 2), count)
    assert np.isfinite(places).all()


@pytest.mark.parametrize("count", [2, 4, 5, 50])
def test_rows_that_are_all_the_same_lie_at_the_origin(count):
    assert (flat_map(np.repeat(scattered(1), count, axis=0)).places == 0).all()


def test_vectors_of_one_number_have_a_map():
    assert flat_map(np.array([[1.0], [-1.0], [1.0]], dtype=np.float32)).places.shape == (3, 2)


def test_the_map_does_not_depend_on_how_many_threads_there_are():
    vectors = groups([20, 20])
    with threadpool_limits(1):
        expected = flat_map(vectors).places
    assert (flat_map(vectors).places == expected).all()


def test_rows_of_one_group_lie_together():
    places = flat_map(groups([25, 25])).places
    one, two = places[:25], places[25:]
    apart = np.linalg.norm(one.mean(axis=0) - two.mean(axis=0))
    assert np.linalg.norm(one - one.mean(axis=0), axis=1).max() < apart


@pytest.fixture
def few_laid_out(monkeypatch):
    """Forty rows are many, so that a test of many takes no minute."""
    monkeypatch.setattr("metier.analysis.projection.SAMPLE", 40)


def test_of_many_rows_some_are_laid_out_and_the_others_stand_in_their_groups(few_laid_out):
    labels = np.repeat([0, 1, 2], 50)

    places, laid_out = flat_map(groups([50, 50, 50]))

    assert laid_out == 40
    assert len(np.unique(places, axis=0)) > 75, "what was placed does not lie in one heap"
    nearest = KNeighborsClassifier(3).fit(places, labels).predict(places)
    assert (nearest == labels).all()


def test_a_map_of_many_rows_is_the_same_every_time_and_another_under_another_seed(few_laid_out):
    vectors = groups([50, 50])

    first, again, other = (flat_map(vectors, seed=seed).places for seed in (0, 0, 1))

    assert (first == again).all()
    assert (first != other).any()


def test_many_rows_of_which_all_that_were_drawn_are_the_same_have_a_map(few_laid_out):
    vectors = np.repeat(scattered(1), 500, axis=0)
    vectors[123] = scattered(2)[1]

    assert np.isfinite(flat_map(vectors).places).all()

"""The flat map: two finite coordinates for each row, the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from tests.core.analysis.vectors import groups, scattered
from threadpoolctl import threadpool_limits

from metier.analysis.project import flat_map


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 6, 40])
def test_every_row_has_its_place(count):
    places = flat_map(scattered(max(count, 1))[:count])
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()


@pytest.mark.parametrize("count", [2, 4, 5, 50])
def test_rows_that_are_all_the_same_lie_at_the_origin(count):
    assert (flat_map(np.repeat(scattered(1), count, axis=0)) == 0).all()


def test_vectors_of_one_number_have_a_map():
    assert flat_map(np.array([[1.0], [-1.0], [1.0]], dtype=np.float32)).shape == (3, 2)


def test_the_map_does_not_depend_on_how_many_threads_there_are():
    vectors = groups([20, 20])
    with threadpool_limits(1):
        expected = flat_map(vectors)
    assert (flat_map(vectors) == expected).all()


def test_rows_of_one_group_lie_together():
    places = flat_map(groups([25, 25]))
    one, two = places[:25], places[25:]
    apart = np.linalg.norm(one.mean(axis=0) - two.mean(axis=0))
    assert np.linalg.norm(one - one.mean(axis=0), axis=1).max() < apart

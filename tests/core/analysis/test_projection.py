"""Projection to two dimensions: finite coordinates for each row, the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from tests.core.analysis.vectors import groups, scattered
from threadpoolctl import threadpool_limits

from metier.analysis.projection import project


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 6, 40])
def test_every_row_has_finite_coordinates(count):
    coordinates, sample_size = project(scattered(max(count, 1))[:count])
    assert (coordinates.shape, sample_size) == ((count, 2), count)
    assert np.isfinite(coordinates).all()


@pytest.mark.parametrize("count", [2, 4, 5, 50])
def test_equal_rows_are_projected_to_the_origin(count):
    assert (project(np.repeat(scattered(1), count, axis=0)).coordinates == 0).all()


def test_vectors_of_one_dimension_can_be_projected():
    assert project(np.array([[1.0], [-1.0], [1.0]], dtype=np.float32)).coordinates.shape == (3, 2)


def test_the_projection_does_not_depend_on_the_number_of_threads():
    vectors = groups([20, 20])
    with threadpool_limits(1):
        expected = project(vectors).coordinates
    assert (project(vectors).coordinates == expected).all()


def test_rows_of_one_group_lie_together():
    coordinates = project(groups([25, 25])).coordinates
    first, second = coordinates[:25], coordinates[25:]
    distance = np.linalg.norm(first.mean(axis=0) - second.mean(axis=0))
    assert np.linalg.norm(first - first.mean(axis=0), axis=1).max() < distance


@pytest.fixture
def small_sample(monkeypatch):
    """A sample of forty rows, so that tests with a sample are fast."""
    monkeypatch.setattr("metier.analysis.projection.SAMPLE", 40)


def test_rows_outside_the_sample_lie_in_their_groups(small_sample):
    labels = np.repeat([0, 1, 2], 50)

    coordinates, sample_size = project(groups([50, 50, 50]))

    assert sample_size == 40
    assert len(np.unique(coordinates, axis=0)) > 75, "rows outside the sample are spread out"
    nearest = KNeighborsClassifier(3).fit(coordinates, labels).predict(coordinates)
    assert (nearest == labels).all()


def test_a_projection_with_a_sample_is_the_same_for_the_same_seed_only(small_sample):
    vectors = groups([50, 50])

    first, again, other = (project(vectors, seed=seed).coordinates for seed in (0, 0, 1))

    assert (first == again).all()
    assert (first != other).any()


def test_a_sample_of_equal_rows_gives_finite_coordinates(small_sample):
    vectors = np.repeat(scattered(1), 500, axis=0)
    vectors[123] = scattered(2)[1]

    assert np.isfinite(project(vectors).coordinates).all()

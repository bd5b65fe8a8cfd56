"""How much rows belong to clusters, and which clusters are merged first."""

from __future__ import annotations

import numpy as np
import pytest
from tests.core.analysis.vectors import groups, scattered, unit

from metier.analysis.clusters import Clusters, cluster
from metier.analysis.group_hierarchy import group_hierarchy
from metier.analysis.memberships import memberships, reassign_noise


def test_rows_of_clear_groups_belong_to_their_own():
    vectors = groups([30, 25, 20])
    clusters = cluster(vectors)
    belonging = memberships(vectors, clusters)
    assert belonging.probabilities.shape == (75, 3)
    assert belonging.probabilities.sum(axis=1) == pytest.approx(np.ones(75))
    assert (belonging.probabilities.argmax(axis=1) == clusters.labels).all()
    assert (belonging.distances < 0.1).all()


def test_a_row_between_two_groups_belongs_to_both():
    first, second = np.eye(8)[:2]
    shifts = 0.02 * np.random.default_rng(0).standard_normal((60, 8))
    vectors = unit(np.repeat([first, second], 30, axis=0) + shifts)
    clusters = cluster(vectors)
    rows = np.concatenate([vectors[:7], vectors[30:37], unit(first + second)])
    labels = np.append(clusters.labels[[*range(7), *range(30, 37)]], -1)
    few = Clusters(labels, np.ones(15), np.array([0, 7]))
    shares = memberships(rows, few).probabilities[14]
    assert shares == pytest.approx([0.5, 0.5], abs=0.05)


def test_a_pile_of_equal_rows_belongs_to_its_own_group():
    vectors = np.concatenate([np.tile(unit([1.0] + [0.0] * 15), (50, 1)), groups([30, 30], seed=4)])
    clusters = cluster(vectors)
    shares = memberships(vectors, clusters).probabilities
    assert (shares[:50].argmax(axis=1) == clusters.labels[:50]).all()


def test_noise_is_put_into_the_likeliest_group_with_its_probability():
    vectors = np.concatenate([groups([40, 30]), scattered(8, seed=9)])
    clusters = cluster(vectors)
    belonging = memberships(vectors, clusters)
    noise = clusters.labels == -1
    assert noise.any()
    moved = reassign_noise(clusters, belonging)
    assert (moved.labels >= 0).all()
    assert (moved.labels[~noise] == clusters.labels[~noise]).all()
    assert (moved.labels[noise] == belonging.probabilities[noise].argmax(axis=1)).all()
    assert moved.strengths[noise] == pytest.approx(belonging.probabilities[noise].max(axis=1))


def test_where_there_is_no_group_nothing_is_reassigned():
    vectors = scattered(3)
    clusters = cluster(vectors)
    belonging = memberships(vectors, clusters)
    assert belonging.probabilities.shape == (3, 0)
    assert reassign_noise(clusters, belonging).labels.tolist() == [-1, -1, -1]


def test_the_nearest_groups_are_merged_first_down_to_one():
    centers = np.array([[1.0, 0, 0], [0.98, 0.2, 0], [0, 1.0, 0], [0, 0, 1.0]])
    vectors = np.repeat(unit(centers), 5, axis=0)
    labels = np.repeat(np.arange(4), 5)
    merges = group_hierarchy(vectors, labels)
    assert [merge.groups for merge in merges] == [3, 2, 1]
    assert (merges[0].first, merges[0].second) == ((0,), (1,))
    distances = [merge.distance for merge in merges]
    assert distances == sorted(distances)
    assert sorted((*merges[-1].first, *merges[-1].second)) == [0, 1, 2, 3]
    order = np.random.default_rng(0).permutation(20)
    assert group_hierarchy(vectors[order], labels[order]) == merges
    assert group_hierarchy(vectors, np.full(20, -1)) == []

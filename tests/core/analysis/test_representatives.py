"""Representatives of a group: near its center and unlike each other."""

from __future__ import annotations

import numpy as np
from tests.core.analysis.vectors import groups, unit

from metier.analysis.clusters import cluster
from metier.analysis.representatives import representatives


def test_representatives_are_members_and_the_medoid_is_first():
    vectors = groups([30, 25, 20])
    clusters = cluster(vectors)
    chosen = representatives(vectors, clusters.labels, clusters.medoids)
    assert [rows[0] for rows in chosen] == clusters.medoids.tolist()
    for label, rows in enumerate(chosen):
        assert len(set(rows)) == len(rows) == 3
        assert (clusters.labels[rows] == label).all()


def test_two_halves_of_a_group_are_both_represented():
    half = groups([20, 20], dim=3, spread=0.02, seed=3)
    labels = np.zeros(40, dtype=np.int64)
    (rows,) = representatives(half, labels, np.array([4]), count=2)
    assert {row // 20 for row in rows} == {0, 1}


def test_equal_rows_represent_a_group_once():
    vectors = unit(np.tile([1.0, 0.0], (9, 1)))
    assert representatives(vectors, np.zeros(9, dtype=np.int64), np.array([2])) == [[2]]


def test_the_order_of_rows_decides_nothing():
    vectors = groups([20, 15], seed=5)
    clusters = cluster(vectors)
    order = np.random.default_rng(1).permutation(35)
    shuffled = cluster(vectors[order])
    straight = representatives(vectors, clusters.labels, clusters.medoids)
    assert straight == [
        order[rows].tolist()
        for rows in representatives(vectors[order], shuffled.labels, shuffled.medoids)
    ]

"""Clusters: rules that hold for every input, and clear groups that are clusters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from tests.core.analysis.vectors import groups, scattered, unit
from threadpoolctl import threadpool_limits

from metier.analysis.clusters import NOISE, Clusters, cluster, default_min_cluster_size
from metier.errors import ParameterError


@st.composite
def inputs(draw):
    """Rows of groups, repeated rows and scattered rows in any mixture, shuffled."""
    seed = draw(st.integers(0, 10_000))
    sizes = draw(st.lists(st.integers(1, 30), max_size=4))
    parts = [scattered(draw(st.integers(1, 40)), seed=seed)]
    if sizes:
        parts.append(groups(sizes, spread=draw(st.sampled_from([0.0, 0.01, 0.1, 0.5])), seed=seed))
    rows = np.concatenate(parts)
    return rows[np.random.default_rng(seed).permutation(len(rows))]


def check_rules(vectors, clusters: Clusters) -> None:
    sizes = [int((clusters.labels == label).sum()) for label in range(clusters.count)]
    assert sizes == sorted(sizes, reverse=True)
    assert set(clusters.labels) <= {NOISE, *range(clusters.count)}
    assert all(sizes)
    firsts = [
        tuple(min(vectors[clusters.labels == label].tolist())) for label in range(clusters.count)
    ]
    for label in range(1, clusters.count):
        assert sizes[label - 1] > sizes[label] or firsts[label - 1] < firsts[label]
    assert ((clusters.strengths >= 0) & (clusters.strengths <= 1)).all()
    assert (clusters.strengths[clusters.labels == NOISE] == 0).all()
    for label, medoid in enumerate(clusters.medoids):
        members = vectors[clusters.labels == label]
        assert clusters.labels[medoid] == label
        products = members @ members.mean(axis=0)
        assert vectors[medoid] @ members.mean(axis=0) == pytest.approx(products.max(), abs=1e-5)


def purity(clusters: Clusters, sizes: list[int]) -> float:
    """Share of the clustered rows whose group is the majority of their cluster."""
    group = np.repeat(np.arange(len(sizes)), sizes)
    inside = [group[clusters.labels == label] for label in range(clusters.count)]
    return sum(np.bincount(members).max() for members in inside) / sum(map(len, inside))


@settings(max_examples=12)
@given(inputs(), st.none() | st.integers(2, 12))
def test_labels_follow_their_rules(vectors, size):
    clusters = cluster(vectors, min_cluster_size=size)
    check_rules(vectors, clusters)
    smallest = size or default_min_cluster_size(len(vectors))
    for label in range(clusters.count):
        assert (clusters.labels == label).sum() >= smallest


@settings(max_examples=12)
@given(inputs())
def test_the_same_rows_give_the_same_clusters(vectors):
    first, second = cluster(vectors), cluster(vectors.copy())
    assert (first.labels == second.labels).all()
    assert (first.strengths == second.strengths).all()
    assert (first.medoids == second.medoids).all()


@settings(max_examples=15)
@given(inputs(), st.integers(0, 100))
def test_the_order_of_rows_changes_no_label(vectors, seed):
    order = np.random.default_rng(seed).permutation(len(vectors))
    straight, shuffled = cluster(vectors), cluster(vectors[order])
    assert (straight.labels[order] == shuffled.labels).all()
    assert (straight.strengths[order] == shuffled.strengths).all()
    assert (vectors[straight.medoids] == vectors[order][shuffled.medoids]).all()


@settings(max_examples=12)
@given(inputs(), st.data())
def test_equal_rows_have_the_same_label(vectors, data):
    row = data.draw(st.integers(0, len(vectors) - 1))
    repeated = np.concatenate([vectors, np.repeat(vectors[row : row + 1], 7, axis=0)])
    labels = cluster(repeated).labels
    _, inverse = np.unique(repeated, axis=0, return_inverse=True)
    for index in np.unique(inverse):
        assert len(set(labels[inverse == index])) == 1


@pytest.mark.parametrize("sizes", [[12, 8], [30, 20, 15], [60, 40], [200, 100, 50, 25]])
def test_no_cluster_mixes_groups_that_stand_apart(sizes):
    clusters = cluster(groups(sizes, dim=64))
    assert purity(clusters, sizes) == 1.0
    assert len(sizes) <= clusters.count <= 2 * len(sizes)
    assert (clusters.labels == NOISE).mean() < 0.2


@pytest.mark.parametrize("sizes", [[60] * 3, [100] * 5, [40] * 8])
def test_groups_that_stand_clearly_apart_are_not_divided(sizes):
    clusters = cluster(groups(sizes, dim=128, spread=0.1))

    assert clusters.count == len(sizes)


def test_boilerplate_repeated_often_does_not_make_everything_else_noise():
    notes = groups([30, 30, 30], dim=384)
    template = np.repeat(unit(np.random.default_rng(9).standard_normal((3, 384))), 60, axis=0)

    clusters = cluster(np.concatenate([notes, template]))

    assert (clusters.labels[:90] == NOISE).sum() <= 9


def test_rows_far_from_all_others_are_noise():
    vectors = np.concatenate([groups([40, 40], dim=64, spread=0.02), scattered(3, dim=64, seed=9)])
    assert (cluster(vectors).labels[-3:] == NOISE).all()


def test_groups_are_found_beside_a_text_that_is_half_of_the_rows():
    vectors = np.concatenate([groups([60], spread=0.0), groups([25, 25], seed=3)])
    labels = cluster(vectors).labels
    assert set(labels[:60]) == {0}
    assert (labels[60:85] == labels[60]).mean() > 0.9
    assert (labels[85:] == labels[85]).mean() > 0.9


def clean_groups(count: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.intp]]:
    """Return 50 rows around each of `count` random directions, shuffled, and their groups."""
    vectors = groups([50] * count, dim=384, spread=0.03, seed=count)
    order = np.random.default_rng(count).permutation(len(vectors))
    return vectors[order], np.repeat(np.arange(count), 50)[order]


@pytest.mark.parametrize("count", [2, 5, 20, pytest.param(200, marks=pytest.mark.slow)])
def test_every_group_is_found_however_many_there_are(count):
    vectors, truth = clean_groups(count)

    clusters = cluster(vectors)

    assert abs(clusters.count - count) <= 0.03 * count
    assert adjusted_rand_score(truth, clusters.labels) >= 0.95


def test_groups_of_very_different_sizes_are_found():
    sizes = [400, 100, 60, 40, 30, 30, 25, 20, 15, 12]
    clusters = cluster(groups(sizes, dim=384, spread=0.03))
    assert adjusted_rand_score(np.repeat(np.arange(10), sizes), clusters.labels) >= 0.95


def test_thousands_of_rows_that_are_nearly_equal_in_each_group_are_clustered():
    sizes = [75] * 28
    vectors = groups(sizes, dim=32, spread=0.002)
    clusters = cluster(vectors)
    check_rules(vectors, clusters)
    assert clusters.count == 28
    assert purity(clusters, sizes) == 1.0


@pytest.mark.parametrize("number", [1, 2, 7, 30, 64, 100])
def test_the_number_of_groups_is_what_was_requested(number):
    vectors, _ = clean_groups(8)
    clusters = cluster(vectors, groups=number)
    check_rules(vectors, clusters)
    assert clusters.count == number


def test_as_many_groups_as_there_are_are_these_groups():
    vectors, truth = clean_groups(8)
    assert adjusted_rand_score(truth, cluster(vectors, groups=8).labels) == 1.0


def test_fewer_groups_than_there_are_divide_none():
    vectors, truth = clean_groups(8)
    labels = cluster(vectors, groups=3).labels
    assert all(len(set(labels[truth == number])) == 1 for number in range(8))


def test_more_groups_than_there_are_mix_none():
    vectors, truth = clean_groups(8)
    labels = cluster(vectors, groups=20).labels
    assert all(len(set(truth[labels == label])) == 1 for label in range(20))


@settings(max_examples=12)
@given(inputs(), st.data())
def test_any_number_of_groups_up_to_that_of_different_rows_is_possible(vectors, data):
    different = len(np.unique(vectors, axis=0))
    number = data.draw(st.integers(1, different))
    assert cluster(vectors, groups=number).count == number


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"groups": 0}, "groups=0 is less than 1"),
        ({"groups": 6}, "groups=6 is more than there are different texts: 5"),
        ({"groups": 2, "min_cluster_size": 2}, "cannot both be given"),
    ],
)
def test_a_number_of_groups_that_cannot_be_is_refused(options, message):
    with pytest.raises(ParameterError, match=message):
        cluster(scattered(5), **options)


def test_the_number_of_threads_changes_nothing():
    vectors = groups([120, 90, 60, 30], dim=256, spread=0.08)
    with threadpool_limits(1):
        single = cluster(vectors)
    with threadpool_limits(2):
        double = cluster(vectors)
    assert (single.labels == double.labels).all()
    assert (single.strengths == double.strengths).all()


def test_a_pile_of_equal_rows_is_not_put_to_the_group_beside_it():
    vectors = np.concatenate([groups([60], dim=64, spread=0.0), groups([30, 30], dim=64, seed=3)])
    labels = cluster(vectors).labels
    assert labels[:60].tolist() == [0] * 60
    assert (labels[60:] != 0).all()


@pytest.mark.parametrize("count", [2, 3, 5, 39, 40, 60])
def test_rows_that_are_all_equal_are_one_cluster(count):
    clusters = cluster(np.repeat(scattered(1), count, axis=0), min_cluster_size=2)
    assert (clusters.labels == 0).all()
    assert (clusters.strengths == 1).all()


@settings(max_examples=20, deadline=None)
@given(
    pile=st.integers(10, 120),
    others=st.integers(1, 4),
    near=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_a_pile_of_equal_rows_with_a_few_others_is_a_cluster(pile, others, near, seed):
    rows = groups([pile], dim=64, spread=0.0, seed=seed)
    strange = scattered(others, dim=64, seed=seed + 1)
    if near:
        strange = unit(rows[:1] + 0.5 * strange)
    order = np.random.default_rng(seed).permutation(pile + others)
    clusters = cluster(np.concatenate([rows, strange])[order], min_cluster_size=5)
    labels = np.empty(pile + others, dtype=int)
    labels[order] = clusters.labels
    assert clusters.count == 1
    assert (labels[:pile] == 0).all()
    assert (labels[pile:] == NOISE).all()


def test_a_pile_smaller_than_the_smallest_cluster_is_noise():
    rows = np.concatenate([groups([4], spread=0.0), scattered(2, seed=3)])
    assert cluster(rows, min_cluster_size=5).count == 0


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_rows_are_noise(count):
    clusters = cluster(scattered(max(count, 1))[:count])
    assert clusters.count == 0
    assert (clusters.labels == NOISE).all()
    assert len(clusters.labels) == count


def test_a_minimum_size_above_the_number_of_rows_gives_no_cluster():
    assert cluster(groups([10, 10]), min_cluster_size=21).count == 0


@pytest.mark.parametrize("size", [1, 0, -5])
def test_a_cluster_of_one_is_refused(size):
    with pytest.raises(ParameterError, match=f"min_cluster_size={size} is less than 2"):
        cluster(scattered(5), min_cluster_size=size)


def test_the_smallest_group_grows_with_the_rows():
    sizes = [default_min_cluster_size(rows) for rows in (2, 19, 20, 250, 1000, 10_000)]
    assert sizes == [2, 2, 5, 5, 8, 25]


def test_types_are_as_documented():
    clusters = cluster(unit(groups([20, 20])))
    assert (clusters.labels.dtype, clusters.strengths.dtype) == (np.int64, np.float64)
    assert clusters.medoids.dtype == np.int64

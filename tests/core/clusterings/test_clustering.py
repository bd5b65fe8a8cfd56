"""Clusterings that are kept: labels and names that stay, new texts and topics, users' changes."""

from __future__ import annotations

import numpy as np
import pytest
from tests.core.analysis.vectors import scattered
from tests.core.clusterings.blobs import SUBJECTS, topic, topics

from metier import Clustering, Provenance, Vectors
from metier.analysis.clusters import cluster
from metier.errors import ParameterError, UnknownNameError, UsageError


def kept(*counts: int) -> Clustering:
    vectors, texts, _ = topics(*counts)
    return Clustering.of(vectors, cluster(vectors), texts)


@pytest.fixture(scope="module")
def clustering() -> Clustering:
    return kept(60, 50, 40)


def names(clustering: Clustering) -> dict[int, str]:
    return {group.label: group.name for group in clustering.groups}


def test_a_group_has_a_label_a_name_a_size_and_keywords(clustering):
    assert names(clustering) == {0: "bear", 1: "train", 2: "soup"}
    assert [group.size for group in clustering.groups] == [60, 50, 40]
    assert [group.keywords for group in clustering.groups] == [("bear",), ("train",), ("soup",)]
    assert (clustering.texts, clustering.outliers, clustering.next_label) == (150, 0, 3)


def test_texts_of_the_clustering_are_assigned_to_their_own_groups():
    rows = np.concatenate([topics(60, 50, 40)[0], scattered(30, seed=3)])
    clusters = cluster(rows)
    clustering = Clustering.of(rows, clusters, ["a bear"] * len(rows))
    assert (clusters.labels == -1).any()
    assert (clustering.assign(rows).labels == clusters.labels).mean() >= 0.99


def test_new_texts_are_assigned_by_their_nearest_with_probabilities(clustering):
    vectors, _, subjects = topics(20, 20, 20, seed=1)
    assigned = clustering.assign(vectors)
    assert assigned.labels.tolist() == subjects.tolist()
    assert assigned.probabilities.sum(axis=1) == pytest.approx(np.ones(60))
    between = np.sqrt(0.5) * (vectors[[0]] + vectors[[20]])
    shares = clustering.assign(between).probabilities[0]
    assert 0.05 < shares[0] < 0.95
    assert shares[0] + shares[1] == pytest.approx(1.0, abs=1e-6)


def test_a_text_far_from_every_group_is_an_outlier_with_its_distance(clustering):
    vectors, _ = topic(4, 5)
    assigned = clustering.assign(vectors)
    assert assigned.labels.tolist() == [-1] * 5
    assert (assigned.distances > 0.5).all()
    assert set(assigned.nearest) <= {0, 1, 2}


def test_nothing_can_be_assigned_where_there_is_no_group():
    clustering = kept(3)
    assert clustering.groups == ()
    assert clustering.assign(topic(1, 2)[0]).labels.tolist() == [-1, -1]


def test_more_texts_of_old_topics_change_no_label_and_no_name(clustering):
    vectors, texts, subjects = topics(12, 10, 8, seed=2)
    grown, labels = clustering.update(vectors, texts)
    assert labels.tolist() == subjects.tolist()
    assert names(grown) == names(clustering)
    assert [group.size for group in grown.groups] == [72, 60, 48]
    assert (grown.labels[:150] == clustering.labels).all()


@pytest.mark.parametrize("count", [8, 40, 200])
def test_a_new_topic_is_exactly_one_new_group(clustering, count):
    more, more_texts, subjects = topics(12, 10, 8, seed=2)
    new, new_texts = topic(3, count)
    grown, labels = clustering.update(np.concatenate([more, new]), [*more_texts, *new_texts])
    assert names(grown) == {**names(clustering), 3: SUBJECTS[3]}
    assert labels.tolist() == [*subjects.tolist(), *[3] * count]
    assert grown.groups[3].size == count


def test_outliers_wait_until_there_are_enough_of_them(clustering):
    first, texts = topic(3, 3)
    grown, labels = clustering.update(first, texts)
    assert labels.tolist() == [-1, -1, -1]
    assert grown.outliers == 3
    more, texts = topic(3, 6, seed=1)
    grown, labels = grown.update(more, texts)
    assert labels.tolist() == [3] * 6
    assert (grown.groups[3].size, grown.outliers) == (9, 0)


def test_the_same_texts_in_another_order_grow_the_same_groups(clustering):
    vectors = np.concatenate([topic(3, 20)[0], topic(4, 30)[0]])
    texts = [*topic(3, 20)[1], *topic(4, 30)[1]]
    order = np.random.default_rng(0).permutation(50)
    straight, labels = clustering.update(vectors, texts)
    shuffled, others = clustering.update(vectors[order], [texts[row] for row in order])
    assert others.tolist() == labels[order].tolist()
    assert names(shuffled) == names(straight) == {**names(clustering), 3: "knee", 4: "loan"}


def test_a_label_is_never_used_again():
    merged = kept(60, 50, 40).merge([0, 1])
    grown, _ = merged.update(*topic(3, 20))
    assert list(names(grown)) == [0, 2, 3]


def test_what_users_rename_merge_and_split_stays_over_updates(clustering):
    edited = clustering.rename("soup", "Meals").merge(["train", "bear"], name="Toys")
    assert names(edited) == {1: "Toys", 2: "Meals"}
    assert (edited.groups[0].size, edited.groups[0].merged) == (110, (0,))
    grown, labels = edited.update(*topics(6, 6, 6, 30, seed=4)[:2])
    assert names(grown) == {1: "Toys", 2: "Meals", 3: "loan"}
    assert [labels[row] for row in (0, 6, 12, 18)] == [1, 1, 2, 3]
    assert [group.renamed for group in grown.groups] == [True, True, False]


def test_a_group_is_split_and_its_largest_part_keeps_the_label(clustering):
    toys = clustering.merge([0, 1], name="Toys")
    divided = toys.split("toys")
    assert names(divided) == {0: "Toys", 2: "soup", 3: "train"}
    assert [group.size for group in divided.groups] == [60, 40, 50]
    assert divided.assign(topic(1, 4, seed=5)[0]).labels.tolist() == [3] * 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda kept: kept.rename("soup", " "), "name of a group is empty"),
        (lambda kept: kept.rename("soup", "TRAIN"), "group 1 is called 'TRAIN' already"),
        (lambda kept: kept.merge([1, "train"]), "1 group cannot be merged"),
        (lambda kept: kept.split(0, parts=1), "cannot be divided into parts=1"),
        (lambda kept: kept.split(0, parts=61), "It has 60 different texts"),
    ],
)
def test_a_change_that_cannot_be_is_refused(clustering, change, message):
    with pytest.raises(ParameterError, match=message):
        change(clustering)


def test_a_group_that_is_not_there_is_refused_with_close_names(clustering):
    with pytest.raises(UnknownNameError, match="soup"):
        clustering.rename("soap", "x")


def test_vectors_of_another_model_are_refused():
    vectors, texts, _ = topics(60, 50)
    own = Provenance("tiny", "a" * 16, 16)
    clustering = Clustering.of(Vectors.of(vectors, own), cluster(vectors), texts)
    other = Vectors.of(vectors, Provenance("other", "b" * 16, 16))
    for use in (lambda: clustering.assign(other), lambda: clustering.update(other, texts)):
        with pytest.raises(UsageError, match="model: tiny") as caught:
            use()
        assert caught.value.code == "clustering-mismatch"


def test_groups_of_the_same_words_have_different_names():
    vectors, _, _ = topics(60, 50)
    clustering = Clustering.of(vectors, cluster(vectors), ["a bear"] * 110)
    assert names(clustering) == {0: "bear", 1: "bear (2)"}


def test_vectors_that_do_not_fit_the_groups_are_refused(clustering):
    dim = clustering.vectors.shape[1]
    for vectors in (np.ones((2, dim + 1)), np.full((2, dim), np.nan), np.ones(dim)):
        with pytest.raises(ParameterError, match="the groups need"):
            clustering.assign(vectors.astype(np.float32))
    with pytest.raises(ParameterError, match="There are 2 vectors and 1 texts"):
        clustering.update(clustering.vectors[:2], ["one"])
    grown, labels = clustering.update(clustering.vectors[:0], [])
    assert (grown.groups, labels.tolist()) == (clustering.groups, [])

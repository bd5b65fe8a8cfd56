"""Growth of a clustering: new texts join its groups, and new topics become groups of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from metier.analysis.clusters import default_min_cluster_size
from metier.analysis.neighbor_graph import Neighbors, nearest_neighbors
from metier.analysis.term_counts import TermCounts, count_terms
from metier.clusterings.assignment import OUTLIER, assign

if TYPE_CHECKING:
    from metier.clusterings.clustering import Clustering

C = TypeVar("C", bound="Clustering")

Vectors = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_LINKED = 15
"""Nearest rows by which rows of a new group are linked."""

_EXPECTED = 12
"""Rows of old groups that are expected among the neighbors that are counted."""

_MOST_COUNTED = 100

_ROUNDS = 3
"""How often texts join a new group that grew."""

_NEW_TOPIC = 0.5
"""How many of the expected rows of old groups are among the neighbors of a new topic, at most."""


def grow(clustering: C, vectors: Vectors, texts: Sequence[str]) -> tuple[C, Labels]:
    """Put new texts into a clustering; what is no topic of its groups becomes a new group.

    The labels and names of its groups stay, and so do those of the texts in them. A text is of a
    new topic where less than half as many of its nearest neighbors, old and new, are in old groups
    as are of all texts. Texts of a new topic, and outliers, are one new group where they are linked
    by being among each other's 15 nearest, and if they are as many as the smallest group has. Such
    a group gets a label that no group had before, and new texts join it if most of their nearest
    texts are in it. The other texts are assigned as by `assign`.

    Args:
        clustering: that grows.
        vectors: (n, dim) unit vectors.
        texts: n texts, of which the terms are kept.

    Returns:
        The clustering with the texts in it, and the (n,) labels of the texts.
    """
    assigned = assign(clustering, vectors)
    distinct, first, inverse, copies = np.unique(
        vectors, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    if not len(distinct):
        return clustering, assigned.labels
    old = len(clustering.labels)
    known = replace(
        clustering,
        vectors=np.concatenate([clustering.vectors, distinct]),
        labels=np.concatenate([clustering.labels, assigned.labels[first]]),
        copies=np.concatenate([clustering.copies, copies]),
        terms=_joined(clustering, [texts[row] for row in first.tolist()]),
    )
    candidates = known.labels == OUTLIER
    candidates[old:] |= _is_of_new_topic(known.vectors, clustering.labels)
    labels, new = _with_new_groups(known, candidates, old)
    changed = {int(label) for label in np.unique(labels[old:]) if label != OUTLIER} - set(new)
    return known.with_labels(labels, new=new, changed=changed), labels[old:][inverse]


def _is_of_new_topic(vectors: Vectors, old_labels: Labels) -> Mask:
    """Return which of the rows after the old ones have few neighbors in old groups.

    Args:
        vectors: (n, dim) of all rows.
        old_labels: (m,) of the first of them.
    """
    old, count = len(old_labels), len(vectors)
    is_grouped = np.zeros(count, dtype=bool)
    is_grouped[:old] = old_labels != OUTLIER
    expected = is_grouped.mean()
    if not expected:
        return np.ones(count - old, dtype=bool)
    counted = min(int(np.clip(np.ceil(_EXPECTED / expected), _LINKED, _MOST_COUNTED)), count - 1)
    # one more than are counted, since a row is its own nearest
    near = nearest_neighbors(vectors, min(counted + 1, count), queries=vectors[old:]).indices
    itself = near == np.arange(old, count)[:, None]
    shares = (is_grouped[near] & ~itself).sum(axis=1) / counted
    is_new: Mask = shares < _NEW_TOPIC * expected
    return is_new


def _with_new_groups(
    clustering: Clustering, candidates: Mask, old: int
) -> tuple[Labels, list[int]]:
    """Return the (n,) labels with those of new groups, and the new labels, the largest group first.

    Args:
        clustering: with the n rows, labeled as they are assigned.
        candidates: (n,) rows that may be of new groups.
        old: rows that were there before; a new group has others, too.
    """
    rows = np.flatnonzero(candidates)
    least = clustering.options.min_cluster_size or default_min_cluster_size(clustering.texts)
    parts = _linked(clustering.vectors, rows)
    totals = np.bincount(parts, weights=clustering.copies[rows], minlength=1)
    has_new = np.bincount(parts, weights=rows >= old, minlength=1) > 0
    labels, first = clustering.labels.copy(), clustering.next_label
    for part in np.flatnonzero((totals >= least) & has_new).tolist():
        labels[rows[parts == part]] = first + part
    labels = _grown(clustering, labels, old, least)
    new = labels >= first
    sizes = np.bincount(labels[new] - first, weights=clustering.copies[new], minlength=1)
    order = np.argsort(-sizes, kind="stable")[: int((sizes > 0).sum())]
    number = np.empty(len(sizes), dtype=np.int64)
    number[order] = np.arange(len(order))
    labels[new] = first + number[labels[new] - first]
    return labels, [first + position for position in range(len(order))]


def _grown(clustering: Clustering, labels: Labels, old: int, least: int) -> Labels:
    """Return the labels after new texts have joined the new group that most of their nearest have.

    A new group that has less than `least` texts then is none: its texts are labeled as before.
    """
    first = clustering.next_label
    if not (labels >= first).any():
        return labels
    near = nearest_neighbors(
        clustering.vectors,
        min(_LINKED + 1, len(labels)),
        queries=clustering.vectors[old:],
    ).indices
    itself = near == np.arange(old, len(labels))[:, None]
    for _ in range(_ROUNDS):
        votes = np.where(itself, OUTLIER, labels[near])
        for row, voted in enumerate(votes.tolist(), start=old):
            counts = Counter(label for label in voted if label != OUTLIER)
            best = max(counts, key=lambda label: (counts[label], -label), default=OUTLIER)
            if best >= first:
                labels[row] = best
    for label in np.unique(labels[labels >= first]).tolist():
        members = labels == label
        if clustering.copies[members].sum() < least:
            labels[members] = clustering.labels[members]
    return labels


def _linked(vectors: Vectors, rows: npt.NDArray[np.intp]) -> Labels:
    """Return (m,) the part of each of m rows; rows are linked by being each other's neighbors."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    count = min(_LINKED + 1, len(vectors))
    if not len(rows):
        return np.zeros(0, dtype=np.int64)
    near: Neighbors = nearest_neighbors(vectors, count, queries=vectors[rows])
    position = np.full(len(vectors), -1)
    position[rows] = np.arange(len(rows))
    targets = position[near.indices]
    inside = targets >= 0
    edges = (np.nonzero(inside)[0], targets[inside])
    graph = sparse.csr_matrix((np.ones(inside.sum()), edges), shape=(len(rows), len(rows)))
    parts = connected_components(graph.minimum(graph.T), directed=False)[1]
    return np.asarray(parts, dtype=np.int64)


def _joined(clustering: Clustering, texts: Sequence[str]) -> TermCounts:
    """Return the terms of a clustering's rows and of new texts."""
    return clustering.terms.joined(count_terms(texts, stop_words=clustering.options.stop_words))

"""How much rows belong to groups, by their nearest rows, and how far from the centers they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from metier.analysis.clusters import NOISE, Clusters
from metier.analysis.neighbor_graph import nearest_neighbors

_VOTERS = 15
"""Nearest rows that are counted."""

_Vectors = npt.NDArray[np.float32]
_Labels = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Memberships:
    """How much n rows belong to k groups.

    Attributes:
        probabilities: (n, k) share of the nearest rows that are in each group, by their cosines;
            0 for all where there is no other row in a group.
        distances: (n,) 1 minus the cosine with the center of the row's group, for noise of the
            likeliest; 1 where there is no group.
    """

    probabilities: _Floats
    distances: _Floats


def memberships(vectors: _Vectors, clusters: Clusters) -> Memberships:
    """Return how much rows belong to clusters.

    The 15 nearest different rows of clusters count, each with its cosine, and rows that are equal
    to it as well.

    Args:
        vectors: (n, dim) unit vectors.
        clusters: of them.
    """
    from threadpoolctl import threadpool_limits

    vectors = np.asarray(vectors)
    if not clusters.count:
        return Memberships(np.zeros((len(vectors), 0)), np.ones(len(vectors)))
    with threadpool_limits(1):
        distinct, first, inverse, copies = np.unique(
            vectors, axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        labels = clusters.labels[first]
        grouped = np.flatnonzero(labels != NOISE)
        count = min(_VOTERS + 1, len(grouped))
        near = nearest_neighbors(distinct[grouped], count, queries=distinct)
        own = grouped[near.indices] == np.arange(len(distinct))[:, None]
        others = np.minimum(copies - 1, _VOTERS)[:, None]
        weights = np.where(own, others, near.cosines)
        if count > _VOTERS:  # rows of no cluster have one neighbor more
            weights[~own.any(axis=1), -1] = 0.0
        shares = vote_shares(weights, labels[grouped][near.indices], clusters.count)
        of_row = np.where(labels == NOISE, shares.argmax(axis=1), labels)
        centers = group_centers(vectors, clusters.labels, np.arange(clusters.count))
        cosines = np.einsum("nd,nd->n", distinct, centers[of_row]).astype(np.float64)
    return Memberships(shares[inverse], 1.0 - cosines[inverse])


def reassign_noise(clusters: Clusters, belonging: Memberships) -> Clusters:
    """Return clusters in which noise is in the likeliest group, with its probability as strength.

    Labels stay as they are, though a smaller group may be the larger one then.
    """
    noise = clusters.labels == NOISE
    if not clusters.count:
        return clusters
    best = belonging.probabilities.argmax(axis=1)
    return replace(
        clusters,
        labels=np.where(noise, best, clusters.labels),
        strengths=np.where(noise, belonging.probabilities.max(axis=1), clusters.strengths),
    )


def vote_shares(weights: npt.NDArray[np.floating], groups: _Labels, count: int) -> _Floats:
    """Return (n, count) shares of the votes of each row that are for each group.

    Args:
        weights: (n, k) of the votes; below 0 as 0.
        groups: (n, k) that they are for, from 0.
        count: of groups.
    """
    stated = np.maximum(weights.astype(np.float64), 0.0)
    rows = np.repeat(np.arange(len(groups)), groups.shape[1])
    votes = np.bincount(
        rows * count + groups.ravel(), stated.ravel(), minlength=len(groups) * count
    ).reshape(-1, count)
    shares: _Floats = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1e-12)
    return shares


def group_centers(
    vectors: _Vectors, labels: _Labels, group_labels: _Labels, copies: _Labels | None = None
) -> _Vectors:
    """Return the (k, dim) centers of groups, of unit length.

    Args:
        vectors: (n, dim).
        labels: (n,) of the rows.
        group_labels: (k,) of the groups.
        copies: (n,) how many equal rows each stands for; None for one.
    """
    weights = np.ones(len(labels)) if copies is None else copies
    sums = np.stack(
        [
            weights[rows] @ vectors[rows].astype(np.float64)
            for rows in (labels == label for label in group_labels.tolist())
        ]
    )
    lengths = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return np.asarray(sums / lengths, dtype=np.float32)

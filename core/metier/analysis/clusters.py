"""Clusters of unit vectors: communities of their neighbor graph, with stable labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from metier.analysis.communities import (
    communities_of_number,
    join_small,
    merge_to,
    stable_communities,
)
from metier.analysis.neighbor_graph import (
    Graph,
    JointGraph,
    NeighborGraph,
    Neighbors,
    nearest_neighbors,
)
from metier.analysis.term_vectors import term_vectors
from metier.errors import ParameterError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Vectors = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

NOISE = -1
_NEIGHBORS = 15
_DEGREE = 25
"""Edges of a row in the graph of 250 different rows or more."""

_LEAST_DEGREE = 10

_ISOLATED = 3.5
"""Remoteness above which a row is noise: what Iglewicz and Hoaglin advise."""

_REMOTE = 2.0
"""Remoteness above which a row is noise if most of its edges leave its cluster."""

_MAX_REPEATS = 3
"""Number of equal rows above which they form a group of their own."""

_MERGE_DISTANCE = 0.1
"""Distance of unit vectors below which groups are merged: rounding would split them."""

_SHARE_OF_TERMS = 0.5
"""Weight of edges between rows that share terms, in relation to those between near vectors."""

_MIN_ROWS_FOR_GRAPH = 40
"""Number of rows below which a neighbor graph has too few edges to be better than the vectors."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """A clustering of n rows into k clusters and noise.

    Attributes:
        labels: (n,) int64. Clusters are 0 to k-1, the largest first, equal ones in the order of
            their smallest vector; noise is -1.
        strengths: (n,) float64 in [0, 1], strength of membership in the cluster; 0 for noise.
        medoids: (k,) int64, index of the row nearest to the mean of each cluster.
    """

    labels: npt.NDArray[np.int64]
    strengths: npt.NDArray[np.float64]
    medoids: npt.NDArray[np.int64]

    @property
    def count(self) -> int:
        """Number of clusters."""
        return len(self.medoids)


def default_min_cluster_size(rows: int) -> int:
    """Return a quarter of the square root of the rows, at least 5; 2 for fewer than 20 rows."""
    return 2 if rows < 20 else max(5, round(rows**0.5 / 4))


def cluster(
    vectors: Vectors,
    *,
    min_cluster_size: int | None = None,
    groups: int | None = None,
    seed: int = 0,
    terms: Sequence[Sequence[str]] | None = None,
) -> Clusters:
    """Cluster vectors; the same vectors always give the same clusters, in any order of rows.

    With 40 or more different rows, clusters are communities of the graph of nearest neighbors, at
    the resolution at which they are most stable (see `stable_communities`), and remote rows (see
    `remoteness`) are noise. With `terms`, the graph of texts that share terms is added to it. A
    strength is the share of a row's edges that stay in its cluster. Fewer rows are clustered by
    HDBSCAN (Campello, Moulavi and Sander 2013). Equal rows have one label. Where there is no
    cluster, rows within `_MERGE_DISTANCE` of another of their group are clusters.

    Args:
        vectors: (n, dim) float32 unit vectors.
        min_cluster_size: at least 2; None for `default_min_cluster_size`.
        groups: number of clusters of any size; None for what the vectors show.
        seed: of the samples and orders of rows that are drawn.
        terms: of the text of each row, for texts whose wording says more than their vectors.

    Raises:
        ParameterError: `min_cluster_size` is below 2 or given with `groups`, or `groups` is below
            1 or above the number of different rows.
    """
    from threadpoolctl import threadpool_limits

    distinct, inverse, copies = np.unique(vectors, axis=0, return_inverse=True, return_counts=True)
    _check(min_cluster_size, groups, different=len(distinct))
    size = min_cluster_size or default_min_cluster_size(len(vectors))
    # with several threads sums are in another order, and differ in their last bits
    with threadpool_limits(1):
        if len(distinct) < _MIN_ROWS_FOR_GRAPH:
            labels, strengths = _few(distinct, copies, size, groups)
        else:
            by_terms = None if terms is None else term_vectors(terms, inverse, copies)
            graph, remote = _graph(distinct, by_terms, copies)
            if groups is None:
                labels, strengths = _communities(graph, remote, size, seed)
            else:
                labels, strengths = _exactly(graph, remote, distinct, groups, seed)
        if (labels == NOISE).all():
            labels, strengths = _piles(distinct, copies, size), np.ones(len(distinct))
        labels = _largest_first(labels, copies)
        medoids = np.unique(inverse, return_index=True)[1][_medoids(distinct, copies, labels)]
    return Clusters(labels[inverse], np.where(labels == NOISE, 0.0, strengths)[inverse], medoids)


def _check(min_cluster_size: int | None, groups: int | None, *, different: int) -> None:
    if min_cluster_size is not None and min_cluster_size < 2:
        raise ParameterError(
            f"min_cluster_size={min_cluster_size} is less than 2.", parameter="min_cluster_size"
        )
    if groups is None:
        return
    if min_cluster_size is not None:
        raise ParameterError(
            "groups and min_cluster_size cannot both be given.",
            why="So many groups have the sizes that they have.",
            fix="Give one of them.",
            parameter="groups",
        )
    if groups < 1:
        raise ParameterError(f"groups={groups} is less than 1.", parameter="groups")
    if groups > different:
        raise ParameterError(
            f"groups={groups} is more than there are different texts: {different}.",
            fix="Ask for fewer groups.",
            parameter="groups",
        )


def _graph(
    distinct: Vectors, by_terms: Vectors | None, copies: npt.NDArray[np.int64]
) -> tuple[Graph, npt.NDArray[np.float64]]:
    """Return the graph of rows, and how remote each is by its vector."""
    near = _near(distinct, copies)
    remote = remoteness(near.neighbors, copies)
    if by_terms is None:
        return near, remote
    return JointGraph(near, _near(by_terms, copies), _SHARE_OF_TERMS), remote


def _near(vectors: Vectors, copies: npt.NDArray[np.int64]) -> NeighborGraph:
    count = len(vectors)
    degree = min(_DEGREE, max(_LEAST_DEGREE, count // 10))
    return NeighborGraph(nearest_neighbors(vectors, min(count - 1, 2 * degree)), copies, degree)


def _communities(
    graph: Graph, remote: npt.NDArray[np.float64], size: int, seed: int
) -> tuple[Labels, npt.NDArray[np.float64]]:
    inside = remote <= _ISOLATED
    edges, copies = graph.among(inside), graph.copies[inside]
    stable = stable_communities(graph, inside, size=size, seed=seed)
    labels, strengths = np.full(len(inside), NOISE, dtype=np.int64), np.zeros(len(inside))
    labels[inside] = join_small(stable, edges, copies, size=size)
    strengths[inside] = _shares_within(edges, labels[inside])
    labels[(remote > _REMOTE) & (strengths < 0.5)] = NOISE
    return labels, strengths


def _exactly(
    graph: Graph,
    remote: npt.NDArray[np.float64],
    distinct: Vectors,
    groups: int,
    seed: int,
) -> tuple[Labels, npt.NDArray[np.float64]]:
    """Return labels of `groups` clusters and strengths."""
    inside = remote <= _ISOLATED
    if inside.sum() < groups:
        inside = np.ones(len(distinct), dtype=bool)
    edges, copies = graph.among(inside), graph.copies[inside]
    points = distinct[inside].astype(np.float64)
    labels, strengths = np.full(len(distinct), NOISE, dtype=np.int64), np.zeros(len(distinct))
    labels[inside] = communities_of_number(edges, points, copies, number=groups, seed=seed)
    strengths[inside] = _shares_within(edges, labels[inside])
    return labels, strengths


def _few(
    distinct: Vectors, copies: npt.NDArray[np.int64], size: int, groups: int | None
) -> tuple[Labels, npt.NDArray[np.float64]]:
    """Return labels and strengths where a graph has too few rows."""
    if groups is None:
        return _hdbscan(distinct, copies, size)
    count = len(distinct)
    start = np.arange(count, dtype=np.int64)
    labels = merge_to(start, distinct.astype(np.float64), copies, number=groups)
    return labels, np.ones(count)


def _shares_within(edges: csr_matrix, labels: Labels) -> npt.NDArray[np.float64]:
    """Return the share of each row's edges, by weight, to rows of its own label."""
    pairs = edges.tocoo()
    same = pairs.data * (labels[pairs.row] == labels[pairs.col])
    within = np.bincount(pairs.row, weights=same, minlength=len(labels))
    total = np.bincount(pairs.row, weights=pairs.data, minlength=len(labels))
    shares: npt.NDArray[np.float64] = within / np.maximum(total, 1e-12)
    return np.minimum(shares, 1.0)


def _hdbscan(
    distinct: Vectors, copies: npt.NDArray[np.int64], size: int
) -> tuple[Labels, npt.NDArray[np.float64]]:
    """Return labels and strengths of different rows by HDBSCAN on all rows."""
    from hdbscan import HDBSCAN

    if copies.sum() < size:
        return np.full(len(distinct), NOISE, dtype=np.int64), np.zeros(len(distinct))
    if len(distinct) == 1:  # no part is denser than the rest, which HDBSCAN needs
        return np.zeros(1, dtype=np.int64), np.ones(1)
    fitted = HDBSCAN(
        min_cluster_size=size,
        min_samples=1,
        cluster_selection_epsilon=_MERGE_DISTANCE,
        approx_min_span_tree=False,
        core_dist_n_jobs=1,
    )
    fitted.fit(np.repeat(distinct.astype(np.float64), copies, axis=0))
    firsts = np.cumsum(copies) - copies
    return fitted.labels_[firsts].astype(np.int64), fitted.probabilities_[firsts]


def _piles(distinct: Vectors, copies: npt.NDArray[np.int64], size: int) -> Labels:
    """Return labels of groups of at least `size` rows that are linked by tiny distances."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    count = len(distinct)
    groups = np.arange(count)
    if count > 1:
        nearest = nearest_neighbors(distinct, min(_NEIGHBORS, count - 1))
        near = nearest.cosines >= 1.0 - _MERGE_DISTANCE**2 / 2.0
        edges = (np.nonzero(near)[0], nearest.indices[near])
        links = sparse.csr_matrix((np.ones(near.sum()), edges), shape=(count, count))
        groups = connected_components(links, directed=False)[1]
    sizes = np.bincount(groups, weights=copies, minlength=1)
    labels: Labels = np.where(sizes[groups] >= size, groups, NOISE).astype(np.int64)
    return labels


def remoteness(neighbors: Neighbors, copies: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return how unusually far away the three nearest neighbors of each row are.

    The modified z-score of Iglewicz and Hoaglin (1993), 0.6745 (x - median) / MAD, of their mean
    distance. Equal rows count once, since repeats say nothing about usual distances, and for rows
    that are repeated more than three times it is 0 at most.

    Args:
        neighbors: of n different rows, at least three of each.
        copies: (n,) how many equal rows each row stands for.
    """
    cosines = neighbors.cosines[:, :3].astype(np.float64)
    gaps = np.sqrt(np.maximum(2.0 - 2.0 * cosines, 0.0)).mean(axis=1)
    median = np.median(gaps)
    mad = max(float(np.median(np.abs(gaps - median))), 1e-9)
    z: npt.NDArray[np.float64] = 0.6745 * (gaps - median) / mad
    return np.where(copies > _MAX_REPEATS, np.minimum(z, 0.0), z)


def _largest_first(labels: Labels, copies: npt.NDArray[np.int64]) -> Labels:
    """Renumber clusters by decreasing size, equal ones in the order of their first row."""
    order = [label for label in np.unique(labels) if label != NOISE]
    sizes = {label: int(copies[labels == label].sum()) for label in order}
    order.sort(key=lambda label: (-sizes[label], int((labels == label).argmax())))
    renumbered = np.full_like(labels, NOISE)
    for new, old in enumerate(order):
        renumbered[labels == old] = new
    return renumbered


def _medoids(
    distinct: Vectors, copies: npt.NDArray[np.int64], labels: Labels
) -> npt.NDArray[np.int64]:
    medoids = []
    for label in range(int(labels.max(initial=NOISE)) + 1):
        members = np.flatnonzero(labels == label)
        points = distinct[members].astype(np.float64)
        center = copies[members] @ points / copies[members].sum()
        medoids.append(members[int((points @ center).argmax())])
    return np.array(medoids, dtype=np.int64)

"""Communities of a graph, at the resolution at which they are most stable."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from metier.analysis.neighbor_graph import Graph

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Labels = npt.NDArray[np.int64]

RESOLUTIONS = (0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
"""Resolutions that are compared: at 1 modularity is the usual one, above it communities are
smaller."""

_STARTS = 8
"""Orders in which rows are visited; the communities with the highest modularity are kept."""

_SAMPLED = 0.8
"""Share of the rows in a sample."""

_SAMPLES = 24
_TOLERANCE = 0.02
"""How far a stability may be below the highest: less than what it differs between seeds."""

_MOST = 0.8
_LEAST_GAIN = 1e-5
"""Least gain of modularity, in all moves of a round, for which another round is made."""

_LOWEST = 0.01
_HALVINGS = 16
_LEFT_OUT = -1


def communities(graph: csr_matrix, resolution: float, *, seed: int, starts: int = 1) -> Labels:
    """Return the communities of a graph by the Louvain method (Blondel et al. 2008).

    It maximizes modularity with a resolution (Reichardt and Bornholdt 2006): rows are together if
    the edges between them weigh more than `resolution` times what their degrees let expect.

    Args:
        graph: (n, n) symmetric.
        resolution: above 0.
        seed: of the orders in which rows are visited.
        starts: number of orders; the result with the highest modularity counts.
    """
    from sknetwork.clustering import Louvain, get_modularity

    best, highest = np.zeros(graph.shape[0], dtype=np.int64), -np.inf
    for start in range(starts):
        louvain = Louvain(
            resolution=resolution,
            shuffle_nodes=True,
            random_state=seed + start,
            tol_optimization=_LEAST_GAIN,
            tol_aggregation=_LEAST_GAIN,
            return_probs=False,
            return_aggregate=False,
        )
        labels = louvain.fit_predict(graph).astype(np.int64)
        modularity = get_modularity(graph, labels, resolution=resolution) if starts > 1 else 0.0
        if modularity > highest:
            best, highest = labels, modularity
    return best


def stable_communities(
    graph: Graph, inside: npt.NDArray[np.bool_], *, size: int, seed: int
) -> Labels:
    """Return communities at the resolution at which they are most stable.

    Of the resolutions whose stability is within `_TOLERANCE` of the highest, the highest is taken,
    which shows most. Those at which many rows are in communities of less than `size` rows do not
    come into question.

    Args:
        graph: of n rows.
        inside: (n,) mask of the m rows to group.
        size: rows of the smallest community that is of use.
        seed: of samples and of the orders in which rows are visited.

    Returns:
        (m,) labels.
    """
    whole = graph.among(inside)
    copies = graph.copies[inside]
    usable = [
        resolution
        for resolution in RESOLUTIONS
        if _share_in(communities(whole, resolution, seed=seed), copies, size) > _MOST
    ]
    if not usable:
        return communities(whole, RESOLUTIONS[0], seed=seed, starts=_STARTS)
    stability = _stabilities(graph, inside, usable, seed=seed)
    highest = max(stability.values())
    chosen = max(r for r, value in stability.items() if value >= highest - _TOLERANCE)
    return communities(whole, chosen, seed=seed, starts=_STARTS)


def _share_in(labels: Labels, copies: npt.NDArray[np.int64], size: int) -> float:
    """Return the share of all rows, equal ones too, in communities of at least `size` rows."""
    sizes = np.bincount(labels, weights=copies)
    return float(sizes[sizes >= size].sum() / sizes.sum())


def _stabilities(
    graph: Graph,
    inside: npt.NDArray[np.bool_],
    resolutions: Sequence[float],
    *,
    seed: int,
) -> dict[float, float]:
    """Return how alike the communities of samples of the rows are, at each resolution.

    The mean Rand index, adjusted for chance (Hubert and Arabie 1985), of two samples on the rows
    that both have, as in Ben-Hur, Elisseeff and Guyon, "A stability based method for discovering
    structure in clustered data" (2002): 1 if no row changes sides, 0 for communities by chance.
    """
    rows = np.flatnonzero(inside)
    generator = np.random.default_rng(seed)
    labels = np.full((_SAMPLES, len(resolutions), len(inside)), _LEFT_OUT, dtype=np.int32)
    for sample in range(_SAMPLES):
        kept = np.zeros(len(inside), dtype=bool)
        kept[generator.choice(rows, round(_SAMPLED * len(rows)), replace=False)] = True
        part = graph.among(kept)
        for number, resolution in enumerate(resolutions):
            labels[sample, number, kept] = communities(part, resolution, seed=seed + sample)
    present = labels[:, 0] != _LEFT_OUT
    pairs = [
        (first, second, both)
        for first, second in combinations(range(_SAMPLES), 2)
        if (both := present[first] & present[second]).any()
    ]
    return {
        resolution: float(
            np.mean(
                [
                    adjusted_rand_index(labels[first, number, both], labels[second, number, both])
                    for first, second, both in pairs
                ]
            )
        )
        for number, resolution in enumerate(resolutions)
    }


def adjusted_rand_index(first: npt.NDArray[np.integer], second: npt.NDArray[np.integer]) -> float:
    """Return the Rand index adjusted for chance of two labelings, labels from 0.

    The same number as `sklearn.metrics.adjusted_rand_score`, whose checks of its input take most
    of the time where there are thousands of pairs of samples.
    """
    width = int(second.max()) + 1
    table = np.bincount(first.astype(np.int64) * width + second).astype(np.float64)
    together = (table**2).sum()
    in_first = (np.bincount(first).astype(np.float64) ** 2).sum()
    in_second = (np.bincount(second).astype(np.float64) ** 2).sum()
    rows = float(len(first))
    pairs = rows * (rows - 1.0)
    if pairs == 0.0:
        return 1.0
    expected = (in_first - rows) * (in_second - rows) / pairs
    largest = (in_first + in_second) / 2.0 - rows
    if largest == expected:  # each row by itself in both, or all together in both
        return 1.0
    return float((together - rows - expected) / (largest - expected))


def join_small(
    labels: Labels, graph: csr_matrix, copies: npt.NDArray[np.int64], *, size: int
) -> Labels:
    """Join each community of less than `size` rows to the one that it has most edges to.

    Edges count in relation to those that the degrees of the two let expect. A community that has
    fewer than these to every other one is left out.

    Args:
        labels: (n,) from 0.
        graph: (n, n) symmetric.
        copies: (n,) how many equal rows each row stands for.
        size: rows of the smallest community.

    Returns:
        (n,) labels from 0, and -1 for rows that are left out.
    """
    edges, sizes = _between(labels, graph), np.bincount(labels, weights=copies)
    degrees, total = edges.sum(axis=1), edges.sum()
    target = np.arange(len(sizes))
    while True:
        small = np.flatnonzero((sizes > 0) & (sizes < size))
        if len(small) == 0:
            break
        smallest = int(small[sizes[small].argmin()])
        with np.errstate(divide="ignore", invalid="ignore"):
            links = np.nan_to_num(edges[smallest] * total / (degrees[smallest] * degrees))
        links[smallest] = -1.0
        other = int(links.argmax())
        if links[other] < 1.0:
            target[target == smallest] = _LEFT_OUT
        else:
            target[target == smallest] = other
            sizes[other] += sizes[smallest]
            edges[other] += edges[smallest]
            edges[:, other] += edges[:, smallest]
            degrees[other] += degrees[smallest]
        sizes[smallest] = 0
        edges[smallest] = edges[:, smallest] = 0.0
    joined = target[labels]
    inside = joined != _LEFT_OUT
    joined[inside] = np.unique(joined[inside], return_inverse=True)[1]
    return joined


def _between(labels: Labels, graph: csr_matrix) -> npt.NDArray[np.float64]:
    """Return the (k, k) weights of the edges between k communities."""
    from scipy import sparse

    count = len(labels)
    members = sparse.csr_matrix((np.ones(count), (np.arange(count), labels)))
    weights: npt.NDArray[np.float64] = (members.T @ graph @ members).toarray()
    return weights


def communities_of_number(
    graph: csr_matrix,
    vectors: npt.NDArray[np.float64],
    copies: npt.NDArray[np.int64],
    *,
    number: int,
    seed: int,
) -> Labels:
    """Return exactly `number` communities.

    The lowest resolution with as many is searched by bisection. What it has too many is merged as
    Ward (1963) does: the two whose merging adds least to the squared distances from the centers.

    Args:
        graph: (n, n) symmetric.
        vectors: (n, dim) unit vectors of its rows.
        copies: (n,) how many equal rows each row stands for.
        number: at most n.
        seed: of the orders in which rows are visited.
    """
    low, high = _LOWEST, float(4 * len(vectors))
    labels = np.arange(len(vectors), dtype=np.int64)
    for _ in range(_HALVINGS):
        middle = float(np.sqrt(low * high))
        divided = communities(graph, middle, seed=seed, starts=2)
        if divided.max() + 1 >= number:
            labels, high = divided, middle
        else:
            low = middle
        if divided.max() + 1 == number:
            break
    return merge_to(labels, vectors, copies, number=number)


def merge_to(
    labels: Labels,
    vectors: npt.NDArray[np.float64],
    copies: npt.NDArray[np.int64],
    *,
    number: int,
) -> Labels:
    """Merge groups by Ward's method (1963) until there are `number` of them.

    Args:
        labels: (n,) from 0, of at least `number` groups.
        vectors: (n, dim).
        copies: (n,) how many equal rows each row stands for.
        number: of groups.
    """
    merged = labels.copy()
    while (count := int(merged.max()) + 1) > number:
        sizes = np.bincount(merged, weights=copies)
        sums = np.zeros((count, vectors.shape[1]))
        np.add.at(sums, merged, vectors * copies[:, None])
        centers = sums / sizes[:, None]
        squares = (centers**2).sum(axis=1)
        distances = squares[:, None] + squares - 2.0 * (centers @ centers.T)
        costs = distances * np.outer(sizes, sizes) / np.add.outer(sizes, sizes)
        np.fill_diagonal(costs, np.inf)
        first, second = sorted(int(i) for i in np.unravel_index(costs.argmin(), costs.shape))
        merged[merged == second] = first
        merged[merged > second] -= 1
    return merged

"""The graph of the nearest neighbors of unit vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Vectors = npt.NDArray[np.float32]

_BLOCK = 1024
"""Rows whose cosines to all others are in memory at a time: 82 MB for 20,000 rows."""

_LEAST_WEIGHT = 1e-6
"""Weight of an edge between rows with a cosine of zero or less."""


@dataclass(frozen=True, slots=True)
class Neighbors:
    """The nearest other rows of n rows, nearest first.

    Attributes:
        indices: (n, k) int64, equally near ones in the order of the rows.
        cosines: (n, k) float32.
    """

    indices: npt.NDArray[np.int64]
    cosines: npt.NDArray[np.float32]


def nearest_neighbors(vectors: Vectors, count: int, *, queries: Vectors | None = None) -> Neighbors:
    """Return the `count` nearest other rows of each row, or the nearest rows of other vectors.

    Args:
        vectors: (n, dim) unit vectors.
        count: less than n; n at most for queries.
        queries: (m, dim) unit vectors whose neighbors are looked for; None for the rows.
    """
    others = vectors if queries is None else queries
    rows = len(others)
    indices = np.empty((rows, count), dtype=np.int64)
    cosines = np.empty((rows, count), dtype=np.float32)
    for start in range(0, rows, _BLOCK):
        stop = min(start + _BLOCK, rows)
        block = others[start:stop] @ vectors.T
        if queries is None:
            block[np.arange(stop - start), np.arange(start, stop)] = -np.inf
        left_out = len(vectors) - count
        nearest = np.argpartition(block, min(left_out, len(vectors) - 1), axis=1)[:, left_out:]
        nearest.sort(axis=1)
        scores = np.take_along_axis(block, nearest, axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")
        indices[start:stop] = np.take_along_axis(nearest, order, axis=1)
        cosines[start:stop] = np.take_along_axis(scores, order, axis=1)
    return Neighbors(indices, cosines)


@dataclass(frozen=True, slots=True)
class NeighborGraph:
    """Connects each row to its nearest ones, weighted by cosine, symmetrically.

    A row that stands for several equal ones has these as its nearest neighbors: an edge to itself
    of their number, and as many fewer to others.

    Attributes:
        neighbors: of n different rows: more of them than `degree`, for where rows are left out.
        copies: (n,) int64, how many equal rows each stands for.
        degree: edges of a row.
    """

    neighbors: Neighbors
    copies: npt.NDArray[np.int64]
    degree: int

    def among(self, kept: npt.NDArray[np.bool_]) -> csr_matrix:
        """Return the (m, m) graph of m rows, in their order.

        Args:
            kept: (n,) mask of the rows.
        """
        from scipy import sparse

        count = len(kept)
        indices, equal = self.neighbors.indices, np.minimum(self.copies - 1, self.degree)
        present = kept[indices]
        chosen = np.cumsum(present, axis=1) <= (self.degree - equal)[:, None]
        rows, columns = np.nonzero(chosen & present & kept[:, None])
        weights = np.maximum(self.neighbors.cosines[rows, columns], _LEAST_WEIGHT)
        edges = (rows, indices[rows, columns])
        graph = sparse.csr_matrix((weights.astype(np.float64), edges), shape=(count, count))
        graph = graph.maximum(graph.T) + sparse.diags(equal.astype(np.float64))
        return graph.tocsr()[kept][:, kept]


@dataclass(frozen=True, slots=True)
class JointGraph:
    """The sum of two graphs of the same rows, such as by their vectors and by their terms.

    Attributes:
        first: a graph.
        second: another one.
        share: weight of all edges of the second in relation to those of the first.
    """

    first: NeighborGraph
    second: NeighborGraph
    share: float

    @property
    def copies(self) -> npt.NDArray[np.int64]:
        """(n,) how many equal rows each row stands for."""
        return self.first.copies

    def among(self, kept: npt.NDArray[np.bool_]) -> csr_matrix:
        """Return the (m, m) graph of m rows, in their order.

        Args:
            kept: (n,) mask of the rows.
        """
        first, second = self.first.among(kept), self.second.among(kept)
        factor = self.share * first.sum() / max(second.sum(), _LEAST_WEIGHT)
        return (first + factor * second).tocsr()


Graph = NeighborGraph | JointGraph

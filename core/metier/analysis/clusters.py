"""Clusters of unit vectors: HDBSCAN on the neighbor graph, with stable labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metier.errors import ParameterError

Matrix = npt.NDArray[np.float64]

CLEAR_GAP = 0.25
"""Least gap between eigenvalues (which are at most 1) that separates groups of texts clearly.

No set of related texts that was tried has such a gap."""

DENSE_LIMIT = 2000
"""Number of rows up to which a full eigendecomposition, which is exact, is as fast as Lanczos."""


def spectral_coordinates(vectors: Matrix, *, neighbors: int, dim: int) -> Matrix:
    """Return the spectral embedding of rows by their nearest-neighbor graph.

    Ng, Jordan and Weiss, "On Spectral Clustering" (2001): the leading eigenvectors of
    D^-1/2 W D^-1/2, with rows scaled to unit length. W connects each row to its `neighbors`
    nearest rows, weighted by cosine and made symmetric. Densities vary less in this space than
    between the vectors themselves, where HDBSCAN labels most short texts as noise.

    Args:
        vectors: (n, d) unit vectors.
        neighbors: number of edges of a row, less than n.
        dim: maximum number of eigenvectors, less than n. If an eigenvalue is smaller than the one
            before by more than `CLEAR_GAP`, only those before the gap are kept (the eigengap, von
            Luxburg 2007): there are that many groups, and further eigenvectors would split them.

    Returns:
        (n, up to dim) unit vectors.
    """
    from scipy import sparse
    from scipy.sparse.linalg import eigsh
    from sklearn.neighbors import NearestNeighbors

    count = len(vectors)
    distances, indices = (
        NearestNeighbors(n_neighbors=neighbors + 1, metric="euclidean")
        .fit(vectors)
        .kneighbors(vectors)
    )
    # For unit vectors |a-b|^2 = 2 - 2 cos. Rows with negative cosines are not neighbors.
    cosines = np.maximum(1.0 - distances**2 / 2.0, 1e-6)
    rows = np.repeat(np.arange(count), neighbors + 1)
    graph = sparse.csr_matrix((cosines.ravel(), (rows, indices.ravel())), shape=(count, count))
    graph = graph.maximum(graph.T)
    graph.setdiag(0.0)
    scale = sparse.diags(1.0 / np.sqrt(np.asarray(graph.sum(axis=1)).ravel() + 1e-12))
    laplacian = scale @ graph @ scale
    if count <= DENSE_LIMIT:
        values, basis = np.linalg.eigh(laplacian.toarray())
    else:
        start = np.random.default_rng(0).standard_normal(count)
        # Groups without edges between them all have eigenvalue 1. With a small Krylov space and
        # full precision the iteration does not separate their eigenvectors.
        values, basis = eigsh(laplacian, k=dim, which="LA", v0=start, tol=1e-6, ncv=6 * dim)
        ascending = np.argsort(values)
        values, basis = values[ascending], basis[:, ascending]
    coordinates: Matrix = basis[:, -_clear_groups(values[-dim:]) :]
    lengths = np.linalg.norm(coordinates, axis=1, keepdims=True)
    unit: Matrix = coordinates / np.maximum(lengths, 1e-12)
    return unit


def _clear_groups(values: Matrix) -> int:
    """Return the number of leading eigenvalues to keep, at least two; `values` are ascending."""
    gaps = np.diff(values)[::-1][1:]
    if len(gaps) == 0 or gaps.max() <= CLEAR_GAP:
        return len(values)
    return int(gaps.argmax()) + 2


NOISE = -1
_NEIGHBORS = 15
_SPECTRAL_DIM = 10
_MAX_REPEATS = 3
"""Number of equal rows above which they form a group of their own."""

_MERGE_DISTANCE = 0.1
"""Distance of unit vectors below which groups are merged: rounding would split them."""

_MIN_ROWS_FOR_GRAPH = 40
"""Number of rows below which a neighbor graph has too few edges to be better than the vectors."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """A clustering of n rows into k clusters and noise.

    Attributes:
        labels: (n,) int64. Clusters are 0 to k-1, the largest first, equal ones in the order of
            their first row; noise is -1.
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
    """Return one fiftieth of the number of rows, at least 5; 2 for fewer than 20 rows."""
    return 2 if rows < 20 else max(5, round(rows / 50))


def cluster(vectors: npt.NDArray[np.float32], *, min_cluster_size: int | None = None) -> Clusters:
    """Cluster vectors; the same vectors always give the same labels.

    HDBSCAN (Campello, Moulavi and Sander 2013) with excess of mass. With 40 or more distinct rows
    it runs on spectral coordinates, and isolated rows (see `isolated`) are noise from the start.
    Equal rows have the same label. HDBSCAN needs two groups to tell any: where it finds none, rows
    that are equal, or nearer than `_MERGE_DISTANCE` to another of their group, are clusters.

    Args:
        vectors: (n, dim) float32 unit vectors.
        min_cluster_size: size of the smallest cluster, at least 2; None for
            `default_min_cluster_size`.

    Raises:
        ParameterError: `min_cluster_size` is less than 2.
    """
    if min_cluster_size is not None and min_cluster_size < 2:
        raise ParameterError(
            f"min_cluster_size={min_cluster_size} is less than 2.", parameter="min_cluster_size"
        )
    points = vectors.astype(np.float64)
    size = min_cluster_size or default_min_cluster_size(len(points))
    labels = np.full(len(points), NOISE, dtype=np.int64)
    strengths = np.zeros(len(points))
    inside = ~isolated(points)
    if inside.sum() >= size:
        labels[inside], strengths[inside] = _hdbscan(points[inside], size)
    if (labels == NOISE).all():
        labels = _piles(points, size)
        strengths[labels != NOISE] = 1.0
    labels = _largest_first(labels)
    strengths[labels == NOISE] = 0.0
    return Clusters(labels, strengths, _medoids(points, labels))


def _hdbscan(
    points: npt.NDArray[np.float64], size: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return labels and strengths of rows; the graph consists of the distinct rows."""
    from hdbscan import HDBSCAN

    distinct, inverse = np.unique(points, axis=0, return_inverse=True)
    if len(distinct) == 1:  # no part is denser than the rest, which HDBSCAN needs
        return np.zeros(len(points), dtype=np.int64), np.ones(len(points))
    if len(distinct) >= _MIN_ROWS_FOR_GRAPH:
        distinct = spectral_coordinates(distinct, neighbors=_NEIGHBORS, dim=_SPECTRAL_DIM)
    fitted = HDBSCAN(
        min_cluster_size=size,
        min_samples=1,
        cluster_selection_epsilon=_MERGE_DISTANCE,
        approx_min_span_tree=False,
    )
    fitted.fit(distinct[inverse])
    return fitted.labels_, fitted.probabilities_


def _piles(points: npt.NDArray[np.float64], size: int) -> npt.NDArray[np.int64]:
    """Return labels of groups of at least `size` rows that are linked by tiny distances."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components
    from sklearn.neighbors import NearestNeighbors

    distinct, inverse = np.unique(points, axis=0, return_inverse=True)
    count = len(distinct)
    if count > 1:
        nearest = NearestNeighbors(n_neighbors=min(_NEIGHBORS + 1, count)).fit(distinct)
        distances, indices = nearest.kneighbors(distinct)
        near = distances <= _MERGE_DISTANCE
        edges = (np.nonzero(near)[0], indices[near])
        links = sparse.csr_matrix((np.ones(near.sum()), edges), shape=(count, count))
        inverse = connected_components(links, directed=False)[1][inverse]
    sizes = np.bincount(inverse, minlength=1)
    labels: npt.NDArray[np.int64] = np.where(sizes[inverse] >= size, inverse, NOISE)
    return labels


def isolated(points: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Return a mask of the rows whose three nearest neighbors are unusually far away.

    A row is isolated if the modified z-score of Iglewicz and Hoaglin (1993),
    0.6745 (x - median) / MAD, of its mean distance is above 2. Equal rows count once, since repeats
    say nothing about usual distances, and rows repeated more than three times are not isolated.
    """
    from sklearn.neighbors import NearestNeighbors

    distinct, inverse, counts = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    if len(distinct) < _MIN_ROWS_FOR_GRAPH:
        return np.zeros(len(points), dtype=bool)
    distances, _ = NearestNeighbors(n_neighbors=4).fit(distinct).kneighbors(distinct)
    gaps = distances[:, 1:].mean(axis=1)
    median = np.median(gaps)
    mad = max(float(np.median(np.abs(gaps - median))), 1e-9)
    far = 0.6745 * (gaps - median) > 2.0 * mad
    mask: npt.NDArray[np.bool_] = (far & (counts <= _MAX_REPEATS))[inverse]
    return mask


def _largest_first(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Renumber clusters by decreasing size, equal ones in the order of their first row."""
    order = [label for label in np.unique(labels) if label != NOISE]
    order.sort(key=lambda label: (-int((labels == label).sum()), int((labels == label).argmax())))
    renumbered = np.full_like(labels, NOISE)
    for new, old in enumerate(order):
        renumbered[labels == old] = new
    return renumbered


def _medoids(
    points: npt.NDArray[np.float64], labels: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    medoids = []
    for label in range(int(labels.max(initial=NOISE)) + 1):
        members = np.flatnonzero(labels == label)
        center = points[members].mean(axis=0)
        medoids.append(members[int((points[members] @ center).argmax())])
    return np.array(medoids, dtype=np.int64)

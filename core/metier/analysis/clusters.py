"""Clusters of unit vectors: HDBSCAN on the neighbor graph, with stable labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metier.errors import ParameterError

Matrix = npt.NDArray[np.float64]

CLEAR_GAP = 0.25
"""A fall of the eigenvalues, of at most 1, that groups of related texts never showed."""

DENSE_LIMIT = 2000
"""Up to this many rows a full eigendecomposition is as fast as an iterative one, and exact."""


def spectral_coordinates(vectors: Matrix, *, neighbors: int, dim: int) -> Matrix:
    """Embed rows by the spectrum of their nearest-neighbor graph.

    Ng, Jordan and Weiss, "On Spectral Clustering" (2001): the leading eigenvectors of
    D^-1/2 W D^-1/2, rows scaled to unit length. W joins each row to its nearest `neighbors`,
    weighted by cosine and made symmetric. Density differs less here than between the vectors
    themselves, where HDBSCAN calls most short texts noise.

    Args:
        vectors: (n, d) unit rows.
        neighbors: edges per row, less than n.
        dim: eigenvectors kept at most, less than n. Where the eigenvalues fall by more than
            `CLEAR_GAP` from one to the next, only those before the fall are kept (the eigengap,
            von Luxburg 2007): that many groups stand apart, and what follows would divide them.

    Returns:
        (n, at most dim) unit rows.
    """
    from scipy import sparse
    from scipy.sparse.linalg import eigsh
    from sklearn.neighbors import NearestNeighbors

    count = len(vectors)
    distances, found = (
        NearestNeighbors(n_neighbors=neighbors + 1, metric="euclidean")
        .fit(vectors)
        .kneighbors(vectors)
    )
    # on unit rows |a-b|^2 = 2 - 2 cos; negative cosines are no neighbors at all
    cosines = np.maximum(1.0 - distances**2 / 2.0, 1e-6)
    rows = np.repeat(np.arange(count), neighbors + 1)
    graph = sparse.csr_matrix((cosines.ravel(), (rows, found.ravel())), shape=(count, count))
    graph = graph.maximum(graph.T)
    graph.setdiag(0.0)
    scale = sparse.diags(1.0 / np.sqrt(np.asarray(graph.sum(axis=1)).ravel() + 1e-12))
    laplacian = scale @ graph @ scale
    if count <= DENSE_LIMIT:
        values, basis = np.linalg.eigh(laplacian.toarray())
    else:
        start = np.random.default_rng(0).standard_normal(count)
        # Groups without any edge between them all have eigenvalue 1: a search to the last digit in
        # a small space never tells their vectors apart.
        values, basis = eigsh(laplacian, k=dim, which="LA", v0=start, tol=1e-6, ncv=6 * dim)
        ascending = np.argsort(values)
        values, basis = values[ascending], basis[:, ascending]
    coordinates: Matrix = basis[:, -_clear_groups(values[-dim:]) :]
    lengths = np.linalg.norm(coordinates, axis=1, keepdims=True)
    unit: Matrix = coordinates / np.maximum(lengths, 1e-12)
    return unit


def _clear_groups(values: Matrix) -> int:
    """How many of the leading eigenvalues (ascending) to keep: two at least, one parts nothing."""
    falls = np.diff(values)[::-1][1:]
    if len(falls) == 0 or falls.max() <= CLEAR_GAP:
        return len(values)
    return int(falls.argmax()) + 2


NOISE = -1
_NEIGHBORS = 15
_SPECTRAL_DIM = 10
_REPEATS = 3
"""Rows that are the same, beyond which they are a group of their own."""

_SAME = 0.1
"""Distance on the unit sphere below which groups are one: rounding would divide them."""

_FEWEST_FOR_GRAPH = 40
"""Below this many rows a neighbor graph has too few edges to say more than the vectors do."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """A clustering of n rows into k clusters and noise.

    Attributes:
        labels: (n,) int64; clusters are 0 to k-1, largest first, ties by their first row; noise -1.
        strengths: (n,) float64 in [0, 1], how firmly a row belongs to its cluster; 0 for noise.
        medoids: (k,) int64, the row nearest to the mean direction of each cluster.
    """

    labels: npt.NDArray[np.int64]
    strengths: npt.NDArray[np.float64]
    medoids: npt.NDArray[np.int64]

    @property
    def count(self) -> int:
        """Number of clusters."""
        return len(self.medoids)


def default_min_cluster_size(rows: int) -> int:
    """Smallest group worth a name: one fiftieth of the rows, at least 5 (2 for under 20 rows)."""
    return 2 if rows < 20 else max(5, round(rows / 50))


def cluster(vectors: npt.NDArray[np.float32], *, min_cluster_size: int | None = None) -> Clusters:
    """Cluster unit rows; the same rows give the same labels.

    HDBSCAN (Campello, Moulavi and Sander 2013) with excess of mass. From 40 different rows up it
    works on spectral coordinates, and rows that have no near neighbor at all are noise from the
    start. Rows that are the same have the same label.

    Args:
        vectors: (n, dim) float32, unit rows.
        min_cluster_size: at least 2; None for `default_min_cluster_size`.

    Raises:
        ParameterError: `min_cluster_size` is less than 2.
    """
    if min_cluster_size is not None and min_cluster_size < 2:
        raise ParameterError(f"min_cluster_size={min_cluster_size} is less than 2.")
    points = vectors.astype(np.float64)
    size = min_cluster_size or default_min_cluster_size(len(points))
    labels = np.full(len(points), NOISE, dtype=np.int64)
    strengths = np.zeros(len(points))
    inside = ~isolated(points)
    if inside.sum() >= size:
        labels[inside], strengths[inside] = _hdbscan(points[inside], size)
    labels = _largest_first(labels)
    strengths[labels == NOISE] = 0.0
    return Clusters(labels, strengths, _medoids(points, labels))


def _hdbscan(
    points: npt.NDArray[np.float64], size: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Labels and strengths of rows; the graph is made of the different ones among them."""
    from hdbscan import HDBSCAN

    different, places = np.unique(points, axis=0, return_inverse=True)
    if len(different) == 1:  # HDBSCAN looks for what is denser than the rest and finds nothing
        return np.zeros(len(points), dtype=np.int64), np.ones(len(points))
    if len(different) >= _FEWEST_FOR_GRAPH:
        different = spectral_coordinates(different, neighbors=_NEIGHBORS, dim=_SPECTRAL_DIM)
    fitted = HDBSCAN(
        min_cluster_size=size,
        min_samples=1,
        cluster_selection_epsilon=_SAME,
        approx_min_span_tree=False,
    )
    fitted.fit(different[places])
    return fitted.labels_, fitted.probabilities_


def isolated(points: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Rows whose three nearest neighbors are unusually far for this set.

    Iglewicz and Hoaglin's modified z-score (1993), 0.6745 (x - median) / MAD, above 2. A row that
    stands there several times counts once: repeats say nothing about how far apart rows usually
    are. Repeated often enough it is its own neighborhood, and not isolated.
    """
    from sklearn.neighbors import NearestNeighbors

    different, places, times = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    if len(different) < _FEWEST_FOR_GRAPH:
        return np.zeros(len(points), dtype=bool)
    distances, _ = NearestNeighbors(n_neighbors=4).fit(different).kneighbors(different)
    gaps = distances[:, 1:].mean(axis=1)
    middle = np.median(gaps)
    spread = max(float(np.median(np.abs(gaps - middle))), 1e-9)
    far = 0.6745 * (gaps - middle) > 2.0 * spread
    alone: npt.NDArray[np.bool_] = (far & (times <= _REPEATS))[places]
    return alone


def _largest_first(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    found = [label for label in np.unique(labels) if label != NOISE]
    found.sort(key=lambda label: (-int((labels == label).sum()), int((labels == label).argmax())))
    renamed = np.full_like(labels, NOISE)
    for new, old in enumerate(found):
        renamed[labels == old] = new
    return renamed


def _medoids(
    points: npt.NDArray[np.float64], labels: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    medoids = []
    for label in range(int(labels.max(initial=NOISE)) + 1):
        members = np.flatnonzero(labels == label)
        center = points[members].mean(axis=0)
        medoids.append(members[int((points[members] @ center).argmax())])
    return np.array(medoids, dtype=np.int64)

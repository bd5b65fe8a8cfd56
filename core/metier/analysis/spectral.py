"""Coordinates in which groups stand apart: leading eigenvectors of the neighbour graph."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

CLEAR_GAP = 0.25
"""A fall of the eigenvalues, of at most 1, that groups of related texts never showed."""

DENSE_LIMIT = 2000
"""Up to this many rows a full eigendecomposition is as fast as an iterative one, and exact."""


def spectral_coordinates(vectors: Matrix, *, neighbours: int, dim: int) -> Matrix:
    """Embed rows by the spectrum of their nearest-neighbour graph.

    Ng, Jordan and Weiss, "On Spectral Clustering" (2001): the leading eigenvectors of
    D^-1/2 W D^-1/2, rows scaled to unit length. W joins each row to its nearest `neighbours`,
    weighted by cosine and made symmetric. Density differs less here than between the vectors
    themselves, where HDBSCAN calls most short texts noise.

    Args:
        vectors: (n, d) unit rows.
        neighbours: edges per row, less than n.
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
        NearestNeighbors(n_neighbors=neighbours + 1, metric="euclidean")
        .fit(vectors)
        .kneighbors(vectors)
    )
    # on unit rows |a-b|^2 = 2 - 2 cos; negative cosines are no neighbours at all
    cosines = np.maximum(1.0 - distances**2 / 2.0, 1e-6)
    rows = np.repeat(np.arange(count), neighbours + 1)
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

"""Projection of vectors to two dimensions, for display only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SAMPLE = 2000
"""Most rows that t-SNE runs on; it takes 6 s for 2,000 rows and 22 s for 5,000."""

_NEIGHBORS = 10

Vectors = npt.NDArray[np.float32]
Coordinates = npt.NDArray[np.float64]


class Projection(NamedTuple):
    """A two-dimensional projection of n rows.

    Attributes:
        coordinates: (n, 2) float64.
        sample_size: number of rows that t-SNE ran on; each other row lies among its nearest of
            them.
    """

    coordinates: Coordinates
    sample_size: int


def project(vectors: Vectors, *, seed: int = 0) -> Projection:
    """Project vectors to two dimensions with t-SNE (van der Maaten and Hinton 2008) and cosines.

    Of more than `SAMPLE` rows, a random sample of that size is projected. Each other row is put at
    the median of its nearest rows in the sample, which is robust to a neighbor in another group
    (Poličar, Stražar and Zupan, "Embedding to reference t-SNE space", 2021). Fewer than 5 rows are
    projected to their first two principal axes, and rows that are all equal to the origin.

    Args:
        vectors: (n, dim) unit vectors.
        seed: seed of the sample and of t-SNE; the same seed gives the same projection.
    """
    from threadpoolctl import threadpool_limits

    count = len(vectors)
    # With several threads the order of summation differs between machines, and threads that wait
    # for each other take a hundred times as long on a busy machine.
    with threadpool_limits(1):
        if count <= SAMPLE:
            return Projection(_tsne(vectors, seed), count)
        sample = np.random.default_rng(seed).choice(count, SAMPLE, replace=False)
        coordinates = np.empty((count, 2))
        coordinates[sample] = _tsne(vectors[sample], seed)
        rest = np.setdiff1d(np.arange(count), sample)
        coordinates[rest] = _interpolate(vectors[rest], vectors[sample], coordinates[sample])
        return Projection(coordinates, SAMPLE)


def _tsne(vectors: Vectors, seed: int) -> Coordinates:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    count = len(vectors)
    coordinates = np.zeros((count, 2))
    if count == 0 or not np.any(vectors != vectors[0]):
        return coordinates
    if count < 5:
        axes = min(2, count - 1, vectors.shape[1])
        coordinates[:, :axes] = PCA(axes, random_state=seed).fit_transform(vectors)
        return coordinates
    perplexity = min(30.0, (count - 1) / 3)
    projection = TSNE(2, metric="cosine", perplexity=perplexity, init="pca", random_state=seed)
    return np.asarray(projection.fit_transform(vectors), dtype=np.float64)


def _interpolate(vectors: Vectors, sample: Vectors, coordinates: Coordinates) -> Coordinates:
    """Return the (n, 2) medians of the coordinates of the nearest sample rows of n rows."""
    from sklearn.neighbors import NearestNeighbors

    # for unit vectors the nearest rows are those with the highest cosines
    count = min(_NEIGHBORS, len(sample))
    search = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(sample)
    indices = search.kneighbors(vectors, return_distance=False)
    medians: Coordinates = np.median(coordinates[indices], axis=1)
    return medians

"""A flat map of vectors for people to look at; never used to decide anything."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SAMPLE = 2000
"""Rows that are laid out at most: the time grows with them, 6 s for 2,000 and 22 s for 5,000."""

_NEIGHBORS = 10

Vectors = npt.NDArray[np.float32]
Places = npt.NDArray[np.float64]


class FlatMap(NamedTuple):
    """Where rows lie.

    Attributes:
        places: (n, 2) coordinates.
        laid_out: rows that t-SNE itself placed; each of the others lies among its nearest of them.
    """

    places: Places
    laid_out: int


def flat_map(vectors: Vectors, *, seed: int = 0) -> FlatMap:
    """Two coordinates per row: t-SNE (van der Maaten and Hinton 2008) with cosine distances.

    Of more than `SAMPLE` rows as many are drawn and laid out. Each of the others is put at the
    median place of its nearest of those, which one neighbor in another group does not move
    (Poličar, Stražar and Zupan, "Embedding to reference t-SNE space", 2021).

    Args:
        vectors: (n, dim) unit rows.
        seed: makes the map reproducible.

    Returns:
        Fewer than 5 rows are laid out by their first two principal axes, and rows that are all the
        same lie at the origin.
    """
    from threadpoolctl import threadpool_limits

    count = len(vectors)
    # The sums of several threads come out in another order on every machine, and threads that
    # wait for each other take a hundred times as long on a busy one.
    with threadpool_limits(1):
        if count <= SAMPLE:
            return FlatMap(_laid_out(vectors, seed), count)
        chosen = np.random.default_rng(seed).choice(count, SAMPLE, replace=False)
        places = np.empty((count, 2))
        places[chosen] = _laid_out(vectors[chosen], seed)
        rest = np.setdiff1d(np.arange(count), chosen)
        places[rest] = _placed(vectors[rest], vectors[chosen], places[chosen])
        return FlatMap(places, SAMPLE)


def _laid_out(vectors: Vectors, seed: int) -> Places:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    count = len(vectors)
    flat = np.zeros((count, 2))
    if count == 0 or not np.any(vectors != vectors[0]):
        return flat
    if count < 5:
        axes = min(2, count - 1, vectors.shape[1])
        flat[:, :axes] = PCA(axes, random_state=seed).fit_transform(vectors)
        return flat
    perplexity = min(30.0, (count - 1) / 3)
    projection = TSNE(2, metric="cosine", perplexity=perplexity, init="pca", random_state=seed)
    return np.asarray(projection.fit_transform(vectors), dtype=np.float64)


def _placed(vectors: Vectors, known: Vectors, places: Places) -> Places:
    """The median place of the nearest known rows of each row: (n, 2)."""
    from sklearn.neighbors import NearestNeighbors

    # on unit rows the nearest by distance are those of the highest cosine
    count = min(_NEIGHBORS, len(known))
    search = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(known)
    found = search.kneighbors(vectors, return_distance=False)
    median: Places = np.median(places[found], axis=1)
    return median

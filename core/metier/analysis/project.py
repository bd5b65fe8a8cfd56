"""A flat map of vectors for people to look at; never used to decide anything."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_ON_ONE_THREAD = 5000
"""Up to this many rows one thread makes the map: the sums of several come out in another order on
every machine, and threads that wait for each other take a hundred times as long on a busy one."""


def flat_map(vectors: npt.NDArray[np.float32], *, seed: int = 0) -> npt.NDArray[np.float64]:
    """Two coordinates per row: t-SNE (van der Maaten and Hinton 2008) with cosine distances.

    Args:
        vectors: (n, dim) unit rows.
        seed: makes the map reproducible.

    Returns:
        (n, 2); fewer than 5 rows are laid out by their first two principal axes, and rows that are
        all the same lie at the origin.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

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
    with threadpool_limits(None if count > _ON_ONE_THREAD else 1):
        return np.asarray(projection.fit_transform(vectors), dtype=np.float64)

"""A flat map of vectors for people to look at; never used to decide anything."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def flat_map(vectors: npt.NDArray[np.float32], *, seed: int = 0) -> npt.NDArray[np.float64]:
    """Two coordinates per row: t-SNE (van der Maaten and Hinton 2008) with cosine distances.

    Args:
        vectors: (n, dim) unit rows.
        seed: makes the map reproducible.

    Returns:
        (n, 2); rows of fewer than 5 are laid out by their first two principal axes.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    count = len(vectors)
    if count < 5:
        flat = np.zeros((count, 2))
        axes = min(2, count - 1, vectors.shape[1])
        if axes > 0:
            flat[:, :axes] = PCA(axes, random_state=seed).fit_transform(vectors)
        return flat
    perplexity = min(30.0, (count - 1) / 3)
    projection = TSNE(2, metric="cosine", perplexity=perplexity, init="pca", random_state=seed)
    return np.asarray(projection.fit_transform(vectors), dtype=np.float64)

"""Vectors of texts by the terms they share: latent semantic analysis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_DIMENSIONS = 64
"""Fewer dimensions bring texts together whose terms are different but occur with the same others;
64, 100 and all terms differ little as to the groups that they show."""

_MIN_TEXTS = 2
"""Number of texts that a term has to occur in: what a single text has connects it to no other."""


def term_vectors(
    terms: Sequence[Sequence[str]],
    groups: npt.NDArray[np.int64],
    copies: npt.NDArray[np.int64],
) -> npt.NDArray[np.float32]:
    """Return vectors by latent semantic analysis (Deerwester et al. 1990), not depending on order.

    Terms are weighted by (1 + log count) times their inverse document frequency; texts that are
    taken as one count as one, with the mean count of a term.

    Args:
        terms: of each of n texts, repeated as they are there.
        groups: (n,) index of the row, 0 to m-1, that each text belongs to.
        copies: (m,) how many texts each row stands for.

    Returns:
        (m, d) unit vectors with at most 64 dimensions; zeros for rows without a term that another
        row has.
    """
    from scipy import sparse
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.preprocessing import normalize

    rows, texts = len(copies), len(groups)
    sums = sparse.csr_matrix((np.ones(texts), (groups, np.arange(texts))), shape=(rows, texts))
    counts = sparse.csr_matrix(sums @ _counts(terms))
    counts.data = np.maximum(counts.data / np.repeat(copies, np.diff(counts.indptr)), 1.0)
    counts = counts[:, np.flatnonzero(np.bincount(counts.indices) >= _MIN_TEXTS)]
    dimensions = min(_DIMENSIONS, min(counts.shape) - 1)
    if dimensions < 1:
        return np.zeros((rows, 1), dtype=np.float32)
    weights = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
    vectors: npt.NDArray[np.float32] = normalize(_reduce(weights, dimensions)).astype(np.float32)
    return vectors


def _counts(terms: Sequence[Sequence[str]]) -> Any:
    """Return the (n, v) sparse counts of v terms, which are in the order of their names."""
    from scipy import sparse

    index = {name: column for column, name in enumerate(sorted({t for row in terms for t in row}))}
    columns = np.array([index[term] for row in terms for term in row], dtype=np.int64)
    rows = np.repeat(np.arange(len(terms)), [len(row) for row in terms])
    shape = (len(terms), len(index))
    return sparse.csr_matrix((np.ones(len(columns)), (rows, columns)), shape=shape)


def _reduce(weights: Any, dimensions: int) -> npt.NDArray[np.float64]:
    from sklearn.decomposition import TruncatedSVD

    reduced: npt.NDArray[np.float64] = TruncatedSVD(dimensions, random_state=0).fit_transform(
        weights
    )
    return reduced

"""The nearest of many vectors: a quick shortlist, then exact scores in a fixed order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from metier.errors import ParameterError, UsageError
from metier.retrieval.vectors import require_same_space

SLACK = 1e-5
"""How far quick scores of equal vectors may lie apart: the rows of a matrix product differ in
their last bits, depending on where they stand."""

_SAMPLE = 4096
"""Scores that tell where the best of many begin."""


def shortlist(
    scores: npt.NDArray[np.float32], count: int, *, slack: float = SLACK
) -> npt.NDArray[np.int64]:
    """Positions of the best scores in no order: `count` of them, and what is as good as the last.

    Args:
        scores: (n,), without NaN; negative infinity is never chosen.
        count: how many at least, where there are as many.
        slack: how much worse than the last one still is as good.
    """
    if count < 1:
        return np.empty(0, dtype=np.int64)
    least = -np.inf
    if count < len(scores):
        least = _nth_best(_rough(scores, count), count) - slack
    return np.flatnonzero((scores >= least) & (scores > -np.inf))


def _rough(scores: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32]:
    """Scores with the best `count` among them: few of many, as a sample shows where to look."""
    stride = len(scores) // _SAMPLE
    sampled = 2 * count // max(1, stride) + 16
    if stride < 2 or sampled >= _SAMPLE:
        return scores
    few = scores[scores >= _nth_best(scores[::stride], sampled)]
    return few if len(few) >= count else scores


def _nth_best(scores: npt.NDArray[np.float32], count: int) -> float:
    index = len(scores) - count
    return float(np.partition(scores, index)[index])


def best(
    query: npt.NDArray[np.float32],
    vectors: npt.NDArray[np.float32],
    ids: Sequence[str],
    count: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The best of a few vectors, best first, equal ones in the order of their ids.

    Args:
        query: (dim,) unit vector.
        vectors: (n, dim) unit rows; equal rows have equal scores.
        ids: of the vectors.
        count: how many; at most n are given.

    Returns:
        Positions (k,) and dot products (k,).
    """
    # not a matrix product: this sums every row in the same order
    scores = np.einsum("ij,j->i", vectors, query, dtype=np.float64).astype(np.float32)
    order = sorted(range(len(ids)), key=lambda row: (-scores[row], ids[row]))[:count]
    positions = np.array(order, dtype=np.int64)
    return positions, scores[positions]


def nearest(
    queries: npt.NDArray[np.float32], documents: npt.NDArray[np.float32], top_k: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The best documents for each query by dot product, best first.

    Args:
        queries: (q, dim) unit rows.
        documents: (n, dim) unit rows.
        top_k: how many, at least 1; at most n are returned.

    Returns:
        Positions (q, k) and scores (q, k), k = min(top_k, n); equal scores stand in the order of
        the documents.

    Raises:
        ParameterError: `top_k` is less than 1.
        UsageError: both say what they were made with, and that cannot be compared; or their
            vectors are of different sizes.
    """
    if top_k < 1:
        raise ParameterError(
            f"top_k={top_k} is less than 1.", fix="Ask for at least one hit.", parameter="top_k"
        )
    require_same_space(queries, documents, names=("the queries", "the documents"))
    if queries.shape[1] != documents.shape[1]:
        raise UsageError(
            f"Queries of {queries.shape[1]} dimensions cannot be compared with documents of "
            f"{documents.shape[1]}.",
            fix="Embed both with the same model and dim.",
        )
    scores = np.asarray(queries) @ np.asarray(documents).T
    count = min(top_k, documents.shape[0])
    # a stable sort keeps equal scores in document order, so a search is reproducible
    order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    return order.astype(np.int64), np.take_along_axis(scores, order, axis=1)

"""Exact search: every document is compared, nothing is approximated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metier.errors import ParameterError, UsageError
from metier.retrieval.vectors import require_same_space


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
        raise ParameterError(f"top_k={top_k} is less than 1.", fix="Ask for at least one hit.")
    require_same_space(queries, documents, names=("the queries", "the documents"))
    if queries.shape[1] != documents.shape[1]:
        raise UsageError(
            f"Queries of {queries.shape[1]} numbers cannot be compared with documents of "
            f"{documents.shape[1]}.",
            fix="Embed both with the same model and dim.",
        )
    scores = np.asarray(queries) @ np.asarray(documents).T
    wanted = min(top_k, documents.shape[0])
    # a stable sort keeps equal scores in document order, so a search is reproducible
    order = np.argsort(-scores, axis=1, kind="stable")[:, :wanted]
    return order.astype(np.int64), np.take_along_axis(scores, order, axis=1)

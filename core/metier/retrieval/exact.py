"""Exact search: every document is compared, nothing is approximated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metier.errors import ParameterError


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
    """
    if top_k < 1:
        raise ParameterError(f"top_k={top_k} is less than 1.", fix="Ask for at least one hit.")
    scores = queries @ documents.T
    wanted = min(top_k, documents.shape[0])
    # a stable sort keeps equal scores in document order, so a search is reproducible
    order = np.argsort(-scores, axis=1, kind="stable")[:, :wanted]
    return order.astype(np.int64), np.take_along_axis(scores, order, axis=1)

"""Texts that represent a group: near its center, and not all alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_DIVERSITY = 0.3
"""Weight of being unlike the representatives before; the rest is that of being near the center."""

_ALIKE = 0.98
"""Cosine above which two texts are too alike to be both representatives."""


def representatives(
    vectors: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    medoids: npt.NDArray[np.int64],
    *,
    count: int = 3,
) -> list[list[int]]:
    """Return rows that represent each group, its medoid first.

    The others are chosen by maximal marginal relevance (Carbonell and Goldstein 1998) with a
    weight of 0.3 for being unlike those before, among the half of the rows that is nearest to the
    center. Rows that are nearly equal to an earlier one are left out.

    Args:
        vectors: (n, dim) unit vectors.
        labels: (n,) group of each row, 0 to k-1; -1 for none.
        medoids: (k,) the row of each group that is nearest to its center.
        count: of rows for each group, at most.

    Returns:
        k lists of rows.
    """
    return [
        _of_group(vectors, np.flatnonzero(labels == label), medoid, count)
        for label, medoid in enumerate(medoids.tolist())
    ]


def _of_group(
    vectors: npt.NDArray[np.float32], members: npt.NDArray[np.intp], medoid: int, count: int
) -> list[int]:
    points = vectors[members].astype(np.float64)
    center = points.mean(axis=0)
    nearness = points @ (center / max(float(np.linalg.norm(center)), 1e-12))
    # rounded, and then by the vector itself, so that the order of rows decides nothing
    order = np.lexsort((*points.T[::-1], -nearness.round(9)))
    candidates = order[: max(count, (len(order) + 1) // 2)]
    chosen = [medoid]
    while len(chosen) < count:
        before = vectors[chosen].astype(np.float64)
        alike = (points[candidates] @ before.T).max(axis=1)
        scores = (1.0 - _DIVERSITY) * nearness[candidates] - _DIVERSITY * alike
        scores = np.where(alike > _ALIKE, -np.inf, scores.round(9))
        best = int(scores.argmax())
        if scores[best] == -np.inf:
            break
        chosen.append(int(members[candidates[best]]))
    return chosen

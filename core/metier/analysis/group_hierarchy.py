"""The hierarchy of groups: which of them are merged first when there are to be fewer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class GroupMerge:
    """A step of the hierarchy: two groups, or merged ones, become one.

    Attributes:
        first: labels in the one that holds the smallest label.
        second: labels in the other.
        distance: of Ward's method, as scipy gives it: for two single rows that of the rows.
        groups: number of groups after it.
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    distance: float
    groups: int


def group_hierarchy(
    vectors: npt.NDArray[np.float32], labels: npt.NDArray[np.int64]
) -> list[GroupMerge]:
    """Return the merges of groups by Ward's method (1963), the nearest first.

    Each step merges the two whose merging adds least to the squared distances of rows from the
    centers of their groups.

    Args:
        vectors: (n, dim).
        labels: (n,) group of each row, 0 to k-1; -1 for none.

    Returns:
        k - 1 merges; the last has one group.
    """
    present = np.unique(labels[labels >= 0]).tolist()
    names: list[tuple[int, ...]] = [(label,) for label in present]
    rows = [np.flatnonzero(labels == label) for label in present]
    sizes = np.array([len(members) for members in rows], dtype=np.float64)
    centers = np.array([vectors[members].astype(np.float64).mean(axis=0) for members in rows])
    merges = []
    while len(names) > 1:
        squares = (centers**2).sum(axis=1)
        distances = np.maximum(squares[:, None] + squares - 2.0 * (centers @ centers.T), 0.0)
        weights = np.outer(sizes, sizes) / np.add.outer(sizes, sizes)
        costs = (distances * weights).round(9)
        np.fill_diagonal(costs, np.inf)
        left, right = sorted(int(i) for i in np.unravel_index(costs.argmin(), costs.shape))
        distance = float(np.sqrt(2.0 * costs[left, right]))
        first, second = sorted((names[left], names[right]))
        merges.append(GroupMerge(first, second, round(distance, 4), len(names) - 1))
        total = sizes[left] + sizes[right]
        centers[left] = (sizes[left] * centers[left] + sizes[right] * centers[right]) / total
        sizes[left] = total
        names[left] = tuple(sorted((*first, *second)))
        del names[right]
        centers, sizes = np.delete(centers, right, axis=0), np.delete(sizes, right)
    return merges

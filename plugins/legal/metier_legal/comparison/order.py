"""Clauses that stand elsewhere, and headings that correspond."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from metier_legal.comparison.clause_words import ClauseWords
from metier_legal.comparison.divisions import Correspondence

Path = tuple[str, ...]
_LEAST_SHARED = 0.3


class HeadingPairs(NamedTuple):
    """Headings of both sides that correspond.

    Attributes:
        right: for the path of a left heading that of the right one.
        left: for the path of a right heading that of the left one.
    """

    right: dict[Path, Path]
    left: dict[Path, Path]


def heading_pairs(
    left: Sequence[ClauseWords],
    right: Sequence[ClauseWords],
    correspondences: Sequence[Correspondence],
) -> HeadingPairs:
    """Which heading of the right contract is which of the left one: they hold the same clauses."""
    sizes = _sizes(left), _sizes(right)
    shared: Counter[tuple[Path, Path]] = Counter()
    for item in correspondences:
        for row in item.left:
            for other in item.right:
                for path in _paths(left[row]):
                    shared.update((path, known) for known in _paths(right[other]))
    titles = {
        path: clause.titles[depth]
        for side in (left, right)
        for clause in side
        for depth, path in enumerate(_paths(clause))
    }
    ranked = sorted(
        shared,
        key=lambda pair: (
            -2 * shared[pair] / (sizes[0][pair[0]] + sizes[1][pair[1]]),
            abs(len(pair[0]) - len(pair[1])),
            titles[pair[0]] != titles[pair[1]],
            pair,
        ),
    )
    pairs = HeadingPairs({}, {})
    for path, right_path in ranked:
        share = 2 * shared[path, right_path] / (sizes[0][path] + sizes[1][right_path])
        if share < _LEAST_SHARED or path in pairs.right or right_path in pairs.left:
            continue
        pairs.right[path] = right_path
        pairs.left[right_path] = path
    return pairs


def moved(
    left: Sequence[ClauseWords],
    right: Sequence[ClauseWords],
    correspondences: Sequence[Correspondence],
    headings: HeadingPairs,
) -> set[int]:
    """Positions of the correspondences that stand elsewhere.

    Those that are out of order, the fewest words that explain it, and those under another heading.
    """
    kept = _heaviest_in_order(
        _ranks([right[item.right[0]].clause.start for item in correspondences]),
        [1 + sum(len(left[row].words) for row in item.left) for item in correspondences],
    )
    positions = {index for index in range(len(correspondences)) if index not in kept}
    for index, item in enumerate(correspondences):
        above = left[item.left[0]].clause.path[:-1]
        other = right[item.right[0]].clause.path[:-1]
        is_elsewhere = (
            above in headings.right
            and other in headings.left
            and headings.right[above] != other
            and headings.left[other] != above
        )
        if is_elsewhere:
            positions.add(index)
    return positions


def _paths(clause: ClauseWords) -> list[Path]:
    path = () if clause.is_passage else clause.clause.path
    return [path[: depth + 1] for depth in range(len(path))]


def _sizes(clauses: Sequence[ClauseWords]) -> Counter[Path]:
    """How many clauses stand under each heading."""
    return Counter(path for clause in clauses for path in _paths(clause))


def _ranks(offsets: Sequence[int]) -> list[int]:
    """The rank of each offset among all."""
    rank = {offset: number for number, offset in enumerate(sorted(set(offsets)))}
    return [rank[offset] for offset in offsets]


def _heaviest_in_order(values: Sequence[int], weights: Sequence[int]) -> set[int]:
    """Positions of the increasing subsequence of greatest weight; equal values may follow.

    A Fenwick tree of the best weight up to each value.
    """
    size = max(values, default=0) + 2
    tree: list[tuple[int, int]] = [(0, -1)] * (size + 1)
    before = [-1] * len(values)
    best = (0, -1)
    for position, value in enumerate(values):
        index, prefix = value + 1, (0, -1)
        while index > 0:
            prefix = max(prefix, tree[index], key=lambda entry: entry[0])
            index -= index & -index
        before[position] = prefix[1]
        total = (prefix[0] + weights[position], position)
        index = value + 1
        while index <= size:
            if total[0] > tree[index][0]:
                tree[index] = total
            index += index & -index
        if total[0] > best[0]:
            best = total
    kept: set[int] = set()
    position = best[1]
    while position >= 0:
        kept.add(position)
        position = before[position]
    return kept

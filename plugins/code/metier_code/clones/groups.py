"""Groups from pairs: every member is like the others, not only like one that is like one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

_COMPARED = 4
"""Members of each of two groups that are compared before the groups become one."""


def linked_groups(
    pairs: Iterable[tuple[int, int]], are_clones: Callable[[int, int], bool]
) -> list[list[int]]:
    """Groups of two or more rows, in order.

    Two groups become one if all pairs between them are clones, of large groups those of a sample
    (complete linkage): a chain of small changes does not make one group of all.

    Args:
        pairs: rows that are clones, the most similar first.
        are_clones: whether two rows are, which need not be one of the pairs.
    """
    groups: dict[int, list[int]] = {}
    group_of: dict[int, int] = {}
    refused: set[tuple[int, int, int, int]] = set()
    for row, other in pairs:
        first, second = group_of.get(row, row), group_of.get(other, other)
        left, right = groups.get(first, [first]), groups.get(second, [second])
        attempt = (first, len(left), second, len(right))
        if first == second or attempt in refused:
            continue
        if not all(are_clones(a, b) for a in _sample(left) for b in _sample(right)):
            refused.add(attempt)
            continue
        larger, smaller = (first, second) if len(left) >= len(right) else (second, first)
        members = groups.setdefault(larger, [larger])
        members += groups.pop(smaller, [smaller])
        for member in [*members[-min(len(left), len(right)) :], larger]:
            group_of[member] = larger
    return sorted(sorted(members) for members in groups.values())


def _sample(rows: Sequence[int]) -> Sequence[int]:
    """A few of the rows, evenly spaced."""
    if len(rows) <= _COMPARED:
        return rows
    return [rows[round(step * (len(rows) - 1) / (_COMPARED - 1))] for step in range(_COMPARED)]

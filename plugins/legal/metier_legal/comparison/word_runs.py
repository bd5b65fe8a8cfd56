"""Runs of equal words of two sequences, within bounds of time for long ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

_MOST_PAIRINGS = 2_000_000
"""Pairs of equal words from which the most frequent words begin no run of their own."""


def run_matcher(first: Sequence[Key], second: Sequence[Key]) -> SequenceMatcher[Key]:
    """A matcher of two sequences of keys.

    Every key counts, however frequent it is. In a clause of many thousand words the frequent ones
    only go on with runs, or the time would grow with the square of the length.
    """
    counts, others = Counter(first), Counter(second)
    pairings = sum(count * others[key] for key, count in counts.items())
    return SequenceMatcher(None, first, second, autojunk=pairings > _MOST_PAIRINGS)


def equal_runs(
    first: Sequence[Key], second: Sequence[Key], shortest: int
) -> list[tuple[int, int, int]]:
    """Starts in both sequences and length of each run of at least some keys, in order."""
    blocks = run_matcher(first, second).get_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks if block.size >= shortest]

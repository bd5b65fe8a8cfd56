"""Token counts, taken for many documents in one call."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

TokenCounter = Callable[[Sequence[str]], Sequence[int]]
"""Tokens of each text as the model reads it, with those of its prompt and special tokens."""

Counting = Generator[list[str], list[int], T]
"""A generator that yields texts, is sent the tokens of each, and returns a result."""


def run_together(works: Sequence[Counting[T]], counter: TokenCounter) -> list[T]:
    """The results of works that need counts, which are taken for all of them in one call a round.

    Tokenizers are fast on many texts at once and slow on one after the other.
    """
    results: dict[int, T] = {}
    waiting: dict[int, list[str]] = {}

    def go_on(index: int, counts: list[int] | None) -> None:
        try:
            work = works[index]
            waiting[index] = next(work) if counts is None else work.send(counts)
        except StopIteration as finished:
            results[index] = finished.value

    for index in range(len(works)):
        go_on(index, None)
    while waiting:
        this_round, waiting = waiting, {}
        texts = [text for requested in this_round.values() for text in requested]
        counts = iter(counter(texts) if texts else ())
        for index, requested in this_round.items():
            go_on(index, list(islice(counts, len(requested))))
    return [results[index] for index in range(len(works))]

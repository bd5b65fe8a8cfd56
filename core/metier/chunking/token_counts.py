"""Token counts, asked for by many documents at once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

Counter = Callable[[Sequence[str]], Sequence[int]]
"""Tokens of each text as the model reads it, with those of its prompt and special tokens."""

Counting = Generator[list[str], list[int], T]
"""Work that yields texts and is sent the count of each."""


def run_together(works: Sequence[Counting[T]], counter: Counter) -> list[T]:
    """The results of works that need counts, which are taken for all of them in one call a round.

    Tokenizers are fast on many texts at once and slow on one after the other.
    """
    results: dict[int, T] = {}
    asked: dict[int, list[str]] = {}

    def go_on(index: int, counts: list[int] | None) -> None:
        try:
            work = works[index]
            asked[index] = next(work) if counts is None else work.send(counts)
        except StopIteration as finished:
            results[index] = finished.value

    for index in range(len(works)):
        go_on(index, None)
    while asked:
        this_round, asked = asked, {}
        texts = [text for wanted in this_round.values() for text in wanted]
        counts = iter(counter(texts) if texts else ())
        for index, wanted in this_round.items():
            go_on(index, list(islice(counts, len(wanted))))
    return [results[index] for index in range(len(works))]

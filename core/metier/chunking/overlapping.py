"""Chunks that begin with the end of the one before, so that nothing is torn at a boundary."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil

from metier.chunking.boundaries import Stretch, parts, sentences_of, stripped
from metier.chunking.chunk import content_of
from metier.chunking.counting import Counting
from metier.chunking.fitting import LONG, Fitted


def overlapped(
    text: str, found: Sequence[Fitted], *, overlap: int, limit: int, alone: int
) -> Counting[list[Fitted]]:
    """The stretches, each begun earlier where the one before is of the same section.

    Args:
        text: the document.
        found: in order.
        overlap: most tokens of the one before. It begins with a sentence, unless the last one
            alone has more.
        limit: most tokens of a whole stretch.
        alone: tokens of an empty text.
    """
    pieces = {
        index: _tail(text, before, overlap)
        for index, (before, one) in enumerate(pairwise(found), start=1)
        if before.section == one.section
    }
    counts = yield from _tokens(text, pieces, alone)
    long = {index: tokens[-1] for index, tokens in counts.items() if tokens[-1] > overlap}
    for index, last in long.items():
        # its last sentence in parts of half the overlap or less
        pieces[index] = parts(text, pieces[index][-1], ceil(2 * last / overlap))
    counts |= yield from _tokens(text, {index: pieces[index] for index in long}, alone)
    starts: dict[int, list[int]] = {}
    for index, tokens in counts.items():
        left = overlap
        fitting: list[int] = []
        for piece, cost in zip(reversed(pieces[index]), reversed(tokens), strict=True):
            left -= cost
            if left < 0 or piece.start == found[index - 1].start:  # not all of the one before
                break
            fitting.append(piece.start)
        starts[index] = fitting
    result = list(found)
    while starts := {index: fitting for index, fitting in starts.items() if fitting}:
        tried = {index: fitting.pop() for index, fitting in starts.items()}
        sizes = yield [
            content_of(found[index].heading, text[start : found[index].end])
            for index, start in tried.items()
        ]
        for (index, start), size in zip(tried.items(), sizes, strict=True):
            if size <= limit:
                result[index] = found[index]._replace(start=start)
                starts[index] = []
    return result


def _tail(text: str, before: Fitted, overlap: int) -> list[Stretch]:
    """The last sentences of a stretch, as far as the overlap could reach."""
    start = max(before.start, before.end - LONG * overlap)
    last = stripped(text, start, before.end)
    assert last is not None
    return sentences_of(text, last)


def _tokens(
    text: str, pieces: dict[int, list[Stretch]], alone: int
) -> Counting[dict[int, list[int]]]:
    counts = iter((yield [text[one.start : one.end] for each in pieces.values() for one in each]))
    return {index: [next(counts) - alone for _ in each] for index, each in pieces.items()}

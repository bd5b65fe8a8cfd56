"""What of a source stands outside of its functions and classes, and is worth finding."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from metier_code.parsing.captures import Captures, Span, spans_within
from metier_code.parsing.outline import Outline, OutlineEntry

_LETTERS = re.compile(rb"[A-Za-z0-9_\xc0-\xff]+")
FEWEST_LETTERS = 10
"""Letters and digits of code that is worth finding: more than `LIMIT = 3` has."""
_FEWEST_LETTERS_IN_CLASS = 60
"""The same between the methods of a class: more than a field or two."""
_ENDS = re.compile(rb"\bend\b|\belse\b|\btry\b|\bfi\b|\bdone\b")
_CLOSERS = b" \t\f\v\n;,(){}]"
_LICENSE = re.compile(rb"licen[sc]e|copyright|SPDX|all rights reserved", re.IGNORECASE)
_FEWEST_WORDS = 4
"""Words of a comment at the start of a file that documents it."""
_FEWEST_LINES = 4
"""Lines of a stretch that is not understood, from which it is divided into windows."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch between definitions.

    Attributes:
        span: in bytes.
        is_understood: whether the grammar understands it, but for a few lines.
        doc: span of the documentation of the file, if it is in here.
        owner: name of the class whose fields and declarations it holds; empty outside of one.
    """

    span: Span
    is_understood: bool
    doc: Span | None
    owner: str = ""


def gaps_of(outline: Outline, captures: Captures, source: bytes, faults: list[Span]) -> list[Gap]:
    """The stretches between definitions with more in them than imports, comments and brackets."""
    docs = [single.span for single in captures.declared if single.role == "module"]
    large = [span for span in faults if source.count(b"\n", *span) + 1 >= _FEWEST_LINES]
    gaps = []
    for start, end, owner in _between(outline, len(source)):
        doc = next(spans_within(docs, start, end), None)
        if doc is None and start == 0:
            doc = _first_comment(captures, source, end)
        broken = [
            (max(first, start), min(last, end)) for first, last in _overlapping(large, start, end)
        ]
        if not broken:  # many short ones are no better than a long one
            short = list(_overlapping(faults, start, end))
            lines = sum(source.count(b"\n", *span) + 1 for span in short)
            if lines >= max(_FEWEST_LINES, source[start:end].strip().count(b"\n") / 2):
                broken = [(max(first, start), min(last, end)) for first, last in short]
        fewest = _FEWEST_LETTERS_IN_CLASS if owner else FEWEST_LETTERS
        kept = list(_kept(outline, captures, source, (start, end), fewest))
        kept = [*([doc] if doc else []), *kept, *broken]
        if kept:
            first = min(span[0] for span in kept)
            last = max(span[1] for span in kept)
            gaps.append(Gap((first, last), not broken, doc, owner))
    return gaps


def _overlapping(spans: list[Span], start: int, end: int) -> Iterator[Span]:
    """Those of sorted spans without overlap that share something with a stretch."""
    for index in range(bisect_right(spans, start, key=lambda span: span[1]), len(spans)):
        if spans[index][0] >= end:
            return
        yield spans[index]


def _between(outline: Outline, end: int) -> Iterator[tuple[int, int, str]]:
    """Stretches between definitions, each with the class that it is in."""
    position = 0
    classes: list[OutlineEntry] = []
    for single in [*outline.definitions, None]:
        start = single.start if single else end
        while classes and classes[-1].reach <= start:
            left = classes.pop()
            if left.reach > position:
                yield position, left.reach, left.name
                position = left.reach
        if start > position:
            yield position, start, classes[-1].name if classes else ""
        if single is None:
            return
        position = max(position, single.end)
        if single.end < single.reach:
            classes.append(single)


def _kept(
    outline: Outline, captures: Captures, source: bytes, gap: Span, fewest: int
) -> list[Span]:
    """Stretches of a gap without imports, comments and heads of namespaces, if they are code."""
    left_out = sorted(
        span
        for spans in (captures.imports, captures.comments, outline.heads)
        for span in spans[bisect_left(spans, (gap[0], 0)) : bisect_left(spans, (gap[1], 0))]
    )
    kept, letters, position = [], 0, gap[0]
    for first, last in [*left_out, (gap[1], gap[1])]:
        if first > position:
            piece = source[position:first]
            count = sum(map(len, _LETTERS.findall(_ENDS.sub(b"", piece))))
            letters += count
            if count:
                blanks = len(piece) - len(piece.lstrip(_CLOSERS))
                kept.append((position + blanks, position + len(piece.rstrip())))
        position = max(position, min(last, gap[1]))
    return kept if letters >= fewest else []


def _first_comment(captures: Captures, source: bytes, end: int) -> Span | None:
    """The comments at the start of a file, where they document it and are no license."""
    start = last = None
    for first, after in spans_within(captures.comments, 0, end):
        between = source[last or 0 : first]
        if between.strip() or (last is not None and between.count(b"\n") > 1):
            break
        start = first if start is None else start
        last = after
    if start is None or last is None:
        return None
    text = source[start:last]
    is_doc = len(_LETTERS.findall(text)) >= _FEWEST_WORDS and not _LICENSE.search(text)
    return (start, last) if is_doc else None

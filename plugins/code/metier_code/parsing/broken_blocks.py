"""Broken blocks of sources that are divided by indentation, so that one hides no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from metier_code.parsing.captures import Span, faults_of
from metier_code.parsing.grammars import Grammar

_FUNCTION = re.compile(rb"^([ \t]*)(?:async[ \t]+)?def\b", re.MULTILINE)
_TOP_LEVEL = re.compile(rb"^(?:(?:async[ \t]+)?def\b|class\b|@)", re.MULTILINE)
_HEAD_END = re.compile(rb":[ \t]*(?:#[^\n]*)?\n")
_CLOSERS = b")]}#"


def without_broken_blocks(source: bytes, grammar: Grammar) -> tuple[bytes, list[Span]]:
    """A source with zeros in place of the bodies that the grammar does not understand.

    A bracket or string that is not closed makes a grammar take the functions after it for its
    content. Where they begin is clear from the indentation.

    Returns:
        The source, in which every offset stays what it was, and the spans that the grammar does not
        understand, in source order.
    """
    broken: list[Span] = []
    mended = bytearray(source)
    for start, end in _functions(source):
        if faults := _faults(grammar, source, start, end):
            broken.extend(faults)
            body, _ = _body(source, start, end)
            if faults_of(grammar.parse(source[start:body].rstrip() + b"\n  pass\n")):
                body = _with_decorators(source, start)  # its head hides what follows, too
            _fill(mended, body, end)
    for start, end in _statements(bytes(mended)):
        if faults := _faults(grammar, bytes(mended), start, end):
            broken.extend(faults)
            mended[start:end] = re.sub(rb"[^\n]", b" ", mended[start:end])
    return bytes(mended), sorted(broken)


def _faults(grammar: Grammar, source: bytes, start: int, end: int) -> list[Span]:
    """What is not understood of a stretch of a source that is parsed on its own."""
    block = source[start:end].rstrip()
    faults = faults_of(grammar.parse(block))
    return [(start + first, start + last) for first, last in faults]


def _functions(source: bytes) -> Iterator[Span]:
    """Outermost functions by their indentation, from `def` on."""
    position = 0
    while (match := _FUNCTION.search(source, position)) is not None:
        position = _end(source, match.end(), len(match[1].expandtabs()))
        yield match.start() + len(match[1]), position


def _end(source: bytes, start: int, indent: int) -> int:
    """Where the next line begins that is indented no deeper and closes no bracket."""
    start = source.find(b"\n", start) + 1 or len(source)
    while start < len(source):
        after = source.find(b"\n", start) + 1 or len(source)
        line = source[start:after].expandtabs()
        content = line.lstrip()
        if content and len(line) - len(content) <= indent and content[0] not in _CLOSERS:
            return start
        start = after
    return start


def _body(source: bytes, start: int, end: int) -> Span:
    """The lines after the head of a function, which ends with a colon."""
    head = _HEAD_END.search(source, start, end)
    line_end = source.find(b"\n", start, end)
    return (head.end() if head else line_end + 1 if line_end >= 0 else end), end


def _with_decorators(source: bytes, start: int) -> int:
    """Where the lines of a function begin, with the decorators right above."""
    start = source.rfind(b"\n", 0, start) + 1
    while start > 0:
        before = source.rfind(b"\n", 0, start - 1) + 1
        if not source[before:start].lstrip().startswith(b"@"):
            break
        start = before
    return start


def _fill(source: bytearray, start: int, end: int) -> None:
    """Put zeros in place of what stands in lines, behind the indentation of the first of them."""
    lines = bytes(source[start:end]).split(b"\n")
    first = next((line for line in lines if line.strip()), b"")
    indent = first[: len(first) - len(first.lstrip())]
    filled = [
        indent + b"0" * (len(line) - len(indent))
        if line.strip() and len(line) > len(indent)
        else b" " * len(line)
        for line in lines
    ]
    source[start:end] = b"\n".join(filled)


def _statements(source: bytes) -> Iterator[Span]:
    """Stretches of top-level code between definitions, which begin at the start of a line."""
    starts = [0, *(match.start() for match in _TOP_LEVEL.finditer(source)), len(source)]
    for start, end in pairwise(starts):
        if start < end:
            is_definition = _TOP_LEVEL.match(source, start) is not None
            first = _end(source, start, 0) if is_definition else start
            if first < end and source[first:end].strip():
                yield first, end

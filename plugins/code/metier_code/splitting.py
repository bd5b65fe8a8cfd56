"""The functions of a source as sections of a document."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from metier.plugin import Section
from metier_code.function import Function, UnreadableSource
from metier_code.functions import functions_in, language_of

_NEWLINE = re.compile(r"\r\n?")


def function_sections(text: str, name: str) -> Iterator[Section]:
    """The outermost functions of a source under their names; a `Splitter`.

    None where the end of `name` says no language that is read, or the source cannot be parsed.
    """
    language = language_of(name)
    if language is None:
        return
    source = _NEWLINE.sub("\n", text)
    try:
        functions = functions_in(source.encode(), language)
    except UnreadableSource:
        return
    # each two-character newline before a place moves it on by one
    pairs = [found.start() for found in re.finditer("\r\n", text)]
    pairs = [start - before for before, start in enumerate(pairs)]
    lines = [0, *accumulate(len(line) + 1 for line in source.split("\n"))]
    end = 0
    for function in functions:
        start = max(end, _start_of(function, source, lines))
        end = max(start, _start_of(function, source, lines) + len(function.text))
        if start < end:
            yield Section(
                start + bisect_left(pairs, start), end + bisect_left(pairs, end), (function.name,)
            )


def _start_of(function: Function, source: str, lines: list[int]) -> int:
    """Offset of a function's text, which holds what indents its first line."""
    line = lines[function.line - 1]
    start = line + function.column - 1
    blanks = " \t\n\r\f\v"
    return start if source[line:start].strip(blanks) else line

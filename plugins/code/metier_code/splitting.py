"""The functions of a source as sections of a document."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from metier.plugin import Section
from metier_code.function import UnreadableSource
from metier_code.functions import functions_in, language_of
from metier_code.trees.source_files import has_long_lines

_NEWLINE = re.compile(r"\r\n?")


def function_sections(text: str, name: str) -> Iterator[Section]:
    """The outermost functions of a source under their names; a `Splitter`.

    None where the end of `name` says no language that is read, the source cannot be parsed, or it
    is a bundle.
    """
    language = language_of(name)
    if language is None:
        return
    source = _NEWLINE.sub("\n", text).encode()
    if has_long_lines(source):  # a bundle would give thousands
        return
    try:
        functions = functions_in(source, language)
    except UnreadableSource:
        return
    # each two-character newline before an offset moves it on by one
    pairs = [match.start() for match in re.finditer("\r\n", text)]
    pairs = [start - before for before, start in enumerate(pairs)]
    end = 0
    for function in functions:
        start, end = max(end, function.start), max(end, function.end)
        if start < end:
            yield Section(
                start + bisect_left(pairs, start), end + bisect_left(pairs, end), (function.name,)
            )

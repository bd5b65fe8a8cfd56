"""The definitions of a source as sections of a document."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from metier.plugin import Section
from metier_code.parsing.definitions import parse
from metier_code.parsing.languages import language_of
from metier_code.trees.source_files import has_long_lines


def code_sections(text: str, name: str) -> Iterator[Section]:
    """The definitions of a source under their names; a `Splitter`.

    None where the end of `name` says no language that is read, or it is a bundle.
    """
    language = language_of(name)
    if language is None:
        return
    if has_long_lines(text.encode("utf-8", "replace")):  # a bundle would give thousands
        return
    # each two-character newline before an offset moves it on by one
    pairs = [match.start() for match in re.finditer("\r\n", text)]
    pairs = [start - before for before, start in enumerate(pairs)]
    end = 0
    for definition in parse(text, language).definitions:
        start, end = max(end, definition.start), max(end, definition.end)
        if start < end:
            yield Section(
                start + bisect_left(pairs, start), end + bisect_left(pairs, end), (definition.name,)
            )

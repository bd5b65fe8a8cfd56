"""The definitions of a source as sections of a document."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from metier.plugin import Section
from metier_code.parsing.definition import Definition, ParsedSource
from metier_code.parsing.definitions import parse
from metier_code.parsing.languages import language_of
from metier_code.parsing.snippets import heading_of, snippet_of
from metier_code.trees.generated import has_long_lines

_ENDING = re.compile(r"\.[A-Za-z]\w*$")


def code_sections(text: str, name: str) -> Iterable[Section]:
    """The definitions of a source under their names; a `Splitter`.

    A piece of code whose `name` is that of no file is one section, in the language that it looks
    like. None for a file of which neither `name` nor the first line says a language that is read,
    a bundle, and a text that is no code.
    """
    return _sections(text, _parsed(text, name)) if _is_file(text, name) else _snippet(text)


class RecordingSplitter:
    """`code_sections`, which remembers what it found in each document.

    Attributes:
        counts: the number of definitions by the name of the document.
        faults: the first line that was not understood, and why, by the name of the document.
    """

    def __init__(self) -> None:
        functools.update_wrapper(self, code_sections)  # so that an index takes it for the same
        self.counts: dict[str, int] = {}
        self.faults: dict[str, tuple[int, str]] = {}

    def clear(self) -> None:
        """Forget what was found."""
        self.counts, self.faults = {}, {}

    def __call__(self, text: str, name: str) -> Iterable[Section]:
        parsed = _parsed(text, name)
        self.counts[name] = len(parsed.definitions)
        if parsed.faults:
            self.faults[name] = parsed.faults[0]
        return _sections(text, parsed)


def fields_of(definition: Definition) -> dict[str, str | int]:
    """What hits say of a definition, and conditions compare."""
    fields: dict[str, str | int] = {
        "kind": definition.kind,
        "name": definition.name,
        "signature": definition.signature,
        "language": definition.language,
        "line": definition.line,
        "column": definition.column,
        "end_line": definition.end_line,
    }
    if definition.cell is not None:
        fields["cell"], fields["cell_line"] = definition.cell
    return fields


def _is_file(text: str, name: str) -> bool:
    return _ENDING.search(name) is not None or language_of(name, text) is not None


def _parsed(text: str, name: str) -> ParsedSource:
    language = language_of(name, text)
    if language is None or has_long_lines(text):  # a bundle would give thousands
        return ParsedSource(())
    return parse(text, language)


def _sections(text: str, parsed: ParsedSource) -> Iterator[Section]:
    # each two-character newline before an offset moves it on by one
    pairs = [match.start() for match in re.finditer("\r\n", text)]
    pairs = [start - before for before, start in enumerate(pairs)]
    end = 0
    for definition in parsed.definitions:
        start, end = max(end, definition.start), max(end, definition.end)
        if start < end:
            yield Section(
                start + bisect_left(pairs, start),
                end + bisect_left(pairs, end),
                (definition.name,) if definition.name else (),
                fields_of(definition),
            )


def _snippet(text: str) -> Iterator[Section]:
    """All of a piece of code, if it is one."""
    snippet = snippet_of(text)
    if snippet is not None:
        headings = tuple(filter(None, [heading_of(snippet)]))
        fields = {"kind": "function", "name": snippet.name, "language": snippet.language}
        yield Section(0, len(text), headings, fields)

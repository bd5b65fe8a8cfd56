"""What a definition is here: a stretch of a source with a name and a position."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

_BLANKS = re.compile(r"\s*+")
_LINE_END = re.compile(rb"\n")
_BLOCK = 1024
"""Bytes between two counts of characters."""
_CONTINUATIONS = bytes(range(0x80, 0xC0))  # bytes of UTF-8 that begin no character

Kind = Literal["function", "method", "class", "module", "lines"]
"""What a definition is: `module` is documentation and code of a file outside of any other, and
`lines` a window of lines of a source that is not understood."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, method, class or other stretch of a source that is worth finding.

    Attributes:
        name: with the namespaces and types it stands in (`Cart.total`); empty for `module` and
            `lines`.
        kind: see `Kind`. A class is its head, documentation and fields, up to its first method.
        signature: its head on one line, without the body.
        doc: docstring or comment, as plain text.
        line: of its first character, counted from 1; comments and decorators right above belong
            to it.
        end_line: of its last character.
        column: counted from 1 in characters; tells definitions on one line apart.
        text: whole source, as it is in the file but with Unix newlines.
        start: offset of `text` in the source with Unix newlines, in characters; where only blanks
            stand before the definition in its line, they belong to the text.
        language: its language, by its name in `languages.yaml`.
        cell: of a notebook, the number of its cell and of its line in there, both from 1.
    """

    name: str
    kind: Kind
    signature: str
    doc: str
    line: int
    end_line: int
    column: int
    text: str
    start: int
    language: str
    cell: tuple[int, int] | None = None

    @property
    def end(self) -> int:
        """Offset after the last character of `text`."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class ParsedSource:
    """The definitions of a source.

    Attributes:
        definitions: in source order, without overlap.
        faults: first line and reason of each stretch that was not understood.
    """

    definitions: tuple[Definition, ...]
    faults: tuple[tuple[int, str], ...] = ()


class Source:
    """A source with Unix newlines: definitions by their offsets, which are bytes or characters."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        newline = "" if text.endswith("\n") else "\n"  # some grammars miss it at the end
        self.bytes = (text + newline).encode("utf-8", "replace")
        self.language = language
        self._line_starts = [0, *(match.end() for match in _LINE_END.finditer(self.bytes))]
        self._is_ascii = len(self.bytes) == len(text) + len(newline)
        counts = (
            len(self.bytes[first : first + _BLOCK].translate(None, _CONTINUATIONS))
            for first in range(0, len(self.bytes), _BLOCK)
        )
        self._blocks = [0] if self._is_ascii else [0, *accumulate(counts)]
        lengths = (len(line) + 1 for line in text.split("\n"))
        self._starts_in_characters = (
            self._line_starts if self._is_ascii else [0, *accumulate(lengths)]
        )

    def line(self, offset: int) -> int:
        """The line of an offset in bytes, counted from 1."""
        return bisect_right(self._line_starts, offset)

    def characters(self, offset: int) -> int:
        """The characters before an offset in bytes."""
        if self._is_ascii:
            return offset
        block = offset // _BLOCK
        rest = self.bytes[block * _BLOCK : offset]
        return self._blocks[block] + len(rest.translate(None, _CONTINUATIONS))

    def slice(self, start: int, end: int) -> str:
        """The text between two offsets in bytes."""
        return self.text[self.characters(start) : self.characters(end)]

    def definition(
        self,
        start: int,
        end: int,
        *,
        name: str = "",
        kind: Kind = "function",
        signature: str = "",
        doc: str = "",
    ) -> Definition:
        """The definition between two offsets in characters.

        Blanks at its end are left out; what indents its first line belongs to it.
        """
        line = bisect_right(self._starts_in_characters, start)
        line_start = self._starts_in_characters[line - 1]
        column = start - line_start + 1
        if _BLANKS.fullmatch(self.text, line_start, start):
            start = line_start
        text = self.text[start:end].rstrip()
        return Definition(
            name=name,
            kind=kind,
            signature=signature,
            doc=doc,
            line=line,
            end_line=line + text.count("\n"),
            column=column,
            text=text,
            start=start,
            language=self.language,
        )

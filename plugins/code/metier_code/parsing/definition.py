"""What a definition is here: a stretch of a source with a name and a position."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

_BLANKS = re.compile(rb"\s*+")

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


class UnreadableSource(Exception):
    """A source that cannot be read; its message is the reason, in a few words."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(reason)
        self.line = line


class Source:
    """A source in UTF-8 with Unix newlines, to cut definitions from."""

    def __init__(self, source: bytes, language: str) -> None:
        self.bytes = source
        self.language = language
        self.lines = source.split(b"\n")
        self.line_starts = [0, *accumulate(len(line) + 1 for line in self.lines)]
        self._starts_in_characters = [
            0,
            *accumulate(len(line) + 1 for line in source.decode().split("\n")),
        ]
        self._counted = (0, 0)  # an offset, and the characters before it in its line

    def cut(
        self,
        start: int,
        end: int,
        *,
        name: str,
        kind: Kind = "function",
        signature: str = "",
        doc: str = "",
    ) -> Definition:
        """The definition between two offsets; what indents its first line belongs to the text."""
        line = bisect_right(self.line_starts, start)
        line_start = self.line_starts[line - 1]
        before = self._characters(line_start, start)
        is_first = self.begins_line(start)
        text = self.bytes[line_start if is_first else start : end].decode()
        return Definition(
            name=name,
            kind=kind,
            signature=signature,
            doc=doc,
            line=line,
            end_line=line + text.count("\n"),
            column=before + 1,
            text=text,
            start=self._starts_in_characters[line - 1] + (0 if is_first else before),
            language=self.language,
        )

    def begins_line(self, offset: int) -> bool:
        """Whether nothing but blanks stands before an offset in its line."""
        line_start = self.line_starts[bisect_right(self.line_starts, offset) - 1]
        blanks = _BLANKS.match(self.bytes, line_start, offset)
        return blanks is not None and blanks.end() == offset

    def _characters(self, line_start: int, offset: int) -> int:
        """Characters of a line before an offset; goes on from the one before, if it can."""
        counted, characters = self._counted
        if not line_start <= counted <= offset:
            counted, characters = line_start, 0
        characters += len(self.bytes[counted:offset].decode())
        self._counted = (offset, characters)
        return characters

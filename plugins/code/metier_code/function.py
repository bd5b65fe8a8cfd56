"""What a function is here: a stretch of a source with a name and a position."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

_BLANKS = re.compile(rb"\s*+")


class UnreadableSource(Exception):
    """A file that functions cannot be read from; its message is the reason, in a few words."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method.

    Attributes:
        name: with the types it stands in (`Cart.total`).
        line: of its first character, counted from 1; comments and decorators right above belong
            to it.
        column: counted from 1 in characters; tells functions on one line apart.
        text: whole source, as it is in the file but with Unix newlines.
        start: offset of `text` in the source with Unix newlines, in characters; where only blanks
            stand before the function in its line, they belong to the text.
    """

    name: str
    line: int
    column: int
    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset after the last character of `text`."""
        return self.start + len(self.text)


class Source:
    """A source in UTF-8 with Unix newlines, to cut functions from."""

    def __init__(self, source: bytes) -> None:
        self.bytes = source
        self.lines = source.split(b"\n")
        self.line_starts = [0, *accumulate(len(line) + 1 for line in self.lines)]
        self._starts_in_characters = [
            0,
            *accumulate(len(line) + 1 for line in source.decode().split("\n")),
        ]
        self._counted = (0, 0)  # an offset, and the characters before it in its line

    def cut(self, start: int, end: int, name: str) -> Function:
        """The function between two offsets; what indents its first line belongs to the text."""
        line = bisect_right(self.line_starts, start)
        line_start = self.line_starts[line - 1]
        before = self._characters(line_start, start)
        is_first = self.begins_line(start)
        return Function(
            name=name,
            line=line,
            column=before + 1,
            text=self.bytes[line_start if is_first else start : end].decode(),
            start=self._starts_in_characters[line - 1] + (0 if is_first else before),
        )

    def begins_line(self, offset: int) -> bool:
        """Whether nothing but blanks stands before an offset in its line."""
        line_start = self.line_starts[bisect_right(self.line_starts, offset) - 1]
        blanks = _BLANKS.match(self.bytes, line_start, offset)
        return blanks is not None and blanks.end() == offset

    def _characters(self, line_start: int, offset: int) -> int:
        """Characters of a line before an offset; goes on from the function before, if it can."""
        counted, characters = self._counted
        if not line_start <= counted <= offset:
            counted, characters = line_start, 0
        characters += len(self.bytes[counted:offset].decode())
        self._counted = (offset, characters)
        return characters

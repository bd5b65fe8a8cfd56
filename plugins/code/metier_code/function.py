"""What a function is here: a stretch of a source with a name and a place."""

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
    """

    name: str
    line: int
    column: int
    text: str


class Source:
    """A source in UTF-8 with Unix newlines, to cut functions from."""

    def __init__(self, source: bytes) -> None:
        self.bytes = source
        self.lines = source.split(b"\n")
        self.line_starts = [0, *accumulate(len(line) + 1 for line in self.lines)]
        self._counted = (0, 0)  # an offset, and the characters before it in its line

    def cut(self, start: int, end: int, name: str) -> Function:
        """The function between two offsets; what indents its first line belongs to the text."""
        line = bisect_right(self.line_starts, start)
        line_start = self.line_starts[line - 1]
        return Function(
            name=name,
            line=line,
            column=self._characters(line_start, start) + 1,
            text=self.bytes[line_start if self.begins_line(start) else start : end].decode(),
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

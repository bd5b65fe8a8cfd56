"""What a function is here: a stretch of a source with a name and a place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method.

    Attributes:
        name: with the types it stands in (`Cart.total`).
        line: of its first character, counted from 1; comments and decorators right above belong
            to it.
        column: counted from 1 in characters; tells functions on one line apart.
        text: whole source, as it is in the file.
    """

    name: str
    line: int
    column: int
    text: str


def cut(source: bytes, start: int, end: int, name: str) -> Function:
    """The function between two byte offsets; what indents its first line belongs to the text."""
    line_start = source.rfind(b"\n", 0, start) + 1
    before = source[line_start:start]
    return Function(
        name=name,
        line=source.count(b"\n", 0, start) + 1,
        column=len(before.decode()) + 1,
        text=source[start if before.strip() else line_start : end].decode(),
    )

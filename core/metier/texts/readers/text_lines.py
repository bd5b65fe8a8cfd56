"""Plain text and Markdown: one text a line, or the whole file as one document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import TextIO

from metier.errors import ErrorPosition, InputError
from metier.texts.checks import MAX_DOCUMENT_CHARACTERS
from metier.texts.encodings import first_fault
from metier.texts.reader import Reader, Row, decode, not_utf8, read_document_bytes, refuse_binary

LONGEST_LINE = 6 * MAX_DOCUMENT_CHARACTERS
"""Characters of a line: JSON writes a character in up to six."""


@contextmanager
def open_text(raw: BufferedReader, name: str, *, newline: str | None) -> Iterator[TextIO]:
    """A binary file as UTF-8 text, with or without a byte order mark.

    Args:
        raw: at its beginning; it stays open.
        name: of the file, for messages.
        newline: as of `open`.

    Raises:
        InputError: at once where it is no text file, and where what is read of it is not UTF-8.
    """
    refuse_binary(raw.peek(), name)
    text = TextIOWrapper(raw, encoding="utf-8-sig", newline=newline)
    try:
        yield text
    except UnicodeDecodeError:
        raise _undecodable(raw, name) from None
    finally:
        if not raw.closed:
            text.detach()


def numbered_lines(
    text: TextIO, name: str, longest: int = LONGEST_LINE
) -> Iterator[tuple[int, str]]:
    """Each line with its number, counted from 1, and what ends it.

    Raises:
        InputError: a line has more characters than `longest`.
    """
    number = 0
    while line := text.readline(longest + 2):
        number += 1
        if len(line.rstrip("\r\n")) > longest:
            raise InputError(
                f"$position: it has more than the {longest:,} characters it may have.",
                position=ErrorPosition(name, number),
                why="The file is nearly always one long text, or in another format than its name "
                "says.",
                fix="Write one text a line.",
            )
        yield number, line


def _undecodable(raw: BufferedReader, name: str) -> InputError:
    """The error that names the first byte which is no part of UTF-8."""
    raw.seek(0)
    byte_and_line = first_fault(raw)
    if byte_and_line is not None:
        return not_utf8(name, *byte_and_line)
    return InputError(
        f"{name} was changed while it was read.", fix="Leave the file alone while it is read."
    )


def text_lines(raw: BufferedReader, name: str) -> Iterator[Row]:
    """One text a line; blank lines only separate."""
    # newline=None knows the line ends of every system; str.splitlines knows more, inside of texts
    with open_text(raw, name, newline=None) as text:
        for number, line in numbered_lines(text, name, MAX_DOCUMENT_CHARACTERS):
            if line.strip():
                yield {"id": f"{name}:{number}", "text": line.removesuffix("\n")}


def _text_file(path: Path) -> Iterator[Row]:
    with path.open("rb") as raw:
        yield from text_lines(raw, path.name)


_FRONT_MATTER = re.compile(
    r"---[ \t]*\r?\n(?:(?!---)[^\n]*\n){0,200}?"
    r"title:[ \t]*+(?P<quote>[\"']?)(?P<title>[^\r\n]{1,300}?)(?P=quote)[ \t]*+\r?\n"
)
"""The title in the lines between `---` that a Markdown file may begin with."""


def _whole_file(path: Path) -> Row:
    text = decode(read_document_bytes(path), path.name)
    front = _FRONT_MATTER.match(text) if path.suffix.lower() != ".txt" else None
    title = {"title": front["title"]} if front else {}
    return {"id": path.name, "text": text, **title}


TEXT = Reader("text", (".txt", ".md", ".markdown"), _text_file, _whole_file, text="plain")

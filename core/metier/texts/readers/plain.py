"""Plain text and Markdown: one text a line, or the whole file as one document."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from metier.texts.checks import MAX_DOCUMENT_CHARACTERS
from metier.texts.lines import numbered_lines, open_text
from metier.texts.reader import Reader, Row, decode, read_document_bytes


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


def _whole_file(path: Path) -> Row:
    return {"id": path.name, "text": decode(read_document_bytes(path), path.name)}


TEXT = Reader("text", (".txt", ".md"), _text_file, _whole_file)
